using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Orchestrator.Migrations.PostgreSql.Migrations
{
    /// <inheritdoc />
    public partial class VcsCommands : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "AppliesBeforeMerge",
                table: "VcsRepositories",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "TakesCommands",
                table: "VcsRepositories",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "VcsAccountClaims",
                columns: table => new
                {
                    Hash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    ConnectionId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    UserId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    AccountKey = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    ExpiresAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_VcsAccountClaims", x => x.Hash);
                    table.ForeignKey(
                        name: "FK_VcsAccountClaims_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_VcsAccountClaims_VcsConnections_ConnectionId",
                        column: x => x.ConnectionId,
                        principalTable: "VcsConnections",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "VcsAccounts",
                columns: table => new
                {
                    ConnectionId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    ServiceUserId = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    ServiceUserName = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    UserId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_VcsAccounts", x => new { x.ConnectionId, x.ServiceUserId });
                    table.ForeignKey(
                        name: "FK_VcsAccounts_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_VcsAccounts_VcsConnections_ConnectionId",
                        column: x => x.ConnectionId,
                        principalTable: "VcsConnections",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_VcsAccountClaims_ConnectionId",
                table: "VcsAccountClaims",
                column: "ConnectionId");

            migrationBuilder.CreateIndex(
                name: "IX_VcsAccountClaims_UserId",
                table: "VcsAccountClaims",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_VcsAccounts_UserId",
                table: "VcsAccounts",
                column: "UserId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "VcsAccountClaims");

            migrationBuilder.DropTable(
                name: "VcsAccounts");

            migrationBuilder.DropColumn(
                name: "AppliesBeforeMerge",
                table: "VcsRepositories");

            migrationBuilder.DropColumn(
                name: "TakesCommands",
                table: "VcsRepositories");
        }
    }
}
