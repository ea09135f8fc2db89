using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Runs;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record CapacityAttributes(int Pending, int Running);

/// <summary>An organisation with what its workers have to do.</summary>
/// <param name="Pending">Runs that wait, for their turn or for a worker.</param>
/// <param name="Running">Runs that a worker carries out.</param>
internal sealed record Capacity(string Organization, int Pending, int Running);

internal sealed class CapacityResource() : ResourceType<Capacity, CapacityAttributes>("organization-capacity")
{
    protected override string IdOf(Capacity row) => row.Organization;

    protected override IQueryable<Capacity> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids) =>
        View(db.Organizations.Where(organization => ids.Contains(organization.Name)), db);

    protected override IReadOnlyDictionary<string, string>? LinksOf(Capacity row) => null;

    protected override CapacityAttributes Show(Capacity row, HttpContext context) => new(row.Pending, row.Running);

    private static IQueryable<Capacity> View(IQueryable<Organization> organizations, OrchestratorDbContext db) =>
        organizations.Select(organization => new Capacity(
            organization.Name,
            db.Runs.Count(run => run.OrganizationId == organization.Id
                && (run.Status == RunStatus.Pending || RunMoves.HandedOver.Contains(run.Status))),
            db.Runs.Count(run => run.OrganizationId == organization.Id && RunMoves.Claimed.Contains(run.Status))));
}
