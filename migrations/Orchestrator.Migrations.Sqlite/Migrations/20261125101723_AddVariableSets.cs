using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Orchestrator.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class AddVariableSets : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<string>(
                name: "WorkspaceId",
                table: "Variables",
                type: "TEXT",
                maxLength: 32,
                nullable: true,
                oldClrType: typeof(string),
                oldType: "TEXT",
                oldMaxLength: 32);

            migrationBuilder.AddColumn<string>(
                name: "VariableSetId",
                table: "Variables",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "VariableSets",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    OrganizationId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    ProjectId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: true),
                    Name = table.Column<string>(type: "TEXT", maxLength: 90, nullable: false),
                    Description = table.Column<string>(type: "TEXT", maxLength: 512, nullable: true),
                    Global = table.Column<bool>(type: "INTEGER", nullable: false),
                    Priority = table.Column<bool>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    UpdatedAt = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_VariableSets", x => x.Id);
                    table.ForeignKey(
                        name: "FK_VariableSets_Organizations_OrganizationId",
                        column: x => x.OrganizationId,
                        principalTable: "Organizations",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_VariableSets_Projects_ProjectId",
                        column: x => x.ProjectId,
                        principalTable: "Projects",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "VariableSetProjects",
                columns: table => new
                {
                    VariableSetId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    ProjectId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_VariableSetProjects", x => new { x.VariableSetId, x.ProjectId });
                    table.ForeignKey(
                        name: "FK_VariableSetProjects_Projects_ProjectId",
                        column: x => x.ProjectId,
                        principalTable: "Projects",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_VariableSetProjects_VariableSets_VariableSetId",
                        column: x => x.VariableSetId,
                        principalTable: "VariableSets",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "VariableSetWorkspaces",
                columns: table => new
                {
                    VariableSetId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    WorkspaceId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_VariableSetWorkspaces", x => new { x.VariableSetId, x.WorkspaceId });
                    table.ForeignKey(
                        name: "FK_VariableSetWorkspaces_VariableSets_VariableSetId",
                        column: x => x.VariableSetId,
                        principalTable: "VariableSets",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_VariableSetWorkspaces_Workspaces_WorkspaceId",
                        column: x => x.WorkspaceId,
                        principalTable: "Workspaces",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Variables_VariableSetId_Category_Key",
                table: "Variables",
                columns: new[] { "VariableSetId", "Category", "Key" },
                unique: true);

            migrationBuilder.AddCheckConstraint(
                name: "CK_Variables_Owner",
                table: "Variables",
                sql: "(\"WorkspaceId\" IS NULL) <> (\"VariableSetId\" IS NULL)");

            migrationBuilder.CreateIndex(
                name: "IX_VariableSetProjects_ProjectId",
                table: "VariableSetProjects",
                column: "ProjectId");

            migrationBuilder.CreateIndex(
                name: "IX_VariableSetWorkspaces_WorkspaceId",
                table: "VariableSetWorkspaces",
                column: "WorkspaceId");

            migrationBuilder.CreateIndex(
                name: "IX_VariableSets_OrganizationId_Name",
                table: "VariableSets",
                columns: new[] { "OrganizationId", "Name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_VariableSets_ProjectId",
                table: "VariableSets",
                column: "ProjectId");

            migrationBuilder.AddForeignKey(
                name: "FK_Variables_VariableSets_VariableSetId",
                table: "Variables",
                column: "VariableSetId",
                principalTable: "VariableSets",
                principalColumn: "Id",
                onDelete: ReferentialAction.Cascade);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "FK_Variables_VariableSets_VariableSetId",
                table: "Variables");

            migrationBuilder.DropTable(
                name: "VariableSetProjects");

            migrationBuilder.DropTable(
                name: "VariableSetWorkspaces");

            migrationBuilder.DropTable(
                name: "VariableSets");

            migrationBuilder.DropIndex(
                name: "IX_Variables_VariableSetId_Category_Key",
                table: "Variables");

            migrationBuilder.DropCheckConstraint(
                name: "CK_Variables_Owner",
                table: "Variables");

            migrationBuilder.DropColumn(
                name: "VariableSetId",
                table: "Variables");

            migrationBuilder.AlterColumn<string>(
                name: "WorkspaceId",
                table: "Variables",
                type: "TEXT",
                maxLength: 32,
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "TEXT",
                oldMaxLength: 32,
                oldNullable: true);
        }
    }
}
