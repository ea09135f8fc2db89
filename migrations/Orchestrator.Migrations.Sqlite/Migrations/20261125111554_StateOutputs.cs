using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Orchestrator.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class StateOutputs : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "ContentsJson",
                table: "StateVersions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Format",
                table: "StateVersions",
                type: "INTEGER",
                nullable: false,
                defaultValue: 4);

            migrationBuilder.AddColumn<bool>(
                name: "HasJson",
                table: "StateVersions",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "OutputCount",
                table: "StateVersions",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "PreviousId",
                table: "StateVersions",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "RollbackOfId",
                table: "StateVersions",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "StateOutputs",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    StateVersionId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Name = table.Column<string>(type: "TEXT", maxLength: 500, nullable: false),
                    Sensitive = table.Column<bool>(type: "INTEGER", nullable: false),
                    DetailedType = table.Column<string>(type: "TEXT", nullable: false),
                    ProtectedValue = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_StateOutputs", x => x.Id);
                    table.ForeignKey(
                        name: "FK_StateOutputs_StateVersions_StateVersionId",
                        column: x => x.StateVersionId,
                        principalTable: "StateVersions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_StateVersions_PreviousId",
                table: "StateVersions",
                column: "PreviousId");

            migrationBuilder.CreateIndex(
                name: "IX_StateOutputs_StateVersionId",
                table: "StateOutputs",
                column: "StateVersionId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "StateOutputs");

            migrationBuilder.DropIndex(
                name: "IX_StateVersions_PreviousId",
                table: "StateVersions");

            migrationBuilder.DropColumn(
                name: "ContentsJson",
                table: "StateVersions");

            migrationBuilder.DropColumn(
                name: "Format",
                table: "StateVersions");

            migrationBuilder.DropColumn(
                name: "HasJson",
                table: "StateVersions");

            migrationBuilder.DropColumn(
                name: "OutputCount",
                table: "StateVersions");

            migrationBuilder.DropColumn(
                name: "PreviousId",
                table: "StateVersions");

            migrationBuilder.DropColumn(
                name: "RollbackOfId",
                table: "StateVersions");
        }
    }
}
