using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Orchestrator.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class People : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "LockedById",
                table: "Workspaces",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "CreatedById",
                table: "StateVersions",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ConfirmedById",
                table: "Runs",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "CreatedById",
                table: "Runs",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ActorId",
                table: "RunEvents",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "CreatedBy",
                table: "ConfigurationVersions",
                type: "TEXT",
                maxLength: 200,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "CreatedById",
                table: "ConfigurationVersions",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "Teams",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    OrganizationId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Name = table.Column<string>(type: "TEXT", maxLength: 90, nullable: false),
                    Visibility = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    SsoTeamId = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    AllowMemberTokenManagement = table.Column<bool>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    OrganizationAccess_AccessSecretTeams = table.Column<bool>(type: "INTEGER", nullable: false),
                    OrganizationAccess_ManageAgentPools = table.Column<bool>(type: "INTEGER", nullable: false),
                    OrganizationAccess_ManageMembership = table.Column<bool>(type: "INTEGER", nullable: false),
                    OrganizationAccess_ManageModules = table.Column<bool>(type: "INTEGER", nullable: false),
                    OrganizationAccess_ManageOrganizationAccess = table.Column<bool>(type: "INTEGER", nullable: false),
                    OrganizationAccess_ManagePolicies = table.Column<bool>(type: "INTEGER", nullable: false),
                    OrganizationAccess_ManagePolicyOverrides = table.Column<bool>(type: "INTEGER", nullable: false),
                    OrganizationAccess_ManageProjects = table.Column<bool>(type: "INTEGER", nullable: false),
                    OrganizationAccess_ManageProviders = table.Column<bool>(type: "INTEGER", nullable: false),
                    OrganizationAccess_ManageRunTasks = table.Column<bool>(type: "INTEGER", nullable: false),
                    OrganizationAccess_ManageTeams = table.Column<bool>(type: "INTEGER", nullable: false),
                    OrganizationAccess_ManageVcsSettings = table.Column<bool>(type: "INTEGER", nullable: false),
                    OrganizationAccess_ManageWorkspaces = table.Column<bool>(type: "INTEGER", nullable: false),
                    OrganizationAccess_ReadProjects = table.Column<bool>(type: "INTEGER", nullable: false),
                    OrganizationAccess_ReadWorkspaces = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Teams", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Teams_Organizations_OrganizationId",
                        column: x => x.OrganizationId,
                        principalTable: "Organizations",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Users",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Username = table.Column<string>(type: "TEXT", maxLength: 60, nullable: false),
                    UsernameKey = table.Column<string>(type: "TEXT", maxLength: 60, nullable: false),
                    Email = table.Column<string>(type: "TEXT", maxLength: 254, nullable: true),
                    EmailKey = table.Column<string>(type: "TEXT", maxLength: 254, nullable: true),
                    IsSiteAdmin = table.Column<bool>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Users", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "TeamProjectAccesses",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    TeamId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    ProjectId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Level = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    Custom_Settings = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    Custom_Teams = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    Custom_VariableSets = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    CustomWorkspaces_Create = table.Column<bool>(type: "INTEGER", nullable: false),
                    CustomWorkspaces_Delete = table.Column<bool>(type: "INTEGER", nullable: false),
                    CustomWorkspaces_Move = table.Column<bool>(type: "INTEGER", nullable: false),
                    CustomWorkspaces_Workspace_Locking = table.Column<bool>(type: "INTEGER", nullable: false),
                    CustomWorkspaces_Workspace_RunTasks = table.Column<bool>(type: "INTEGER", nullable: false),
                    CustomWorkspaces_Workspace_Runs = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    CustomWorkspaces_Workspace_SentinelMocks = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    CustomWorkspaces_Workspace_StateVersions = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    CustomWorkspaces_Workspace_Variables = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TeamProjectAccesses", x => x.Id);
                    table.ForeignKey(
                        name: "FK_TeamProjectAccesses_Projects_ProjectId",
                        column: x => x.ProjectId,
                        principalTable: "Projects",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_TeamProjectAccesses_Teams_TeamId",
                        column: x => x.TeamId,
                        principalTable: "Teams",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "TeamWorkspaceAccesses",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    TeamId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    WorkspaceId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Level = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    Custom_Locking = table.Column<bool>(type: "INTEGER", nullable: false),
                    Custom_RunTasks = table.Column<bool>(type: "INTEGER", nullable: false),
                    Custom_Runs = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    Custom_SentinelMocks = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    Custom_StateVersions = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    Custom_Variables = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TeamWorkspaceAccesses", x => x.Id);
                    table.ForeignKey(
                        name: "FK_TeamWorkspaceAccesses_Teams_TeamId",
                        column: x => x.TeamId,
                        principalTable: "Teams",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_TeamWorkspaceAccesses_Workspaces_WorkspaceId",
                        column: x => x.WorkspaceId,
                        principalTable: "Workspaces",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ApiTokens",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Hash = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    UserId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: true),
                    TeamId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: true),
                    OrganizationId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: true),
                    Description = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    CreatedById = table.Column<string>(type: "TEXT", maxLength: 32, nullable: true),
                    CreatedBy = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    LastUsedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    ExpiredAt = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ApiTokens", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ApiTokens_Organizations_OrganizationId",
                        column: x => x.OrganizationId,
                        principalTable: "Organizations",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_ApiTokens_Teams_TeamId",
                        column: x => x.TeamId,
                        principalTable: "Teams",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_ApiTokens_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "OrganizationMemberships",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    OrganizationId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    UserId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: true),
                    Status = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    Email = table.Column<string>(type: "TEXT", maxLength: 254, nullable: true),
                    EmailKey = table.Column<string>(type: "TEXT", maxLength: 254, nullable: true),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_OrganizationMemberships", x => x.Id);
                    table.ForeignKey(
                        name: "FK_OrganizationMemberships_Organizations_OrganizationId",
                        column: x => x.OrganizationId,
                        principalTable: "Organizations",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_OrganizationMemberships_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "TeamMembers",
                columns: table => new
                {
                    TeamId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    MembershipId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TeamMembers", x => new { x.TeamId, x.MembershipId });
                    table.ForeignKey(
                        name: "FK_TeamMembers_OrganizationMemberships_MembershipId",
                        column: x => x.MembershipId,
                        principalTable: "OrganizationMemberships",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_TeamMembers_Teams_TeamId",
                        column: x => x.TeamId,
                        principalTable: "Teams",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_ApiTokens_Hash",
                table: "ApiTokens",
                column: "Hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_ApiTokens_OrganizationId",
                table: "ApiTokens",
                column: "OrganizationId");

            migrationBuilder.CreateIndex(
                name: "IX_ApiTokens_TeamId",
                table: "ApiTokens",
                column: "TeamId");

            migrationBuilder.CreateIndex(
                name: "IX_ApiTokens_UserId",
                table: "ApiTokens",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_OrganizationMemberships_OrganizationId_EmailKey",
                table: "OrganizationMemberships",
                columns: new[] { "OrganizationId", "EmailKey" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_OrganizationMemberships_OrganizationId_UserId",
                table: "OrganizationMemberships",
                columns: new[] { "OrganizationId", "UserId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_OrganizationMemberships_UserId",
                table: "OrganizationMemberships",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_TeamMembers_MembershipId",
                table: "TeamMembers",
                column: "MembershipId");

            migrationBuilder.CreateIndex(
                name: "IX_TeamProjectAccesses_ProjectId",
                table: "TeamProjectAccesses",
                column: "ProjectId");

            migrationBuilder.CreateIndex(
                name: "IX_TeamProjectAccesses_TeamId_ProjectId",
                table: "TeamProjectAccesses",
                columns: new[] { "TeamId", "ProjectId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_TeamWorkspaceAccesses_TeamId_WorkspaceId",
                table: "TeamWorkspaceAccesses",
                columns: new[] { "TeamId", "WorkspaceId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_TeamWorkspaceAccesses_WorkspaceId",
                table: "TeamWorkspaceAccesses",
                column: "WorkspaceId");

            migrationBuilder.CreateIndex(
                name: "IX_Teams_OrganizationId_Name",
                table: "Teams",
                columns: new[] { "OrganizationId", "Name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Users_EmailKey",
                table: "Users",
                column: "EmailKey",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Users_UsernameKey",
                table: "Users",
                column: "UsernameKey",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ApiTokens");

            migrationBuilder.DropTable(
                name: "TeamMembers");

            migrationBuilder.DropTable(
                name: "TeamProjectAccesses");

            migrationBuilder.DropTable(
                name: "TeamWorkspaceAccesses");

            migrationBuilder.DropTable(
                name: "OrganizationMemberships");

            migrationBuilder.DropTable(
                name: "Teams");

            migrationBuilder.DropTable(
                name: "Users");

            migrationBuilder.DropColumn(
                name: "LockedById",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "CreatedById",
                table: "StateVersions");

            migrationBuilder.DropColumn(
                name: "ConfirmedById",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "CreatedById",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "ActorId",
                table: "RunEvents");

            migrationBuilder.DropColumn(
                name: "CreatedBy",
                table: "ConfigurationVersions");

            migrationBuilder.DropColumn(
                name: "CreatedById",
                table: "ConfigurationVersions");
        }
    }
}
