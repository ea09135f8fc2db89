using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Orchestrator.Migrations.PostgreSql.Migrations
{
    /// <inheritdoc />
    public partial class AddVersionControl : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "IngressAttributes",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    ConfigurationVersionId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    ConnectionId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Identifier = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    Branch = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    Tag = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    CloneUrl = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    CommitSha = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    CommitMessage = table.Column<string>(type: "character varying(4000)", maxLength: 4000, nullable: true),
                    CommitAuthor = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    CommitUrl = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    CompareUrl = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    OnDefaultBranch = table.Column<bool>(type: "boolean", nullable: false),
                    PullRequestNumber = table.Column<int>(type: "integer", nullable: true),
                    PullRequestUrl = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    PullRequestTitle = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    PullRequestBody = table.Column<string>(type: "character varying(4000)", maxLength: 4000, nullable: true),
                    SenderUsername = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    SenderAvatarUrl = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    SenderHtmlUrl = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_IngressAttributes", x => x.Id);
                    table.ForeignKey(
                        name: "FK_IngressAttributes_ConfigurationVersions_ConfigurationVersio~",
                        column: x => x.ConfigurationVersionId,
                        principalTable: "ConfigurationVersions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "VcsConnections",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    OrganizationId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Service = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    HttpUrl = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    ApiUrl = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    TokenId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    Username = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    ProtectedToken = table.Column<byte[]>(type: "bytea", nullable: true),
                    AppId = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: true),
                    InstallationId = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: true),
                    ProtectedAppKey = table.Column<byte[]>(type: "bytea", nullable: true),
                    ProtectedSshKey = table.Column<byte[]>(type: "bytea", nullable: true),
                    KnownHosts = table.Column<string>(type: "text", nullable: true),
                    ProtectedWebhookSecret = table.Column<byte[]>(type: "bytea", nullable: false),
                    OrganizationScoped = table.Column<bool>(type: "boolean", nullable: false),
                    PollMinutes = table.Column<int>(type: "integer", nullable: true),
                    PolledAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Account = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    Problem = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    CheckedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    UpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_VcsConnections", x => x.Id);
                    table.ForeignKey(
                        name: "FK_VcsConnections_Organizations_OrganizationId",
                        column: x => x.OrganizationId,
                        principalTable: "Organizations",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "VcsConnectionProjects",
                columns: table => new
                {
                    ConnectionId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    ProjectId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_VcsConnectionProjects", x => new { x.ConnectionId, x.ProjectId });
                    table.ForeignKey(
                        name: "FK_VcsConnectionProjects_Projects_ProjectId",
                        column: x => x.ProjectId,
                        principalTable: "Projects",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_VcsConnectionProjects_VcsConnections_ConnectionId",
                        column: x => x.ConnectionId,
                        principalTable: "VcsConnections",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "VcsDeliveries",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    ConnectionId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    ProviderId = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    Event = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    Repository = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    CommitSha = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    Sender = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    Status = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Reason = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    Attempts = table.Column<int>(type: "integer", nullable: false),
                    DueAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    ProtectedBody = table.Column<byte[]>(type: "bytea", nullable: true),
                    Size = table.Column<long>(type: "bigint", nullable: false),
                    ReceivedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    FinishedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_VcsDeliveries", x => x.Id);
                    table.ForeignKey(
                        name: "FK_VcsDeliveries_VcsConnections_ConnectionId",
                        column: x => x.ConnectionId,
                        principalTable: "VcsConnections",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "VcsReports",
                columns: table => new
                {
                    RunId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    ConnectionId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Repository = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    CommitSha = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    PullRequest = table.Column<int>(type: "integer", nullable: true),
                    ReportedStatus = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: true),
                    DueAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Attempts = table.Column<int>(type: "integer", nullable: false),
                    IsDone = table.Column<bool>(type: "boolean", nullable: false),
                    Problem = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_VcsReports", x => x.RunId);
                    table.ForeignKey(
                        name: "FK_VcsReports_Runs_RunId",
                        column: x => x.RunId,
                        principalTable: "Runs",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_VcsReports_VcsConnections_ConnectionId",
                        column: x => x.ConnectionId,
                        principalTable: "VcsConnections",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "VcsRepositories",
                columns: table => new
                {
                    WorkspaceId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    ConnectionId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Identifier = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    IdentifierKey = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    Branch = table.Column<string>(type: "character varying(250)", maxLength: 250, nullable: true),
                    DefaultBranch = table.Column<string>(type: "character varying(250)", maxLength: 250, nullable: true),
                    IngressSubmodules = table.Column<bool>(type: "boolean", nullable: false),
                    TagsRegex = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    PlansForks = table.Column<bool>(type: "boolean", nullable: false),
                    LastCommit = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    Problem = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_VcsRepositories", x => x.WorkspaceId);
                    table.ForeignKey(
                        name: "FK_VcsRepositories_VcsConnections_ConnectionId",
                        column: x => x.ConnectionId,
                        principalTable: "VcsConnections",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_VcsRepositories_Workspaces_WorkspaceId",
                        column: x => x.WorkspaceId,
                        principalTable: "Workspaces",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "VcsThreads",
                columns: table => new
                {
                    ConnectionId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Repository = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    PullRequest = table.Column<int>(type: "integer", nullable: false),
                    CommentId = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    BusyUntil = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_VcsThreads", x => new { x.ConnectionId, x.Repository, x.PullRequest });
                    table.ForeignKey(
                        name: "FK_VcsThreads_VcsConnections_ConnectionId",
                        column: x => x.ConnectionId,
                        principalTable: "VcsConnections",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "VcsOutcomes",
                columns: table => new
                {
                    DeliveryId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    WorkspaceId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Decision = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Reason = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    ConfigurationVersionId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    RunId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_VcsOutcomes", x => new { x.DeliveryId, x.WorkspaceId });
                    table.ForeignKey(
                        name: "FK_VcsOutcomes_VcsDeliveries_DeliveryId",
                        column: x => x.DeliveryId,
                        principalTable: "VcsDeliveries",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_VcsOutcomes_Workspaces_WorkspaceId",
                        column: x => x.WorkspaceId,
                        principalTable: "Workspaces",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_IngressAttributes_CommitSha",
                table: "IngressAttributes",
                column: "CommitSha");

            migrationBuilder.CreateIndex(
                name: "IX_IngressAttributes_ConfigurationVersionId",
                table: "IngressAttributes",
                column: "ConfigurationVersionId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_IngressAttributes_ConnectionId_Identifier_PullRequestNumber",
                table: "IngressAttributes",
                columns: new[] { "ConnectionId", "Identifier", "PullRequestNumber" });

            migrationBuilder.CreateIndex(
                name: "IX_VcsConnectionProjects_ProjectId",
                table: "VcsConnectionProjects",
                column: "ProjectId");

            migrationBuilder.CreateIndex(
                name: "IX_VcsConnections_OrganizationId",
                table: "VcsConnections",
                column: "OrganizationId");

            migrationBuilder.CreateIndex(
                name: "IX_VcsConnections_TokenId",
                table: "VcsConnections",
                column: "TokenId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_VcsDeliveries_ConnectionId_ProviderId",
                table: "VcsDeliveries",
                columns: new[] { "ConnectionId", "ProviderId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_VcsDeliveries_ConnectionId_ReceivedAt",
                table: "VcsDeliveries",
                columns: new[] { "ConnectionId", "ReceivedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_VcsDeliveries_Status_DueAt",
                table: "VcsDeliveries",
                columns: new[] { "Status", "DueAt" });

            migrationBuilder.CreateIndex(
                name: "IX_VcsOutcomes_WorkspaceId",
                table: "VcsOutcomes",
                column: "WorkspaceId");

            migrationBuilder.CreateIndex(
                name: "IX_VcsReports_ConnectionId_Repository_CommitSha",
                table: "VcsReports",
                columns: new[] { "ConnectionId", "Repository", "CommitSha" });

            migrationBuilder.CreateIndex(
                name: "IX_VcsReports_IsDone_DueAt",
                table: "VcsReports",
                columns: new[] { "IsDone", "DueAt" });

            migrationBuilder.CreateIndex(
                name: "IX_VcsRepositories_ConnectionId_IdentifierKey",
                table: "VcsRepositories",
                columns: new[] { "ConnectionId", "IdentifierKey" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "IngressAttributes");

            migrationBuilder.DropTable(
                name: "VcsConnectionProjects");

            migrationBuilder.DropTable(
                name: "VcsOutcomes");

            migrationBuilder.DropTable(
                name: "VcsReports");

            migrationBuilder.DropTable(
                name: "VcsRepositories");

            migrationBuilder.DropTable(
                name: "VcsThreads");

            migrationBuilder.DropTable(
                name: "VcsDeliveries");

            migrationBuilder.DropTable(
                name: "VcsConnections");
        }
    }
}
