using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Orchestrator.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class AddEngines : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Engine",
                table: "Workspaces",
                type: "TEXT",
                maxLength: 40,
                nullable: false,
                defaultValue: "terraform");

            migrationBuilder.AddColumn<string>(
                name: "Engine",
                table: "Runs",
                type: "TEXT",
                maxLength: 40,
                nullable: false,
                defaultValue: "terraform");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Engine",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "Engine",
                table: "Runs");
        }
    }
}
