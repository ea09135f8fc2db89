using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Orchestrator.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class RunsComplete : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Runs_WorkspaceId_CreatedAt",
                table: "Runs");

            migrationBuilder.AddColumn<string>(
                name: "InputStateVersionId",
                table: "Runs",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Operation",
                table: "Runs",
                type: "TEXT",
                maxLength: 40,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<bool>(
                name: "Options_AllowConfigGeneration",
                table: "Runs",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "OrganizationId",
                table: "Runs",
                type: "TEXT",
                maxLength: 32,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<byte[]>(
                name: "ProtectedOwnVariables",
                table: "Runs",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Reason",
                table: "Runs",
                type: "TEXT",
                maxLength: 40,
                nullable: false,
                defaultValue: "manual");

            migrationBuilder.AddColumn<string>(
                name: "TriggeredByRunId",
                table: "Runs",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "TriggeringWorkspaceId",
                table: "Runs",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "UpdatedAt",
                table: "Runs",
                type: "TEXT",
                nullable: false,
                defaultValue: new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified));

            migrationBuilder.AddColumn<string>(
                name: "Comment",
                table: "RunEvents",
                type: "TEXT",
                maxLength: 10000,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "CommentId",
                table: "RunEvents",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "GeneratedConfiguration",
                table: "Plans",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.Sql(
                """
                UPDATE "Runs" SET
                    "UpdatedAt" = "CreatedAt",
                    "OrganizationId" = (SELECT w."OrganizationId" FROM "Workspaces" AS w WHERE w."Id" = "Runs"."WorkspaceId"),
                    "InputStateVersionId" = CASE WHEN "Status" IN ('planned_and_saved', 'confirmed')
                        THEN (SELECT w."CurrentStateVersionId" FROM "Workspaces" AS w WHERE w."Id" = "Runs"."WorkspaceId") END,
                    "Operation" = CASE
                        WHEN "Options_PlanOnly" THEN 'plan_only'
                        WHEN "Options_SavePlan" THEN 'save_plan'
                        WHEN "Options_IsDestroy" THEN 'destroy'
                        WHEN "Options_RefreshOnly" THEN 'refresh_only'
                        WHEN "Options_AllowEmptyApply" THEN 'empty_apply'
                        ELSE 'plan_and_apply' END;
                """);

            migrationBuilder.CreateIndex(
                name: "IX_Runs_OrganizationId_CreatedAt_Operation",
                table: "Runs",
                columns: new[] { "OrganizationId", "CreatedAt", "Operation" });

            migrationBuilder.CreateIndex(
                name: "IX_Runs_TriggeredByRunId_WorkspaceId",
                table: "Runs",
                columns: new[] { "TriggeredByRunId", "WorkspaceId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Runs_WorkspaceId_CreatedAt_Operation",
                table: "Runs",
                columns: new[] { "WorkspaceId", "CreatedAt", "Operation" });

            migrationBuilder.CreateIndex(
                name: "IX_RunEvents_CommentId",
                table: "RunEvents",
                column: "CommentId",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Runs_OrganizationId_CreatedAt_Operation",
                table: "Runs");

            migrationBuilder.DropIndex(
                name: "IX_Runs_TriggeredByRunId_WorkspaceId",
                table: "Runs");

            migrationBuilder.DropIndex(
                name: "IX_Runs_WorkspaceId_CreatedAt_Operation",
                table: "Runs");

            migrationBuilder.DropIndex(
                name: "IX_RunEvents_CommentId",
                table: "RunEvents");

            migrationBuilder.DropColumn(
                name: "InputStateVersionId",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "Operation",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "Options_AllowConfigGeneration",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "OrganizationId",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "ProtectedOwnVariables",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "Reason",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "TriggeredByRunId",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "TriggeringWorkspaceId",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "UpdatedAt",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "Comment",
                table: "RunEvents");

            migrationBuilder.DropColumn(
                name: "CommentId",
                table: "RunEvents");

            migrationBuilder.DropColumn(
                name: "GeneratedConfiguration",
                table: "Plans");

            migrationBuilder.CreateIndex(
                name: "IX_Runs_WorkspaceId_CreatedAt",
                table: "Runs",
                columns: new[] { "WorkspaceId", "CreatedAt" });
        }
    }
}
