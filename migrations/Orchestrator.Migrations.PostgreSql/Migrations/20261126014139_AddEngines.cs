using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Orchestrator.Migrations.PostgreSql.Migrations
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
                type: "character varying(40)",
                maxLength: 40,
                nullable: false,
                defaultValue: "terraform");

            migrationBuilder.AddColumn<string>(
                name: "Engine",
                table: "Runs",
                type: "character varying(40)",
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
