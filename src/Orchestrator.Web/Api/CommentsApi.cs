using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record CommentBody
{
    public string? Body { get; init; }
}

internal static class CommentsApi
{
    public static void MapComments(this IEndpointRouteBuilder api)
    {
        api.MapGet("/comments/{id}", (string id, HttpContext context, CommentResource comments) => comments.ShowAsync(id, context))
            .WithSummary("Show what somebody said about a run").Returns<CommentResource>();
        api.MapGet("/runs/{id}/comments", async (string id, HttpContext context, OrchestratorDbContext db, CommentResource comments) =>
        {
            var history = await db.HistoryAsync(new RunId(id), context.RequestAborted);
            return history.Count > 0
                ? await comments.ShowAllAsync([.. history.Where(happening => happening.CommentId is not null)], context)
                : throw ApiProblem.NotFound();
        }).WithSummary("List what people said about a run").ReturnsAll<CommentResource>();
        api.MapPost("/runs/{id}/comments", CommentAsync)
            .WithSummary("Say something about a run").Takes<CommentBody>().Creates<CommentResource>();
    }

    private static async Task<IResult> CommentAsync(
        string id, HttpContext context, OrchestratorDbContext db, RunComments comments, CommentResource resources)
    {
        await db.RequireRunAsync(id, context.RequestAborted);
        var body = (await context.Request.ReadResourceAsync<CommentBody>()).Attributes!.Body?.Trim();
        if (body is not { Length: > 0 and <= RunEvent.MaxCommentLength })
        {
            throw ApiProblem.Invalid("body", $"A comment has 1 to {RunEvent.MaxCommentLength} characters.");
        }
        return await comments.AddAsync(new RunId(id), Caller.Of(context).Actor, body, context.RequestAborted) is { } said
            ? await resources.ShowNewAsync(said, context)
            : throw ApiProblem.NotFound();
    }
}
