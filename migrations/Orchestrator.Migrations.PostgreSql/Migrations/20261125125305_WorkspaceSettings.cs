using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Orchestrator.Migrations.PostgreSql.Migrations
{
    /// <inheritdoc />
    public partial class WorkspaceSettings : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<string>(
                name: "ExecutionMode",
                table: "Workspaces",
                type: "character varying(40)",
                maxLength: 40,
                nullable: true,
                oldClrType: typeof(string),
                oldType: "character varying(40)",
                oldMaxLength: 40);

            migrationBuilder.AddColumn<string>(
                name: "AgentPoolId",
                table: "Workspaces",
                type: "character varying(32)",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Figures_ApplyMilliseconds",
                table: "Workspaces",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Figures_Failures",
                table: "Workspaces",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Figures_PlanMilliseconds",
                table: "Workspaces",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Figures_Runs",
                table: "Workspaces",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "FileTriggersEnabled",
                table: "Workspaces",
                type: "boolean",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<bool>(
                name: "GlobalRemoteState",
                table: "Workspaces",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "ProjectRemoteState",
                table: "Workspaces",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "QueueAllRuns",
                table: "Workspaces",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "Source",
                table: "Workspaces",
                type: "character varying(40)",
                maxLength: 40,
                nullable: false,
                defaultValue: "tfe-api");

            migrationBuilder.AddColumn<string>(
                name: "SourceName",
                table: "Workspaces",
                type: "character varying(500)",
                maxLength: 500,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "SourceUrl",
                table: "Workspaces",
                type: "character varying(500)",
                maxLength: 500,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "SpeculativeEnabled",
                table: "Workspaces",
                type: "boolean",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<string>(
                name: "SshKeyId",
                table: "Workspaces",
                type: "character varying(32)",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "StructuredRunOutputEnabled",
                table: "Workspaces",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "TriggerPatterns",
                table: "Workspaces",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "TriggerPrefixes",
                table: "Workspaces",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "AgentPoolId",
                table: "Runs",
                type: "character varying(32)",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "DefaultAgentPoolId",
                table: "Projects",
                type: "character varying(32)",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "DefaultExecutionMode",
                table: "Projects",
                type: "character varying(40)",
                maxLength: 40,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "AllowForceDeleteWorkspaces",
                table: "Organizations",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "DefaultAgentPoolId",
                table: "Organizations",
                type: "character varying(32)",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "DefaultExecutionMode",
                table: "Organizations",
                type: "character varying(40)",
                maxLength: 40,
                nullable: false,
                defaultValue: "remote");

            migrationBuilder.CreateTable(
                name: "AgentPools",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    OrganizationId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Name = table.Column<string>(type: "character varying(90)", maxLength: 90, nullable: false),
                    OrganizationScoped = table.Column<bool>(type: "boolean", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AgentPools", x => x.Id);
                    table.ForeignKey(
                        name: "FK_AgentPools_Organizations_OrganizationId",
                        column: x => x.OrganizationId,
                        principalTable: "Organizations",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ProjectTags",
                columns: table => new
                {
                    ProjectId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Key = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false),
                    Value = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ProjectTags", x => new { x.ProjectId, x.Key });
                    table.ForeignKey(
                        name: "FK_ProjectTags_Projects_ProjectId",
                        column: x => x.ProjectId,
                        principalTable: "Projects",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "RemoteStateConsumers",
                columns: table => new
                {
                    WorkspaceId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    ConsumerId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RemoteStateConsumers", x => new { x.WorkspaceId, x.ConsumerId });
                    table.ForeignKey(
                        name: "FK_RemoteStateConsumers_Workspaces_ConsumerId",
                        column: x => x.ConsumerId,
                        principalTable: "Workspaces",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_RemoteStateConsumers_Workspaces_WorkspaceId",
                        column: x => x.WorkspaceId,
                        principalTable: "Workspaces",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ReservedTagKeys",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    OrganizationId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Key = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false),
                    DisableOverrides = table.Column<bool>(type: "boolean", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    UpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ReservedTagKeys", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ReservedTagKeys_Organizations_OrganizationId",
                        column: x => x.OrganizationId,
                        principalTable: "Organizations",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "SshKeys",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    OrganizationId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Name = table.Column<string>(type: "character varying(90)", maxLength: 90, nullable: false),
                    ProtectedValue = table.Column<byte[]>(type: "bytea", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SshKeys", x => x.Id);
                    table.ForeignKey(
                        name: "FK_SshKeys_Organizations_OrganizationId",
                        column: x => x.OrganizationId,
                        principalTable: "Organizations",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "WorkspaceTags",
                columns: table => new
                {
                    WorkspaceId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Key = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false),
                    Value = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: false),
                    OrganizationId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    TagId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_WorkspaceTags", x => new { x.WorkspaceId, x.Key });
                    table.ForeignKey(
                        name: "FK_WorkspaceTags_Workspaces_WorkspaceId",
                        column: x => x.WorkspaceId,
                        principalTable: "Workspaces",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "AgentPoolProjects",
                columns: table => new
                {
                    PoolId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    ProjectId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AgentPoolProjects", x => new { x.PoolId, x.ProjectId });
                    table.ForeignKey(
                        name: "FK_AgentPoolProjects_AgentPools_PoolId",
                        column: x => x.PoolId,
                        principalTable: "AgentPools",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_AgentPoolProjects_Projects_ProjectId",
                        column: x => x.ProjectId,
                        principalTable: "Projects",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "AgentPoolWorkspaces",
                columns: table => new
                {
                    PoolId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    WorkspaceId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Excluded = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AgentPoolWorkspaces", x => new { x.PoolId, x.WorkspaceId, x.Excluded });
                    table.ForeignKey(
                        name: "FK_AgentPoolWorkspaces_AgentPools_PoolId",
                        column: x => x.PoolId,
                        principalTable: "AgentPools",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_AgentPoolWorkspaces_Workspaces_WorkspaceId",
                        column: x => x.WorkspaceId,
                        principalTable: "Workspaces",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Agents",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    PoolId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Worker = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    Name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    IpAddress = table.Column<string>(type: "character varying(45)", maxLength: 45, nullable: true),
                    StartedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    LastPingAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    ExitedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Agents", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Agents_AgentPools_PoolId",
                        column: x => x.PoolId,
                        principalTable: "AgentPools",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Workspaces_AgentPoolId",
                table: "Workspaces",
                column: "AgentPoolId");

            migrationBuilder.CreateIndex(
                name: "IX_Workspaces_CurrentRunId",
                table: "Workspaces",
                column: "CurrentRunId");

            migrationBuilder.CreateIndex(
                name: "IX_Workspaces_OrganizationId_UpdatedAt",
                table: "Workspaces",
                columns: new[] { "OrganizationId", "UpdatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Workspaces_SshKeyId",
                table: "Workspaces",
                column: "SshKeyId");

            migrationBuilder.CreateIndex(
                name: "IX_Runs_AgentPoolId",
                table: "Runs",
                column: "AgentPoolId");

            migrationBuilder.CreateIndex(
                name: "IX_Projects_DefaultAgentPoolId",
                table: "Projects",
                column: "DefaultAgentPoolId");

            migrationBuilder.CreateIndex(
                name: "IX_AgentPoolProjects_ProjectId",
                table: "AgentPoolProjects",
                column: "ProjectId");

            migrationBuilder.CreateIndex(
                name: "IX_AgentPoolWorkspaces_WorkspaceId",
                table: "AgentPoolWorkspaces",
                column: "WorkspaceId");

            migrationBuilder.CreateIndex(
                name: "IX_AgentPools_OrganizationId_Name",
                table: "AgentPools",
                columns: new[] { "OrganizationId", "Name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Agents_PoolId_Worker",
                table: "Agents",
                columns: new[] { "PoolId", "Worker" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_RemoteStateConsumers_ConsumerId",
                table: "RemoteStateConsumers",
                column: "ConsumerId");

            migrationBuilder.CreateIndex(
                name: "IX_ReservedTagKeys_OrganizationId_Key",
                table: "ReservedTagKeys",
                columns: new[] { "OrganizationId", "Key" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_SshKeys_OrganizationId_Name",
                table: "SshKeys",
                columns: new[] { "OrganizationId", "Name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_WorkspaceTags_OrganizationId_Key",
                table: "WorkspaceTags",
                columns: new[] { "OrganizationId", "Key" });

            migrationBuilder.CreateIndex(
                name: "IX_WorkspaceTags_TagId",
                table: "WorkspaceTags",
                column: "TagId");

            migrationBuilder.AddForeignKey(
                name: "FK_Projects_AgentPools_DefaultAgentPoolId",
                table: "Projects",
                column: "DefaultAgentPoolId",
                principalTable: "AgentPools",
                principalColumn: "Id",
                onDelete: ReferentialAction.SetNull);

            migrationBuilder.AddForeignKey(
                name: "FK_Workspaces_AgentPools_AgentPoolId",
                table: "Workspaces",
                column: "AgentPoolId",
                principalTable: "AgentPools",
                principalColumn: "Id",
                onDelete: ReferentialAction.Restrict);

            migrationBuilder.AddForeignKey(
                name: "FK_Workspaces_SshKeys_SshKeyId",
                table: "Workspaces",
                column: "SshKeyId",
                principalTable: "SshKeys",
                principalColumn: "Id",
                onDelete: ReferentialAction.SetNull);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "FK_Projects_AgentPools_DefaultAgentPoolId",
                table: "Projects");

            migrationBuilder.DropForeignKey(
                name: "FK_Workspaces_AgentPools_AgentPoolId",
                table: "Workspaces");

            migrationBuilder.DropForeignKey(
                name: "FK_Workspaces_SshKeys_SshKeyId",
                table: "Workspaces");

            migrationBuilder.DropTable(
                name: "AgentPoolProjects");

            migrationBuilder.DropTable(
                name: "AgentPoolWorkspaces");

            migrationBuilder.DropTable(
                name: "Agents");

            migrationBuilder.DropTable(
                name: "ProjectTags");

            migrationBuilder.DropTable(
                name: "RemoteStateConsumers");

            migrationBuilder.DropTable(
                name: "ReservedTagKeys");

            migrationBuilder.DropTable(
                name: "SshKeys");

            migrationBuilder.DropTable(
                name: "WorkspaceTags");

            migrationBuilder.DropTable(
                name: "AgentPools");

            migrationBuilder.DropIndex(
                name: "IX_Workspaces_AgentPoolId",
                table: "Workspaces");

            migrationBuilder.DropIndex(
                name: "IX_Workspaces_CurrentRunId",
                table: "Workspaces");

            migrationBuilder.DropIndex(
                name: "IX_Workspaces_OrganizationId_UpdatedAt",
                table: "Workspaces");

            migrationBuilder.DropIndex(
                name: "IX_Workspaces_SshKeyId",
                table: "Workspaces");

            migrationBuilder.DropIndex(
                name: "IX_Runs_AgentPoolId",
                table: "Runs");

            migrationBuilder.DropIndex(
                name: "IX_Projects_DefaultAgentPoolId",
                table: "Projects");

            migrationBuilder.DropColumn(
                name: "AgentPoolId",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "Figures_ApplyMilliseconds",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "Figures_Failures",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "Figures_PlanMilliseconds",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "Figures_Runs",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "FileTriggersEnabled",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "GlobalRemoteState",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "ProjectRemoteState",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "QueueAllRuns",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "Source",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "SourceName",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "SourceUrl",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "SpeculativeEnabled",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "SshKeyId",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "StructuredRunOutputEnabled",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "TriggerPatterns",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "TriggerPrefixes",
                table: "Workspaces");

            migrationBuilder.DropColumn(
                name: "AgentPoolId",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "DefaultAgentPoolId",
                table: "Projects");

            migrationBuilder.DropColumn(
                name: "DefaultExecutionMode",
                table: "Projects");

            migrationBuilder.DropColumn(
                name: "AllowForceDeleteWorkspaces",
                table: "Organizations");

            migrationBuilder.DropColumn(
                name: "DefaultAgentPoolId",
                table: "Organizations");

            migrationBuilder.DropColumn(
                name: "DefaultExecutionMode",
                table: "Organizations");

            migrationBuilder.AlterColumn<string>(
                name: "ExecutionMode",
                table: "Workspaces",
                type: "character varying(40)",
                maxLength: 40,
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "character varying(40)",
                oldMaxLength: 40,
                oldNullable: true);
        }
    }
}
