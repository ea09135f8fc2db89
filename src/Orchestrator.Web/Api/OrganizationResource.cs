using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>What this server has none of (estimates of costs, health assessments, SAML, plans to buy) is told as it is, and cannot be set.</summary>
public sealed record OrganizationAttributes
{
    public required string Name { get; init; }

    public required string? Email { get; init; }

    public required string ExternalId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string DefaultExecutionMode { get; init; }

    public required bool AllowForceDeleteWorkspaces { get; init; }

    public string CollaboratorAuthPolicy { get; } = OrganizationRequest.PasswordPolicy;

    public int? SessionTimeout { get; }

    public int? SessionRemember { get; }

    public bool AssessmentsEnforced { get; }

    public bool CostEstimationEnabled { get; }

    public bool SamlEnabled { get; }

    public string? OwnersTeamSamlRoleId { get; }

    public bool TwoFactorConformant { get; }

    public bool FairRunQueuingEnabled { get; }

    public bool AggregatedCommitStatusEnabled { get; }

    public bool SendPassingStatusesForUntriggeredSpeculativePlans { get; }

    public bool SpeculativePlanManagementEnabled { get; }

    public bool PlanExpired { get; }

    public DateTimeOffset? PlanExpiresAt { get; }

    public bool PlanIsTrial { get; }

    public bool PlanIsEnterprise { get; } = true;

    public required OrganizationPermissions Permissions { get; init; }
}

public sealed record OrganizationPermissions(
    bool CanUpdate, bool CanDestroy, bool CanCreateWorkspace, bool CanCreateProject, bool CanTraverse, bool CanCreateTeam);

/// <summary>An organisation with what its document also names.</summary>
public sealed record OrganizationView(Organization Organization, ProjectId DefaultProject);

/// <summary>An organisation. The API knows it by its name alone.</summary>
internal sealed class OrganizationResource() : ResourceType<OrganizationView, OrganizationAttributes>(Type)
{
    public const string Type = "organizations";

    protected override IReadOnlyList<Relation<OrganizationView>> Relations { get; } =
    [
        One("default-project", ProjectResource.Type, view => view.DefaultProject.Value).Includable(),
        One("default-agent-pool", AgentPoolResource.Type, view => view.Organization.DefaultAgentPoolId?.Value).Includable(),
        One("entitlement-set", EntitlementSetResource.Type, view => view.Organization.Id.Value).Includable(),
    ];

    protected override string IdOf(OrganizationView row) => row.Organization.Name;

    protected override IQueryable<OrganizationView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids) =>
        View(db.Organizations.Where(organization => ids.Contains(organization.Name)), db);

    protected override OrganizationAttributes Show(OrganizationView row, HttpContext context) => new()
    {
        Name = row.Organization.Name,
        Email = row.Organization.Email,
        ExternalId = row.Organization.Id.Value,
        CreatedAt = row.Organization.CreatedAt,
        DefaultExecutionMode = EnumText.Of(row.Organization.DefaultExecutionMode),
        AllowForceDeleteWorkspaces = row.Organization.AllowForceDeleteWorkspaces,
        Permissions = new OrganizationPermissions(true, true, true, true, true, false),
    };

    public static IQueryable<OrganizationView> View(IQueryable<Organization> organizations, OrchestratorDbContext db) =>
        from organization in organizations
        join project in db.Projects on new { Id = organization.Id, Name = Names.DefaultProject } equals new { Id = project.OrganizationId, project.Name }
        select new OrganizationView(organization, project.Id);
}
