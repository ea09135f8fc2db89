using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

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
                name: "AuditChains",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false),
                    Head = table.Column<long>(type: "bigint", nullable: false),
                    HeadHash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    Anchor = table.Column<long>(type: "bigint", nullable: false),
                    AnchorHash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    Seal = table.Column<byte[]>(type: "bytea", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditChains", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "AuditEntries",
                columns: table => new
                {
                    Sequence = table.Column<long>(type: "bigint", nullable: false),
                    PreviousHash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    Hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    ActorKind = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    ActorId = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    ActorName = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    TokenId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    Via = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    OrganizationId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    WorkspaceId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    Action = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    ResourceType = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    ResourceId = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    Outcome = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Route = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    Status = table.Column<int>(type: "integer", nullable: true),
                    Address = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    UserAgent = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    RequestId = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    Detail = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditEntries", x => x.Sequence);
                });

            migrationBuilder.CreateTable(
                name: "AuditWaiting",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Record = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditWaiting", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Blobs",
                columns: table => new
                {
                    Key = table.Column<string>(type: "character varying(80)", maxLength: 80, nullable: false),
                    Content = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Blobs", x => x.Key);
                });

            migrationBuilder.CreateTable(
                name: "CredentialGrants",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    OrganizationId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    WorkspaceId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    RunId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    Phase = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false),
                    Provider = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    Tag = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    TokenId = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    Subject = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    Audience = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    TokenIssuedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    TokenExpiresAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    TokenMilliseconds = table.Column<int>(type: "integer", nullable: false),
                    Role = table.Column<string>(type: "character varying(2048)", maxLength: 2048, nullable: true),
                    SessionName = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    Principal = table.Column<string>(type: "character varying(2048)", maxLength: 2048, nullable: true),
                    AccessKeyId = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: true),
                    ExpiresAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    RequestId = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: true),
                    ErrorCode = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    ExchangeMilliseconds = table.Column<int>(type: "integer", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_CredentialGrants", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "DataProtectionKeys",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    FriendlyName = table.Column<string>(type: "text", nullable: true),
                    Xml = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_DataProtectionKeys", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Organizations",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Name = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Email = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: true),
                    DefaultExecutionMode = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false, defaultValue: "remote"),
                    DefaultAgentPoolId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    AllowForceDeleteWorkspaces = table.Column<bool>(type: "boolean", nullable: false),
                    RequiresTwoFactor = table.Column<bool>(type: "boolean", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Organizations", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "SigningKeys",
                columns: table => new
                {
                    Kid = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    Algorithm = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false),
                    ProtectedPrivateKey = table.Column<byte[]>(type: "bytea", nullable: true),
                    State = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    MaySignAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    ActivatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    RetiresAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    NeededUntil = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    RetiredAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SigningKeys", x => x.Kid);
                });

            migrationBuilder.CreateTable(
                name: "SpentChallenges",
                columns: table => new
                {
                    Hash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    ForgetAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SpentChallenges", x => x.Hash);
                });

            migrationBuilder.CreateTable(
                name: "Users",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Username = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    UsernameKey = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    Email = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: true),
                    EmailKey = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: true),
                    IsSiteAdmin = table.Column<bool>(type: "boolean", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Users", x => x.Id);
                });

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
                name: "Teams",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    OrganizationId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Name = table.Column<string>(type: "character varying(90)", maxLength: 90, nullable: false),
                    Visibility = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    SsoTeamId = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    AllowMemberTokenManagement = table.Column<bool>(type: "boolean", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    OrganizationAccess_AccessSecretTeams = table.Column<bool>(type: "boolean", nullable: false),
                    OrganizationAccess_ManageAgentPools = table.Column<bool>(type: "boolean", nullable: false),
                    OrganizationAccess_ManageMembership = table.Column<bool>(type: "boolean", nullable: false),
                    OrganizationAccess_ManageModules = table.Column<bool>(type: "boolean", nullable: false),
                    OrganizationAccess_ManageOrganizationAccess = table.Column<bool>(type: "boolean", nullable: false),
                    OrganizationAccess_ManagePolicies = table.Column<bool>(type: "boolean", nullable: false),
                    OrganizationAccess_ManagePolicyOverrides = table.Column<bool>(type: "boolean", nullable: false),
                    OrganizationAccess_ManageProjects = table.Column<bool>(type: "boolean", nullable: false),
                    OrganizationAccess_ManageProviders = table.Column<bool>(type: "boolean", nullable: false),
                    OrganizationAccess_ManageRunTasks = table.Column<bool>(type: "boolean", nullable: false),
                    OrganizationAccess_ManageTeams = table.Column<bool>(type: "boolean", nullable: false),
                    OrganizationAccess_ManageVcsSettings = table.Column<bool>(type: "boolean", nullable: false),
                    OrganizationAccess_ManageWorkspaces = table.Column<bool>(type: "boolean", nullable: false),
                    OrganizationAccess_ReadProjects = table.Column<bool>(type: "boolean", nullable: false),
                    OrganizationAccess_ReadWorkspaces = table.Column<bool>(type: "boolean", nullable: false)
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
                name: "CompanyIdentities",
                columns: table => new
                {
                    Issuer = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    Subject = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    UserId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_CompanyIdentities", x => new { x.Issuer, x.Subject });
                    table.ForeignKey(
                        name: "FK_CompanyIdentities_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "OneTimeCodes",
                columns: table => new
                {
                    Hash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    Purpose = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    UserId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    ExpiresAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    UsedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    TokenId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_OneTimeCodes", x => x.Hash);
                    table.ForeignKey(
                        name: "FK_OneTimeCodes_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "OrganizationMemberships",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    OrganizationId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    UserId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    Status = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Email = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: true),
                    EmailKey = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: true),
                    IsByCompany = table.Column<bool>(type: "boolean", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
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
                name: "Passkeys",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    UserId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    CredentialId = table.Column<byte[]>(type: "bytea", nullable: false),
                    CredentialHash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    Name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    PublicKey = table.Column<byte[]>(type: "bytea", nullable: false),
                    SignCount = table.Column<long>(type: "bigint", nullable: false),
                    Transports = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    IsUserVerified = table.Column<bool>(type: "boolean", nullable: false),
                    IsBackupEligible = table.Column<bool>(type: "boolean", nullable: false),
                    IsBackedUp = table.Column<bool>(type: "boolean", nullable: false),
                    AttestationObject = table.Column<byte[]>(type: "bytea", nullable: false),
                    ClientDataJson = table.Column<byte[]>(type: "bytea", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    LastUsedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Passkeys", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Passkeys_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "RecoveryCodes",
                columns: table => new
                {
                    UserId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Hash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RecoveryCodes", x => new { x.UserId, x.Hash });
                    table.ForeignKey(
                        name: "FK_RecoveryCodes_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Sessions",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    UserId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Method = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Address = table.Column<string>(type: "character varying(45)", maxLength: 45, nullable: true),
                    UserAgent = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: true),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    LastSeenAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Sessions", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Sessions_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "SignInFactors",
                columns: table => new
                {
                    UserId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    ProtectedPasswordHash = table.Column<byte[]>(type: "bytea", nullable: true),
                    PasswordChangedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Attempts = table.Column<int>(type: "integer", nullable: false),
                    LockedUntil = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    ProtectedTimeCodeKey = table.Column<byte[]>(type: "bytea", nullable: true),
                    TimeCodeSince = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    LastTimeStep = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SignInFactors", x => x.UserId);
                    table.ForeignKey(
                        name: "FK_SignInFactors_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
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

            migrationBuilder.CreateTable(
                name: "Projects",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    OrganizationId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Name = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Description = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    DefaultExecutionMode = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: true),
                    DefaultAgentPoolId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Projects", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Projects_AgentPools_DefaultAgentPoolId",
                        column: x => x.DefaultAgentPoolId,
                        principalTable: "AgentPools",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.SetNull);
                    table.ForeignKey(
                        name: "FK_Projects_Organizations_OrganizationId",
                        column: x => x.OrganizationId,
                        principalTable: "Organizations",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ApiTokens",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Hash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    UserId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    TeamId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    OrganizationId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    Description = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    CreatedById = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    CreatedBy = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    LastUsedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    ExpiredAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
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
                name: "Invitations",
                columns: table => new
                {
                    Hash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    MembershipId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    WasMailed = table.Column<bool>(type: "boolean", nullable: false),
                    ExpiresAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Invitations", x => x.Hash);
                    table.ForeignKey(
                        name: "FK_Invitations_OrganizationMemberships_MembershipId",
                        column: x => x.MembershipId,
                        principalTable: "OrganizationMemberships",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "TeamMembers",
                columns: table => new
                {
                    TeamId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    MembershipId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false)
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
                name: "TeamProjectAccesses",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    TeamId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    ProjectId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Level = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Custom_Settings = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Custom_Teams = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Custom_VariableSets = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    CustomWorkspaces_Create = table.Column<bool>(type: "boolean", nullable: false),
                    CustomWorkspaces_Delete = table.Column<bool>(type: "boolean", nullable: false),
                    CustomWorkspaces_Move = table.Column<bool>(type: "boolean", nullable: false),
                    CustomWorkspaces_Workspace_Locking = table.Column<bool>(type: "boolean", nullable: false),
                    CustomWorkspaces_Workspace_RunTasks = table.Column<bool>(type: "boolean", nullable: false),
                    CustomWorkspaces_Workspace_Runs = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    CustomWorkspaces_Workspace_SentinelMocks = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    CustomWorkspaces_Workspace_StateVersions = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    CustomWorkspaces_Workspace_Variables = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    CustomWorkspaces_Workspace_WithholdsCredentials = table.Column<bool>(type: "boolean", nullable: false)
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
                name: "VariableSets",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    OrganizationId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    ProjectId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    Name = table.Column<string>(type: "character varying(90)", maxLength: 90, nullable: false),
                    Description = table.Column<string>(type: "character varying(512)", maxLength: 512, nullable: true),
                    Global = table.Column<bool>(type: "boolean", nullable: false),
                    Priority = table.Column<bool>(type: "boolean", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    UpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
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
                name: "Workspaces",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    OrganizationId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    ProjectId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Name = table.Column<string>(type: "character varying(90)", maxLength: 90, nullable: false),
                    Description = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: true),
                    ExecutionMode = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: true),
                    AgentPoolId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    SshKeyId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    AutoApply = table.Column<bool>(type: "boolean", nullable: false),
                    AutoApplyRunTrigger = table.Column<bool>(type: "boolean", nullable: false),
                    AllowDestroyPlan = table.Column<bool>(type: "boolean", nullable: false),
                    GlobalRemoteState = table.Column<bool>(type: "boolean", nullable: false),
                    ProjectRemoteState = table.Column<bool>(type: "boolean", nullable: false),
                    QueueAllRuns = table.Column<bool>(type: "boolean", nullable: false),
                    SpeculativeEnabled = table.Column<bool>(type: "boolean", nullable: false, defaultValue: true),
                    FileTriggersEnabled = table.Column<bool>(type: "boolean", nullable: false, defaultValue: true),
                    TriggerPrefixes = table.Column<string>(type: "text", nullable: false),
                    TriggerPatterns = table.Column<string>(type: "text", nullable: false),
                    StructuredRunOutputEnabled = table.Column<bool>(type: "boolean", nullable: false),
                    TerraformVersion = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    WorkingDirectory = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    Source = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false, defaultValue: "tfe-api"),
                    SourceName = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    SourceUrl = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    CurrentStateVersionId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    CurrentRunId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    LockedByRunId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    LockedById = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    LockedBy = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    LockReason = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: true),
                    LockedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    UpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Figures_ApplyMilliseconds = table.Column<int>(type: "integer", nullable: true),
                    Figures_Failures = table.Column<int>(type: "integer", nullable: true),
                    Figures_PlanMilliseconds = table.Column<int>(type: "integer", nullable: true),
                    Figures_Runs = table.Column<int>(type: "integer", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Workspaces", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Workspaces_AgentPools_AgentPoolId",
                        column: x => x.AgentPoolId,
                        principalTable: "AgentPools",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_Workspaces_Organizations_OrganizationId",
                        column: x => x.OrganizationId,
                        principalTable: "Organizations",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_Workspaces_Projects_ProjectId",
                        column: x => x.ProjectId,
                        principalTable: "Projects",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_Workspaces_SshKeys_SshKeyId",
                        column: x => x.SshKeyId,
                        principalTable: "SshKeys",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.SetNull);
                });

            migrationBuilder.CreateTable(
                name: "VariableSetProjects",
                columns: table => new
                {
                    VariableSetId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    ProjectId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false)
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
                name: "ConfigurationVersions",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    WorkspaceId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Status = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Source = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Speculative = table.Column<bool>(type: "boolean", nullable: false),
                    FromFork = table.Column<bool>(type: "boolean", nullable: false),
                    Provisional = table.Column<bool>(type: "boolean", nullable: false),
                    AutoQueueRuns = table.Column<bool>(type: "boolean", nullable: false),
                    ErrorMessage = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    Size = table.Column<long>(type: "bigint", nullable: true),
                    CreatedById = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    CreatedBy = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    UploadedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    ArchivedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ConfigurationVersions", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ConfigurationVersions_Workspaces_WorkspaceId",
                        column: x => x.WorkspaceId,
                        principalTable: "Workspaces",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "CredentialPolicies",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    OrganizationId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    ProjectId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    WorkspaceId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    Delivery = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: true),
                    Speculative = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: true),
                    ReadOnlyPlan = table.Column<bool>(type: "boolean", nullable: true),
                    SessionTags = table.Column<bool>(type: "boolean", nullable: true),
                    AllowedRoles = table.Column<string>(type: "text", nullable: false),
                    SubjectTemplate = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_CredentialPolicies", x => x.Id);
                    table.ForeignKey(
                        name: "FK_CredentialPolicies_Organizations_OrganizationId",
                        column: x => x.OrganizationId,
                        principalTable: "Organizations",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_CredentialPolicies_Projects_ProjectId",
                        column: x => x.ProjectId,
                        principalTable: "Projects",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_CredentialPolicies_Workspaces_WorkspaceId",
                        column: x => x.WorkspaceId,
                        principalTable: "Workspaces",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "NotificationConfigurations",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    WorkspaceId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    ProjectId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    Name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    Destination = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Enabled = table.Column<bool>(type: "boolean", nullable: false),
                    ProtectedUrl = table.Column<byte[]>(type: "bytea", nullable: true),
                    ProtectedToken = table.Column<byte[]>(type: "bytea", nullable: true),
                    Triggers = table.Column<string>(type: "text", nullable: false),
                    EmailAddresses = table.Column<string>(type: "text", nullable: false),
                    Users = table.Column<string>(type: "text", nullable: false, defaultValueSql: "'[]'"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    UpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_NotificationConfigurations", x => x.Id);
                    table.ForeignKey(
                        name: "FK_NotificationConfigurations_Projects_ProjectId",
                        column: x => x.ProjectId,
                        principalTable: "Projects",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_NotificationConfigurations_Workspaces_WorkspaceId",
                        column: x => x.WorkspaceId,
                        principalTable: "Workspaces",
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
                name: "RunTriggers",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    WorkspaceId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    SourceableId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RunTriggers", x => x.Id);
                    table.ForeignKey(
                        name: "FK_RunTriggers_Workspaces_SourceableId",
                        column: x => x.SourceableId,
                        principalTable: "Workspaces",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_RunTriggers_Workspaces_WorkspaceId",
                        column: x => x.WorkspaceId,
                        principalTable: "Workspaces",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "StateVersions",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    WorkspaceId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    RunId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    Serial = table.Column<long>(type: "bigint", nullable: false),
                    Lineage = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    Md5 = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Status = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Forced = table.Column<bool>(type: "boolean", nullable: false),
                    Size = table.Column<long>(type: "bigint", nullable: false),
                    Format = table.Column<int>(type: "integer", nullable: false, defaultValue: 4),
                    ResourceCount = table.Column<int>(type: "integer", nullable: false),
                    ContentsJson = table.Column<string>(type: "text", nullable: true),
                    OutputCount = table.Column<int>(type: "integer", nullable: false),
                    HasJson = table.Column<bool>(type: "boolean", nullable: false),
                    TerraformVersion = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: true),
                    PreviousId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    RollbackOfId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    CreatedById = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    CreatedBy = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_StateVersions", x => x.Id);
                    table.ForeignKey(
                        name: "FK_StateVersions_Workspaces_WorkspaceId",
                        column: x => x.WorkspaceId,
                        principalTable: "Workspaces",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "TeamWorkspaceAccesses",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    TeamId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    WorkspaceId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Level = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Custom_Locking = table.Column<bool>(type: "boolean", nullable: false),
                    Custom_RunTasks = table.Column<bool>(type: "boolean", nullable: false),
                    Custom_Runs = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Custom_SentinelMocks = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Custom_StateVersions = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Custom_Variables = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Custom_WithholdsCredentials = table.Column<bool>(type: "boolean", nullable: false)
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
                name: "VariableSetWorkspaces",
                columns: table => new
                {
                    VariableSetId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    WorkspaceId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false)
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

            migrationBuilder.CreateTable(
                name: "Variables",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    WorkspaceId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    VariableSetId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    Key = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    Category = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Hcl = table.Column<bool>(type: "boolean", nullable: false),
                    Sensitive = table.Column<bool>(type: "boolean", nullable: false),
                    Description = table.Column<string>(type: "character varying(512)", maxLength: 512, nullable: true),
                    ProtectedValue = table.Column<byte[]>(type: "bytea", nullable: false),
                    VersionId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Variables", x => x.Id);
                    table.CheckConstraint("CK_Variables_Owner", "(\"WorkspaceId\" IS NULL) <> (\"VariableSetId\" IS NULL)");
                    table.ForeignKey(
                        name: "FK_Variables_VariableSets_VariableSetId",
                        column: x => x.VariableSetId,
                        principalTable: "VariableSets",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_Variables_Workspaces_WorkspaceId",
                        column: x => x.WorkspaceId,
                        principalTable: "Workspaces",
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
                name: "Runs",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    WorkspaceId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    OrganizationId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    ConfigurationVersionId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Status = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Operation = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Message = table.Column<string>(type: "character varying(4000)", maxLength: 4000, nullable: true),
                    Source = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Reason = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false, defaultValue: "manual"),
                    TriggeredByRunId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    TriggeringWorkspaceId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    CreatedById = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    CreatedBy = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    UpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    PlansWithoutCredentials = table.Column<bool>(type: "boolean", nullable: false),
                    AppliesWithoutCredentials = table.Column<bool>(type: "boolean", nullable: false),
                    ConfirmedById = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    ConfirmedBy = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    ProtectedVariables = table.Column<byte[]>(type: "bytea", nullable: false),
                    ProtectedOwnVariables = table.Column<byte[]>(type: "bytea", nullable: true),
                    TerraformVersion = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    WorkingDirectory = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    InputStateVersionId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    AgentPoolId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    Outcome = table.Column<string>(type: "character varying(4000)", maxLength: 4000, nullable: true),
                    ClaimedBy = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    HeartbeatAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    PlanAttempts = table.Column<int>(type: "integer", nullable: false),
                    CancelRequestedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    ForceCancelRequestedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Options_AllowConfigGeneration = table.Column<bool>(type: "boolean", nullable: false),
                    Options_AllowEmptyApply = table.Column<bool>(type: "boolean", nullable: false),
                    Options_AutoApply = table.Column<bool>(type: "boolean", nullable: false),
                    Options_IsDestroy = table.Column<bool>(type: "boolean", nullable: false),
                    Options_PlanOnly = table.Column<bool>(type: "boolean", nullable: false),
                    Options_Refresh = table.Column<bool>(type: "boolean", nullable: false),
                    Options_RefreshOnly = table.Column<bool>(type: "boolean", nullable: false),
                    Options_ReplaceAddresses = table.Column<string>(type: "text", nullable: false),
                    Options_SavePlan = table.Column<bool>(type: "boolean", nullable: false),
                    Options_TargetAddresses = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Runs", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Runs_ConfigurationVersions_ConfigurationVersionId",
                        column: x => x.ConfigurationVersionId,
                        principalTable: "ConfigurationVersions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_Runs_Workspaces_WorkspaceId",
                        column: x => x.WorkspaceId,
                        principalTable: "Workspaces",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "StateOutputs",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    StateVersionId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Name = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    Sensitive = table.Column<bool>(type: "boolean", nullable: false),
                    DetailedType = table.Column<string>(type: "text", nullable: false),
                    ProtectedValue = table.Column<byte[]>(type: "bytea", nullable: false)
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

            migrationBuilder.CreateTable(
                name: "Applies",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    RunId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Status = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    QueuedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    StartedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Worker = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    FinishedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    LogLength = table.Column<long>(type: "bigint", nullable: true),
                    Additions = table.Column<int>(type: "integer", nullable: true),
                    Changes = table.Column<int>(type: "integer", nullable: true),
                    Destructions = table.Column<int>(type: "integer", nullable: true),
                    Imports = table.Column<int>(type: "integer", nullable: true),
                    Moves = table.Column<int>(type: "integer", nullable: true),
                    WipeReceiptJson = table.Column<string>(type: "text", nullable: true),
                    StepsJson = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Applies", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Applies_Runs_RunId",
                        column: x => x.RunId,
                        principalTable: "Runs",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "DueTriggers",
                columns: table => new
                {
                    SourceRunId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    WorkspaceId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_DueTriggers", x => new { x.SourceRunId, x.WorkspaceId });
                    table.ForeignKey(
                        name: "FK_DueTriggers_Runs_SourceRunId",
                        column: x => x.SourceRunId,
                        principalTable: "Runs",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_DueTriggers_Workspaces_WorkspaceId",
                        column: x => x.WorkspaceId,
                        principalTable: "Workspaces",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "LogChunks",
                columns: table => new
                {
                    RunId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Phase = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false),
                    Offset = table.Column<long>(type: "bigint", nullable: false),
                    Length = table.Column<int>(type: "integer", nullable: false),
                    ProtectedContent = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_LogChunks", x => new { x.RunId, x.Phase, x.Offset });
                    table.ForeignKey(
                        name: "FK_LogChunks_Runs_RunId",
                        column: x => x.RunId,
                        principalTable: "Runs",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "NotificationDeliveries",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    ConfigurationId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    RunId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    Trigger = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    RunStatus = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: true),
                    OccurredAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    OccurredBy = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    Status = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Attempts = table.Column<int>(type: "integer", nullable: false),
                    DueAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    SentAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Code = table.Column<int>(type: "integer", nullable: true),
                    HeadersJson = table.Column<string>(type: "text", nullable: true),
                    Body = table.Column<string>(type: "character varying(4096)", maxLength: 4096, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_NotificationDeliveries", x => x.Id);
                    table.ForeignKey(
                        name: "FK_NotificationDeliveries_NotificationConfigurations_Configura~",
                        column: x => x.ConfigurationId,
                        principalTable: "NotificationConfigurations",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_NotificationDeliveries_Runs_RunId",
                        column: x => x.RunId,
                        principalTable: "Runs",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Plans",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    HasChanges = table.Column<bool>(type: "boolean", nullable: false),
                    GeneratedConfiguration = table.Column<bool>(type: "boolean", nullable: false),
                    RunId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Status = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    QueuedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    StartedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Worker = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    FinishedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    LogLength = table.Column<long>(type: "bigint", nullable: true),
                    Additions = table.Column<int>(type: "integer", nullable: true),
                    Changes = table.Column<int>(type: "integer", nullable: true),
                    Destructions = table.Column<int>(type: "integer", nullable: true),
                    Imports = table.Column<int>(type: "integer", nullable: true),
                    Moves = table.Column<int>(type: "integer", nullable: true),
                    WipeReceiptJson = table.Column<string>(type: "text", nullable: true),
                    StepsJson = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Plans", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Plans_Runs_RunId",
                        column: x => x.RunId,
                        principalTable: "Runs",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "RunEvents",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    RunId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Action = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    ActorId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    Actor = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    Description = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    CommentId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    Comment = table.Column<string>(type: "character varying(10000)", maxLength: 10000, nullable: true),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RunEvents", x => x.Id);
                    table.ForeignKey(
                        name: "FK_RunEvents_Runs_RunId",
                        column: x => x.RunId,
                        principalTable: "Runs",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "RunTokens",
                columns: table => new
                {
                    Hash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    RunId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    WorkspaceId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    MayWriteState = table.Column<bool>(type: "boolean", nullable: false),
                    ExpiresAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    RevokedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RunTokens", x => x.Hash);
                    table.ForeignKey(
                        name: "FK_RunTokens_Runs_RunId",
                        column: x => x.RunId,
                        principalTable: "Runs",
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
                name: "IX_Applies_RunId",
                table: "Applies",
                column: "RunId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_AuditEntries_At",
                table: "AuditEntries",
                column: "At");

            migrationBuilder.CreateIndex(
                name: "IX_AuditEntries_OrganizationId_Sequence",
                table: "AuditEntries",
                columns: new[] { "OrganizationId", "Sequence" });

            migrationBuilder.CreateIndex(
                name: "IX_CompanyIdentities_UserId",
                table: "CompanyIdentities",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_ConfigurationVersions_WorkspaceId_CreatedAt",
                table: "ConfigurationVersions",
                columns: new[] { "WorkspaceId", "CreatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_CredentialGrants_OrganizationId_CreatedAt",
                table: "CredentialGrants",
                columns: new[] { "OrganizationId", "CreatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_CredentialGrants_RunId",
                table: "CredentialGrants",
                column: "RunId");

            migrationBuilder.CreateIndex(
                name: "IX_CredentialGrants_WorkspaceId_CreatedAt",
                table: "CredentialGrants",
                columns: new[] { "WorkspaceId", "CreatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_CredentialPolicies_OrganizationId",
                table: "CredentialPolicies",
                column: "OrganizationId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_CredentialPolicies_ProjectId",
                table: "CredentialPolicies",
                column: "ProjectId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_CredentialPolicies_WorkspaceId",
                table: "CredentialPolicies",
                column: "WorkspaceId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_DueTriggers_WorkspaceId",
                table: "DueTriggers",
                column: "WorkspaceId");

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
                name: "IX_Invitations_MembershipId",
                table: "Invitations",
                column: "MembershipId");

            migrationBuilder.CreateIndex(
                name: "IX_NotificationConfigurations_ProjectId",
                table: "NotificationConfigurations",
                column: "ProjectId");

            migrationBuilder.CreateIndex(
                name: "IX_NotificationConfigurations_WorkspaceId",
                table: "NotificationConfigurations",
                column: "WorkspaceId");

            migrationBuilder.CreateIndex(
                name: "IX_NotificationDeliveries_ConfigurationId_OccurredAt",
                table: "NotificationDeliveries",
                columns: new[] { "ConfigurationId", "OccurredAt" });

            migrationBuilder.CreateIndex(
                name: "IX_NotificationDeliveries_RunId",
                table: "NotificationDeliveries",
                column: "RunId");

            migrationBuilder.CreateIndex(
                name: "IX_NotificationDeliveries_Status_DueAt",
                table: "NotificationDeliveries",
                columns: new[] { "Status", "DueAt" });

            migrationBuilder.CreateIndex(
                name: "IX_OneTimeCodes_UserId",
                table: "OneTimeCodes",
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
                name: "IX_Organizations_Name",
                table: "Organizations",
                column: "Name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Passkeys_CredentialHash",
                table: "Passkeys",
                column: "CredentialHash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Passkeys_UserId",
                table: "Passkeys",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_Plans_RunId",
                table: "Plans",
                column: "RunId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Projects_DefaultAgentPoolId",
                table: "Projects",
                column: "DefaultAgentPoolId");

            migrationBuilder.CreateIndex(
                name: "IX_Projects_OrganizationId_Name",
                table: "Projects",
                columns: new[] { "OrganizationId", "Name" },
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
                name: "IX_RunEvents_CommentId",
                table: "RunEvents",
                column: "CommentId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_RunEvents_RunId_CreatedAt",
                table: "RunEvents",
                columns: new[] { "RunId", "CreatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_RunTokens_RunId",
                table: "RunTokens",
                column: "RunId");

            migrationBuilder.CreateIndex(
                name: "IX_RunTriggers_SourceableId",
                table: "RunTriggers",
                column: "SourceableId");

            migrationBuilder.CreateIndex(
                name: "IX_RunTriggers_WorkspaceId_SourceableId",
                table: "RunTriggers",
                columns: new[] { "WorkspaceId", "SourceableId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Runs_AgentPoolId",
                table: "Runs",
                column: "AgentPoolId");

            migrationBuilder.CreateIndex(
                name: "IX_Runs_ConfigurationVersionId",
                table: "Runs",
                column: "ConfigurationVersionId");

            migrationBuilder.CreateIndex(
                name: "IX_Runs_OrganizationId_CreatedAt_Operation",
                table: "Runs",
                columns: new[] { "OrganizationId", "CreatedAt", "Operation" });

            migrationBuilder.CreateIndex(
                name: "IX_Runs_Status_HeartbeatAt",
                table: "Runs",
                columns: new[] { "Status", "HeartbeatAt" });

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
                name: "IX_Sessions_UserId",
                table: "Sessions",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_SigningKeys_State",
                table: "SigningKeys",
                column: "State",
                unique: true,
                filter: "\"State\" IN ('next', 'active')");

            migrationBuilder.CreateIndex(
                name: "IX_SshKeys_OrganizationId_Name",
                table: "SshKeys",
                columns: new[] { "OrganizationId", "Name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_StateOutputs_StateVersionId",
                table: "StateOutputs",
                column: "StateVersionId");

            migrationBuilder.CreateIndex(
                name: "IX_StateVersions_PreviousId",
                table: "StateVersions",
                column: "PreviousId");

            migrationBuilder.CreateIndex(
                name: "IX_StateVersions_RunId",
                table: "StateVersions",
                column: "RunId");

            migrationBuilder.CreateIndex(
                name: "IX_StateVersions_WorkspaceId_Serial",
                table: "StateVersions",
                columns: new[] { "WorkspaceId", "Serial" });

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

            migrationBuilder.CreateIndex(
                name: "IX_Variables_VariableSetId_Category_Key",
                table: "Variables",
                columns: new[] { "VariableSetId", "Category", "Key" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Variables_WorkspaceId_Category_Key",
                table: "Variables",
                columns: new[] { "WorkspaceId", "Category", "Key" },
                unique: true);

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

            migrationBuilder.CreateIndex(
                name: "IX_WorkspaceTags_OrganizationId_Key",
                table: "WorkspaceTags",
                columns: new[] { "OrganizationId", "Key" });

            migrationBuilder.CreateIndex(
                name: "IX_WorkspaceTags_TagId",
                table: "WorkspaceTags",
                column: "TagId");

            migrationBuilder.CreateIndex(
                name: "IX_Workspaces_AgentPoolId",
                table: "Workspaces",
                column: "AgentPoolId");

            migrationBuilder.CreateIndex(
                name: "IX_Workspaces_CurrentRunId",
                table: "Workspaces",
                column: "CurrentRunId");

            migrationBuilder.CreateIndex(
                name: "IX_Workspaces_OrganizationId_Name",
                table: "Workspaces",
                columns: new[] { "OrganizationId", "Name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Workspaces_OrganizationId_UpdatedAt",
                table: "Workspaces",
                columns: new[] { "OrganizationId", "UpdatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Workspaces_ProjectId",
                table: "Workspaces",
                column: "ProjectId");

            migrationBuilder.CreateIndex(
                name: "IX_Workspaces_SshKeyId",
                table: "Workspaces",
                column: "SshKeyId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "AgentPoolProjects");

            migrationBuilder.DropTable(
                name: "AgentPoolWorkspaces");

            migrationBuilder.DropTable(
                name: "Agents");

            migrationBuilder.DropTable(
                name: "ApiTokens");

            migrationBuilder.DropTable(
                name: "Applies");

            migrationBuilder.DropTable(
                name: "AuditChains");

            migrationBuilder.DropTable(
                name: "AuditEntries");

            migrationBuilder.DropTable(
                name: "AuditWaiting");

            migrationBuilder.DropTable(
                name: "Blobs");

            migrationBuilder.DropTable(
                name: "CompanyIdentities");

            migrationBuilder.DropTable(
                name: "CredentialGrants");

            migrationBuilder.DropTable(
                name: "CredentialPolicies");

            migrationBuilder.DropTable(
                name: "DataProtectionKeys");

            migrationBuilder.DropTable(
                name: "DueTriggers");

            migrationBuilder.DropTable(
                name: "IngressAttributes");

            migrationBuilder.DropTable(
                name: "Invitations");

            migrationBuilder.DropTable(
                name: "LogChunks");

            migrationBuilder.DropTable(
                name: "NotificationDeliveries");

            migrationBuilder.DropTable(
                name: "OneTimeCodes");

            migrationBuilder.DropTable(
                name: "Passkeys");

            migrationBuilder.DropTable(
                name: "Plans");

            migrationBuilder.DropTable(
                name: "ProjectTags");

            migrationBuilder.DropTable(
                name: "RecoveryCodes");

            migrationBuilder.DropTable(
                name: "RemoteStateConsumers");

            migrationBuilder.DropTable(
                name: "ReservedTagKeys");

            migrationBuilder.DropTable(
                name: "RunEvents");

            migrationBuilder.DropTable(
                name: "RunTokens");

            migrationBuilder.DropTable(
                name: "RunTriggers");

            migrationBuilder.DropTable(
                name: "Sessions");

            migrationBuilder.DropTable(
                name: "SignInFactors");

            migrationBuilder.DropTable(
                name: "SigningKeys");

            migrationBuilder.DropTable(
                name: "SpentChallenges");

            migrationBuilder.DropTable(
                name: "StateOutputs");

            migrationBuilder.DropTable(
                name: "TeamMembers");

            migrationBuilder.DropTable(
                name: "TeamProjectAccesses");

            migrationBuilder.DropTable(
                name: "TeamWorkspaceAccesses");

            migrationBuilder.DropTable(
                name: "VariableSetProjects");

            migrationBuilder.DropTable(
                name: "VariableSetWorkspaces");

            migrationBuilder.DropTable(
                name: "Variables");

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
                name: "WorkspaceTags");

            migrationBuilder.DropTable(
                name: "NotificationConfigurations");

            migrationBuilder.DropTable(
                name: "StateVersions");

            migrationBuilder.DropTable(
                name: "OrganizationMemberships");

            migrationBuilder.DropTable(
                name: "Teams");

            migrationBuilder.DropTable(
                name: "VariableSets");

            migrationBuilder.DropTable(
                name: "VcsDeliveries");

            migrationBuilder.DropTable(
                name: "Runs");

            migrationBuilder.DropTable(
                name: "Users");

            migrationBuilder.DropTable(
                name: "VcsConnections");

            migrationBuilder.DropTable(
                name: "ConfigurationVersions");

            migrationBuilder.DropTable(
                name: "Workspaces");

            migrationBuilder.DropTable(
                name: "Projects");

            migrationBuilder.DropTable(
                name: "SshKeys");

            migrationBuilder.DropTable(
                name: "AgentPools");

            migrationBuilder.DropTable(
                name: "Organizations");
        }
    }
}
