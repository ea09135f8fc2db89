using Orchestrator.Data;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>What this server can do: true is what is there, false what is not.</summary>
public sealed record EntitlementAttributes
{
    /// <summary>Makes the CLI run remotely.</summary>
    public bool Operations { get; } = true;

    public bool StateStorage { get; } = true;

    public bool Agents { get; } = true;

    public bool Teams { get; }

    public bool VcsIntegrations { get; } = true;

    public bool PrivateVcs { get; }

    public bool PrivateModuleRegistry { get; }

    public bool RunTasks { get; }

    public bool GlobalRunTasks { get; }

    public bool PrivateRunTasks { get; }

    public bool PolicyEnforcement { get; }

    public bool PrivatePolicyAgents { get; }

    public bool Sentinel { get; }

    public bool CostEstimation { get; }

    public bool Sso { get; }

    public bool AuditLogging { get; } = true;

    public bool ConfigurationDesigner { get; }

    public bool SelfServeBilling { get; }

    public bool UsageReporting { get; }

    public bool ModuleTestsGeneration { get; }

    public bool WaypointActions { get; }

    public bool WaypointTemplatesAndAddons { get; }

    public int? UserLimit { get; }

    public int? PolicyLimit { get; }

    public int? PolicyMandatoryEnforcementLimit { get; }

    public int? PolicySetLimit { get; }

    public int? VersionedPolicySetLimit { get; }

    public int? RunTaskLimit { get; }

    public int? RunTaskMandatoryEnforcementLimit { get; }

    public int? RunTaskWorkspaceLimit { get; }
}

/// <summary>All of an organisation that its entitlements show.</summary>
public sealed record Entitled(OrganizationId Id, string Name);

/// <summary>The same for every organisation; its id is the organisation's own.</summary>
internal sealed class EntitlementSetResource() : ResourceType<Entitled, EntitlementAttributes>(Type)
{
    public const string Type = "entitlement-sets";

    private static readonly EntitlementAttributes Everything = new();

    protected override string IdOf(Entitled row) => row.Id.Value;

    protected override IQueryable<Entitled> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new OrganizationId(id)).ToArray();
        return db.Organizations.Where(organization => wanted.Contains(organization.Id)).Select(organization => new Entitled(organization.Id, organization.Name));
    }

    protected override EntitlementAttributes Show(Entitled row, HttpContext context) => Everything;

    protected override IReadOnlyDictionary<string, string> LinksOf(Entitled row) =>
        new Dictionary<string, string> { ["self"] = $"{ApiRoutes.Root}/organizations/{row.Name}/entitlement-set" };
}
