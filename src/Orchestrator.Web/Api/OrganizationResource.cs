using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record OrganizationAttributes(
    string Name, string? Email, string ExternalId, DateTimeOffset CreatedAt, string DefaultExecutionMode, bool CostEstimationEnabled,
    OrganizationPermissions Permissions);

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

    protected override IQueryable<Organization> Visible(IQueryable<Organization> rows, HttpContext context)
    {
        var standing = Admission.Of(context).Standing;
        OrganizationId[] seen = [.. standing.Organizations.Where(id => standing.In(id).HasFlag(OrganizationRight.Read))];
        return standing.IsEverywhere ? rows : rows.Where(organization => seen.Contains(organization.Id));
    }

    protected override OrganizationAttributes Show(Organization row, HttpContext context) => new(
        row.Name, row.Email, row.Id.Value, row.CreatedAt, "remote", CostEstimationEnabled: false,
        OrganizationPermissions.Of(Admission.Of(context).Standing.Across(row.Id)));
}
