using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record OrganizationAttributes(
    string Name, string? Email, string ExternalId, DateTimeOffset CreatedAt, string DefaultExecutionMode, bool CostEstimationEnabled,
    OrganizationPermissions Permissions);

public sealed record OrganizationPermissions(
    bool CanUpdate, bool CanDestroy, bool CanCreateWorkspace, bool CanCreateProject, bool CanTraverse, bool CanCreateTeam);

/// <summary>An organisation. The API knows it by its name alone.</summary>
internal sealed class OrganizationResource() : ResourceType<Organization, OrganizationAttributes>(Type)
{
    public const string Type = "organizations";

    protected override IReadOnlyList<Relation<Organization>> Relations { get; } =
    [
        Found("default-project", ProjectResource.Type, (db, names, cancellationToken) => ProjectResource.DefaultsOfAsync(db, names, cancellationToken)),
    ];

    protected override string IdOf(Organization row) => row.Name;

    protected override IQueryable<Organization> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids) =>
        db.Organizations.Where(organization => ids.Contains(organization.Name));

    protected override OrganizationAttributes Show(Organization row, HttpContext context) => new(
        row.Name, row.Email, row.Id.Value, row.CreatedAt, "remote", CostEstimationEnabled: false,
        new OrganizationPermissions(true, true, true, true, true, false));
}
