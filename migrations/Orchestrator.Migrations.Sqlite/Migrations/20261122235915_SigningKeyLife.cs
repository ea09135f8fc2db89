using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Orchestrator.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class SigningKeyLife : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_SigningKeys_State",
                table: "SigningKeys");

            migrationBuilder.AlterColumn<byte[]>(
                name: "ProtectedPrivateKey",
                table: "SigningKeys",
                type: "BLOB",
                nullable: true,
                oldClrType: typeof(byte[]),
                oldType: "BLOB");

            migrationBuilder.AddColumn<DateTime>(
                name: "ActivatedAt",
                table: "SigningKeys",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "MaySignAt",
                table: "SigningKeys",
                type: "TEXT",
                nullable: false,
                defaultValue: new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified));

            migrationBuilder.AddColumn<DateTime>(
                name: "NeededUntil",
                table: "SigningKeys",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "RetiredAt",
                table: "SigningKeys",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "RetiresAt",
                table: "SigningKeys",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_SigningKeys_State",
                table: "SigningKeys",
                column: "State",
                unique: true,
                filter: "\"State\" IN ('next', 'active')");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_SigningKeys_State",
                table: "SigningKeys");

            migrationBuilder.DropColumn(
                name: "ActivatedAt",
                table: "SigningKeys");

            migrationBuilder.DropColumn(
                name: "MaySignAt",
                table: "SigningKeys");

            migrationBuilder.DropColumn(
                name: "NeededUntil",
                table: "SigningKeys");

            migrationBuilder.DropColumn(
                name: "RetiredAt",
                table: "SigningKeys");

            migrationBuilder.DropColumn(
                name: "RetiresAt",
                table: "SigningKeys");

            migrationBuilder.AlterColumn<byte[]>(
                name: "ProtectedPrivateKey",
                table: "SigningKeys",
                type: "BLOB",
                nullable: false,
                defaultValue: new byte[0],
                oldClrType: typeof(byte[]),
                oldType: "BLOB",
                oldNullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_SigningKeys_State",
                table: "SigningKeys",
                column: "State",
                unique: true,
                filter: "\"State\" = 'active'");
        }
    }
}
