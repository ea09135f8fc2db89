using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Tags;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record ReservedTagKeyAttributes(string Key, bool DisableOverrides, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

public sealed record ReservedTagKeyRequest
{
    public string? Key { get; init; }

    public bool? DisableOverrides { get; init; }
}

internal sealed class ReservedTagKeyResource() : ResourceType<ReservedTagKey, ReservedTagKeyAttributes>(Type)
{
    public const string Type = "reserved-tag-keys";

    protected override string IdOf(ReservedTagKey row) => row.Id.Value;

    protected override IQueryable<ReservedTagKey> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new ReservedTagKeyId(id)).ToArray();
        return db.ReservedTagKeys.Where(reserved => wanted.Contains(reserved.Id));
    }

    protected override ReservedTagKeyAttributes Show(ReservedTagKey row, HttpContext context) =>
        new(row.Key, row.DisableOverrides, row.CreatedAt, row.UpdatedAt);
}

internal static class ReservedTagKeysApi
{
    public static void MapReservedTagKeys(this IEndpointRouteBuilder api)
    {
        api.MapGet("/organizations/{organization}/reserved-tag-keys", async (
            string organization, HttpContext context, OrchestratorDbContext db, ReservedTagKeyResource keys) =>
        {
            var owner = await db.OrganizationAsync(organization, context.RequestAborted);
            return await keys.ShowPageAsync(
                db.ReservedTagKeys.AsNoTracking().Where(reserved => reserved.OrganizationId == owner.Id).OrderBy(reserved => reserved.Key), context);
        }).Needs(OrganizationRight.Read).WithSummary("List an organisation's reserved tag keys").ReturnsPage<ReservedTagKeyResource>();
        api.MapPost("/organizations/{organization}/reserved-tag-keys", CreateAsync).Needs(OrganizationRight.ManageTags)
            .WithSummary("Reserve a tag key").Takes<ReservedTagKeyRequest>().Creates<ReservedTagKeyResource>();
        api.MapPatch("/reserved-tag-keys/{id}", UpdateAsync).Needs(OrganizationRight.ManageTags)
            .WithSummary("Change a reserved tag key").Takes<ReservedTagKeyRequest>().Returns<ReservedTagKeyResource>();
        api.MapDelete("/reserved-tag-keys/{id}", async (string id, OrchestratorDbContext db, CancellationToken cancellationToken) =>
            await db.ReservedTagKeys.Where(reserved => reserved.Id == new ReservedTagKeyId(id)).ExecuteDeleteAsync(cancellationToken) == 1
                ? Results.NoContent()
                : throw ApiProblem.NotFound())
            .Needs(OrganizationRight.ManageTags).WithSummary("Reserve a tag key no more").ReturnsNothing();
    }

    private static async Task<IResult> CreateAsync(
        string organization, HttpContext context, OrchestratorDbContext db, TimeProvider clock, ReservedTagKeyResource keys)
    {
        var owner = await db.OrganizationAsync(organization, context.RequestAborted);
        var wanted = (await context.Request.ReadResourceAsync<ReservedTagKeyRequest>()).Attributes!;
        var now = clock.GetUtcNow();
        var reserved = new ReservedTagKey
        {
            Id = Identifier.New<ReservedTagKeyId>(),
            OrganizationId = owner.Id,
            Key = Check(wanted.Key),
            DisableOverrides = wanted.DisableOverrides ?? false,
            CreatedAt = now,
            UpdatedAt = now,
        };
        db.ReservedTagKeys.Add(reserved);
        await db.SaveNewAsync("key", context.RequestAborted);
        return await keys.ShowNewAsync(reserved, context);
    }

    private static async Task<IResult> UpdateAsync(
        string id, HttpContext context, OrchestratorDbContext db, TimeProvider clock, ReservedTagKeyResource keys)
    {
        var reserved = await db.ReservedTagKeys.FirstOrDefaultAsync(row => row.Id == new ReservedTagKeyId(id), context.RequestAborted)
            ?? throw ApiProblem.NotFound();
        var wanted = (await context.Request.ReadResourceAsync<ReservedTagKeyRequest>()).Attributes!;
        reserved.Key = wanted.Key is null ? reserved.Key : Check(wanted.Key);
        reserved.DisableOverrides = wanted.DisableOverrides ?? reserved.DisableOverrides;
        reserved.UpdatedAt = clock.GetUtcNow();
        await db.SaveNewAsync("key", context.RequestAborted);
        return await keys.ShowAsync(reserved, context);
    }

    private static string Check(string? key) => TagRules.Fault(key) is { } fault ? throw ApiProblem.Invalid("key", fault) : key!;
}
