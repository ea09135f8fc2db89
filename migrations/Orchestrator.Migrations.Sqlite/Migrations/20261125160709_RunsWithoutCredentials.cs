using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Orchestrator.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class RunsWithoutCredentials : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "Custom_WithholdsCredentials",
                table: "TeamWorkspaceAccesses",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "CustomWorkspaces_Workspace_WithholdsCredentials",
                table: "TeamProjectAccesses",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "AppliesWithoutCredentials",
                table: "Runs",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "PlansWithoutCredentials",
                table: "Runs",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Custom_WithholdsCredentials",
                table: "TeamWorkspaceAccesses");

            migrationBuilder.DropColumn(
                name: "CustomWorkspaces_Workspace_WithholdsCredentials",
                table: "TeamProjectAccesses");

            migrationBuilder.DropColumn(
                name: "AppliesWithoutCredentials",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "PlansWithoutCredentials",
                table: "Runs");
        }
    }
}
