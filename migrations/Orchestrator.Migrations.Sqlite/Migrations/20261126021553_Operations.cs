using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Orchestrator.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Operations : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "DivergedRunId",
                table: "Workspaces",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

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

            migrationBuilder.AddColumn<string>(
                name: "Engine",
                table: "Workspaces",
                type: "TEXT",
                maxLength: 40,
                nullable: false,
                defaultValue: "terraform");

            migrationBuilder.AddColumn<bool>(
                name: "AppliesBeforeMerge",
                table: "VcsRepositories",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "SeenTags",
                table: "VcsRepositories",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "TakesCommands",
                table: "VcsRepositories",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "TraceContext",
                table: "VcsDeliveries",
                type: "TEXT",
                maxLength: 55,
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "DisabledAt",
                table: "Users",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Engine",
                table: "Runs",
                type: "TEXT",
                maxLength: 40,
                nullable: false,
                defaultValue: "terraform");

            migrationBuilder.AddColumn<int>(
                name: "LeaseSeconds",
                table: "Runs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTime>(
                name: "LogsRemovedAt",
                table: "Runs",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "PlanRemovedAt",
                table: "Runs",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "StateDiverged",
                table: "Runs",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "TraceContext",
                table: "Runs",
                type: "TEXT",
                maxLength: 55,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "MayReadState",
                table: "RunTokens",
                type: "INTEGER",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<int>(
                name: "MaxConcurrentRuns",
                table: "Organizations",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "MaxConcurrentRuns",
                table: "AgentPools",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "RetentionRules",
                columns: table => new
                {
                    OrganizationId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Kind = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    Days = table.Column<int>(type: "INTEGER", nullable: true),
                    Count = table.Column<int>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RetentionRules", x => new { x.OrganizationId, x.Kind });
                    table.ForeignKey(
                        name: "FK_RetentionRules_Organizations_OrganizationId",
                        column: x => x.OrganizationId,
                        principalTable: "Organizations",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "VcsAccountClaims",
                columns: table => new
                {
                    Hash = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    ConnectionId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    UserId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    AccountKey = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    ExpiresAt = table.Column<DateTime>(type: "TEXT", nullable: false)
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
                    ConnectionId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    ServiceUserId = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    ServiceUserName = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    UserId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false)
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
                name: "RetentionRules");

            migrationBuilder.DropTable(
                name: "VcsAccountClaims");

            migrationBuilder.DropTable(
                name: "VcsAccounts");

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
                name: "DivergedRunId",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "DriftRunId",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "DriftedResources",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "Engine",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "AppliesBeforeMerge",
                table: "VcsRepositories");

            migrationBuilder.DropColumn(
                name: "SeenTags",
                table: "VcsRepositories");

            migrationBuilder.DropColumn(
                name: "TakesCommands",
                table: "VcsRepositories");

            migrationBuilder.DropColumn(
                name: "TraceContext",
                table: "VcsDeliveries");

            migrationBuilder.DropColumn(
                name: "DisabledAt",
                table: "Users");

            migrationBuilder.DropColumn(
                name: "Engine",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "LeaseSeconds",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "LogsRemovedAt",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "PlanRemovedAt",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "StateDiverged",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "TraceContext",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "MayReadState",
                table: "RunTokens");

            migrationBuilder.DropColumn(
                name: "MaxConcurrentRuns",
                table: "Organizations");

            migrationBuilder.DropColumn(
                name: "MaxConcurrentRuns",
                table: "AgentPools");
        }
    }
}
