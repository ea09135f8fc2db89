using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Web.Access;
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

    public required string CollaboratorAuthPolicy { get; init; }

    public int? SessionTimeout { get; }

    public int? SessionRemember { get; }

    public bool AssessmentsEnforced { get; }

    public bool CostEstimationEnabled { get; }

    public bool SamlEnabled { get; }

    public string? OwnersTeamSamlRoleId { get; }

    /// <summary>Where a second factor is required, whoever has none is no member as long as that is so.</summary>
    public required bool TwoFactorConformant { get; init; }

    /// <summary>A free worker takes from the organisation of which the fewest runs are carried out.</summary>
    public bool FairRunQueuingEnabled { get; } = true;

    /// <summary>Phases of its runs that are carried out at once; null where nothing limits them. Set by the installation's admins.</summary>
    public required int? MaxConcurrentRuns { get; init; }

    public bool AggregatedCommitStatusEnabled { get; }

    public bool SendPassingStatusesForUntriggeredSpeculativePlans { get; }

    public bool SpeculativePlanManagementEnabled { get; }

    public bool PlanExpired { get; }

    public DateTimeOffset? PlanExpiresAt { get; }

    public bool PlanIsTrial { get; }

    public bool PlanIsEnterprise { get; } = true;

    public required OrganizationPermissions Permissions { get; init; }
}

/// <summary>An organisation. The API knows it by its name alone.</summary>
internal sealed class OrganizationResource() : ResourceType<Organization, OrganizationAttributes>(Type)
{
    public const string Type = "organizations";

    protected override IReadOnlyList<Relation<Organization>> Relations { get; } =
    [
        // Told when it is asked for: whoever includes an organisation and its project would include a circle otherwise.
        Found("default-project", ProjectResource.Type, ProjectResource.DefaultsOfAsync),
        One("default-agent-pool", AgentPoolResource.Type, organization => organization.DefaultAgentPoolId?.Value).Includable(),
        One("entitlement-set", EntitlementSetResource.Type, organization => organization.Id.Value).Includable(),
        // Of which type it is, its own address tells.
        Linked("data-retention-policy", organization => DataRetentionApi.AddressOf(organization.Name)),
    ];

    protected override string IdOf(Organization row) => row.Name;

    protected override IQueryable<Organization> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids) =>
        db.Organizations.Where(organization => ids.Contains(organization.Name));

    protected override IQueryable<Organization> Visible(IQueryable<Organization> rows, HttpContext context) =>
        rows.SeenBy(Admission.Of(context).Standing);

    protected override OrganizationAttributes Show(Organization row, HttpContext context) => new()
    {
        Name = row.Name,
        Email = row.Email,
        ExternalId = row.Id.Value,
        CreatedAt = row.CreatedAt,
        DefaultExecutionMode = EnumText.Of(row.DefaultExecutionMode),
        AllowForceDeleteWorkspaces = row.AllowForceDeleteWorkspaces,
        CollaboratorAuthPolicy = row.RequiresTwoFactor ? OrganizationRequest.TwoFactorPolicy : OrganizationRequest.PasswordPolicy,
        MaxConcurrentRuns = row.MaxConcurrentRuns,
        TwoFactorConformant = row.RequiresTwoFactor,
        Permissions = OrganizationPermissions.Of(Admission.Of(context).Standing.Across(row.Id)),
    };
}
