using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Orchestrator.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class CredentialPolicies : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.RenameColumn(
                name: "DurationMilliseconds",
                table: "CredentialGrants",
                newName: "ExchangeMilliseconds");

            migrationBuilder.AlterColumn<string>(
                name: "SessionName",
                table: "CredentialGrants",
                type: "TEXT",
                maxLength: 64,
                nullable: true,
                oldClrType: typeof(string),
                oldType: "TEXT",
                oldMaxLength: 64);

            migrationBuilder.AlterColumn<string>(
                name: "Role",
                table: "CredentialGrants",
                type: "TEXT",
                maxLength: 2048,
                nullable: true,
                oldClrType: typeof(string),
                oldType: "TEXT",
                oldMaxLength: 2048);

            migrationBuilder.AddColumn<DateTime>(
                name: "CreatedAt",
                table: "CredentialGrants",
                type: "TEXT",
                nullable: false,
                defaultValue: new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified));

            migrationBuilder.AlterColumn<int>(
                name: "ExchangeMilliseconds",
                table: "CredentialGrants",
                type: "INTEGER",
                nullable: true,
                oldClrType: typeof(int),
                oldType: "INTEGER");

            migrationBuilder.AddColumn<int>(
                name: "TokenMilliseconds",
                table: "CredentialGrants",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "OrganizationId",
                table: "CredentialGrants",
                type: "TEXT",
                maxLength: 32,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "Tag",
                table: "CredentialGrants",
                type: "TEXT",
                maxLength: 255,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "WorkspaceId",
                table: "CredentialGrants",
                type: "TEXT",
                maxLength: 32,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<bool>(
                name: "FromFork",
                table: "ConfigurationVersions",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "CredentialPolicies",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    OrganizationId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: true),
                    ProjectId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: true),
                    WorkspaceId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: true),
                    Delivery = table.Column<string>(type: "TEXT", maxLength: 40, nullable: true),
                    Speculative = table.Column<string>(type: "TEXT", maxLength: 40, nullable: true),
                    ReadOnlyPlan = table.Column<bool>(type: "INTEGER", nullable: true),
                    SessionTags = table.Column<bool>(type: "INTEGER", nullable: true),
                    AllowedRoles = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_CredentialPolicies", x => x.Id);
                    table.ForeignKey(
                        name: "FK_CredentialPolicies_Organizations_OrganizationId",
                        column: x => x.OrganizationId,
                        principalTable: "Organizations",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_CredentialPolicies_Projects_ProjectId",
                        column: x => x.ProjectId,
                        principalTable: "Projects",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_CredentialPolicies_Workspaces_WorkspaceId",
                        column: x => x.WorkspaceId,
                        principalTable: "Workspaces",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_CredentialGrants_OrganizationId_CreatedAt",
                table: "CredentialGrants",
                columns: new[] { "OrganizationId", "CreatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_CredentialGrants_WorkspaceId_CreatedAt",
                table: "CredentialGrants",
                columns: new[] { "WorkspaceId", "CreatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_CredentialPolicies_OrganizationId",
                table: "CredentialPolicies",
                column: "OrganizationId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_CredentialPolicies_ProjectId",
                table: "CredentialPolicies",
                column: "ProjectId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_CredentialPolicies_WorkspaceId",
                table: "CredentialPolicies",
                column: "WorkspaceId",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "CredentialPolicies");

            migrationBuilder.DropIndex(
                name: "IX_CredentialGrants_OrganizationId_CreatedAt",
                table: "CredentialGrants");

            migrationBuilder.DropIndex(
                name: "IX_CredentialGrants_WorkspaceId_CreatedAt",
                table: "CredentialGrants");

            migrationBuilder.DropColumn(
                name: "CreatedAt",
                table: "CredentialGrants");

            migrationBuilder.DropColumn(
                name: "TokenMilliseconds",
                table: "CredentialGrants");

            migrationBuilder.DropColumn(
                name: "OrganizationId",
                table: "CredentialGrants");

            migrationBuilder.DropColumn(
                name: "Tag",
                table: "CredentialGrants");

            migrationBuilder.DropColumn(
                name: "WorkspaceId",
                table: "CredentialGrants");

            migrationBuilder.DropColumn(
                name: "FromFork",
                table: "ConfigurationVersions");

            migrationBuilder.RenameColumn(
                name: "ExchangeMilliseconds",
                table: "CredentialGrants",
                newName: "DurationMilliseconds");

            migrationBuilder.AlterColumn<string>(
                name: "SessionName",
                table: "CredentialGrants",
                type: "TEXT",
                maxLength: 64,
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "TEXT",
                oldMaxLength: 64,
                oldNullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "Role",
                table: "CredentialGrants",
                type: "TEXT",
                maxLength: 2048,
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "TEXT",
                oldMaxLength: 2048,
                oldNullable: true);
        }
    }
}
