using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>An organisation's policy of retention as Terraform Enterprise's clients know it: nothing is deleted, or what is older than so many days.</summary>
public sealed record DataRetentionRequest
{
    /// <summary>Of logs, plans, configurations and states alike.</summary>
    public int? DeleteOlderThanNDays { get; init; }
}

/// <param name="DeleteOlderThanNDays">The states' days where the kinds differ, which a page alone can set; null when they are kept by number or for ever.</param>
public sealed record DataRetentionAttributes(int? DeleteOlderThanNDays);

internal static class DataRetentionApi
{
    private const string Path = "/organizations/{organization}/relationships/data-retention-policy";
    private const string DeleteOlder = "data-retention-policy-delete-olders";
    private const string DontDelete = "data-retention-policy-dont-deletes";

    public static string AddressOf(string organization) => $"{ApiRoutes.Root}{Path.Replace("{organization}", organization, StringComparison.Ordinal)}";

    public static void MapDataRetention(this IEndpointRouteBuilder api)
    {
        // Null where it has none.
        api.MapGet(Path, async (string organization, OrchestratorDbContext db, RetentionRules rules, CancellationToken cancellationToken) =>
            await ShowAsync((await db.OrganizationAsync(organization, cancellationToken)).Id, rules, StatusCodes.Status200OK, cancellationToken))
            .Needs(OrganizationRight.Read).WithSummary("Show an organisation's own data retention policy").Returns<DataRetentionAttributes>(DeleteOlder);
        api.MapPost(Path, (string organization, HttpContext context, OrchestratorDbContext db, RetentionRules rules) => SetAsync(organization, context, db, rules, StatusCodes.Status201Created))
            .Needs(OrganizationRight.Update).WithSummary("Give an organisation a data retention policy of its own")
            .Takes<DataRetentionRequest>().Returns<DataRetentionAttributes>(DeleteOlder, StatusCodes.Status201Created);
        api.MapPatch(Path, (string organization, HttpContext context, OrchestratorDbContext db, RetentionRules rules) => SetAsync(organization, context, db, rules, StatusCodes.Status200OK))
            .Needs(OrganizationRight.Update).WithSummary("Change an organisation's data retention policy").Takes<DataRetentionRequest>().Returns<DataRetentionAttributes>(DeleteOlder);
        api.MapDelete(Path, async (string organization, OrchestratorDbContext db, RetentionRules rules, CancellationToken cancellationToken) =>
        {
            await rules.SetAsync((await db.OrganizationAsync(organization, cancellationToken)).Id, null, cancellationToken);
            return Results.NoContent();
        }).Needs(OrganizationRight.Update).WithSummary("Leave an organisation's data retention to the installation").ReturnsNothing();
    }

    private static async Task<IResult> SetAsync(string organization, HttpContext context, OrchestratorDbContext db, RetentionRules rules, int status)
    {
        var found = await db.OrganizationAsync(organization, context.RequestAborted);
        var wanted = await context.Request.ReadResourceAsync<DataRetentionRequest>();
        var days = wanted.Attributes!.DeleteOlderThanNDays;
        if (wanted.Type != DontDelete && days is null)
        {
            throw ApiProblem.Invalid("delete-older-than-n-days", $"Say after how many days data goes, or send the type '{DontDelete}' to keep everything.");
        }
        var rule = new KeptFor(wanted.Type == DontDelete ? null : days, null);
        if (await rules.SetAsync(found.Id, Enum.GetValues<RetainedKind>().ToDictionary(kind => kind, _ => rule), context.RequestAborted) is { } refusal)
        {
            throw ApiProblem.Invalid("delete-older-than-n-days", refusal);
        }
        return await ShowAsync(found.Id, rules, status, context.RequestAborted);
    }

    private static async Task<IResult> ShowAsync(OrganizationId id, RetentionRules rules, int status, CancellationToken cancellationToken)
    {
        if (await rules.FindAsync(id, cancellationToken) is not { } own)
        {
            return Results.Text("{\"data\":null}", JsonApiResult.MediaType, statusCode: status);
        }
        var type = own.Values.All(rule => rule.IsForEver) ? DontDelete : DeleteOlder;
        return new JsonApiResult(
            new Document(new Resource<DataRetentionAttributes>($"drp-{Identifier.Derive(id.Value)}", type, new DataRetentionAttributes(own.GetValueOrDefault(RetainedKind.States)?.Days))), status);
    }
}
