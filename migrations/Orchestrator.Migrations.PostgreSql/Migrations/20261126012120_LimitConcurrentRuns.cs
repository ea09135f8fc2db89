using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Orchestrator.Migrations.PostgreSql.Migrations
{
    /// <inheritdoc />
    public partial class LimitConcurrentRuns : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "MaxConcurrentRuns",
                table: "Organizations",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "MaxConcurrentRuns",
                table: "AgentPools",
                type: "integer",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "MaxConcurrentRuns",
                table: "Organizations");

            migrationBuilder.DropColumn(
                name: "MaxConcurrentRuns",
                table: "AgentPools");
        }
    }
}
