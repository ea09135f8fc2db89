using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Orchestrator.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class IndicesByStatus : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Runs_AgentPoolId",
                table: "Runs");

            migrationBuilder.DropIndex(
                name: "IX_Runs_ConfigurationVersionId",
                table: "Runs");

            migrationBuilder.CreateIndex(
                name: "IX_Runs_AgentPoolId_Status",
                table: "Runs",
                columns: new[] { "AgentPoolId", "Status" });

            migrationBuilder.CreateIndex(
                name: "IX_Runs_ConfigurationVersionId_Status",
                table: "Runs",
                columns: new[] { "ConfigurationVersionId", "Status" });

            migrationBuilder.CreateIndex(
                name: "IX_Runs_OrganizationId_Status",
                table: "Runs",
                columns: new[] { "OrganizationId", "Status" });

            migrationBuilder.CreateIndex(
                name: "IX_Runs_WorkspaceId_Status",
                table: "Runs",
                columns: new[] { "WorkspaceId", "Status" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Runs_AgentPoolId_Status",
                table: "Runs");

            migrationBuilder.DropIndex(
                name: "IX_Runs_ConfigurationVersionId_Status",
                table: "Runs");

            migrationBuilder.DropIndex(
                name: "IX_Runs_OrganizationId_Status",
                table: "Runs");

            migrationBuilder.DropIndex(
                name: "IX_Runs_WorkspaceId_Status",
                table: "Runs");

            migrationBuilder.CreateIndex(
                name: "IX_Runs_AgentPoolId",
                table: "Runs",
                column: "AgentPoolId");

            migrationBuilder.CreateIndex(
                name: "IX_Runs_ConfigurationVersionId",
                table: "Runs",
                column: "ConfigurationVersionId");
        }
    }
}
