using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Orchestrator.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class SubjectTemplates : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                UPDATE "CredentialGrants" SET
                    "CreatedAt" = "TokenIssuedAt",
                    "WorkspaceId" = (SELECT r."WorkspaceId" FROM "Runs" r WHERE r."Id" = "CredentialGrants"."RunId"),
                    "OrganizationId" = (SELECT w."OrganizationId" FROM "Runs" r JOIN "Workspaces" w ON w."Id" = r."WorkspaceId" WHERE r."Id" = "CredentialGrants"."RunId")
                """);

            migrationBuilder.AddColumn<string>(
                name: "SubjectTemplate",
                table: "CredentialPolicies",
                type: "TEXT",
                maxLength: 500,
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "SubjectTemplate",
                table: "CredentialPolicies");
        }
    }
}
