using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Orchestrator.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class AddDrift : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "DriftRunId",
                table: "Workspaces",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "DriftedResources",
                table: "Workspaces",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.CreateIndex(
                name: "IX_Workspaces_DriftRunId",
                table: "Workspaces",
                column: "DriftRunId");

            migrationBuilder.CreateIndex(
                name: "IX_Workspaces_OrganizationId_CurrentRunId",
                table: "Workspaces",
                columns: new[] { "OrganizationId", "CurrentRunId" });

            migrationBuilder.CreateIndex(
                name: "IX_Workspaces_UpdatedAt",
                table: "Workspaces",
                column: "UpdatedAt");

            migrationBuilder.CreateIndex(
                name: "IX_Runs_Id_Status",
                table: "Runs",
                columns: new[] { "Id", "Status" });

            migrationBuilder.CreateIndex(
                name: "IX_Runs_Status_CreatedAt_Id",
                table: "Runs",
                columns: new[] { "Status", "CreatedAt", "Id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Workspaces_DriftRunId",
                table: "Workspaces");

            migrationBuilder.DropIndex(
                name: "IX_Workspaces_OrganizationId_CurrentRunId",
                table: "Workspaces");

            migrationBuilder.DropIndex(
                name: "IX_Workspaces_UpdatedAt",
                table: "Workspaces");

            migrationBuilder.DropIndex(
                name: "IX_Runs_Id_Status",
                table: "Runs");

            migrationBuilder.DropIndex(
                name: "IX_Runs_Status_CreatedAt_Id",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "DriftRunId",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "DriftedResources",
                table: "Workspaces");
        }
    }
}
