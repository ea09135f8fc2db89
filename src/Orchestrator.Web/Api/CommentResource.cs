using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <param name="CreatedAt">An addition of this server, as is the author: elsewhere only the run's event tells them.</param>
public sealed record CommentAttributes(string Body, DateTimeOffset CreatedAt);

/// <summary>What somebody said about a run: an entry of its history that has a comment.</summary>
internal sealed class CommentResource() : ResourceType<RunEvent, CommentAttributes>(Type)
{
    public const string Type = "comments";

    protected override IReadOnlyList<Relation<RunEvent>> Relations { get; } =
    [
        One("run-event", RunEventResource.Type, row => row.Id.Value),
        One("created-by", People.Type, row => ServiceUsers.UserIdOf(row.ActorId)).Includable(),
    ];

    protected override string IdOf(RunEvent row) => row.CommentId!.Value.Value;

    protected override IQueryable<RunEvent> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => (CommentId?)new CommentId(id)).ToArray();
        return db.RunEvents.Where(happening => wanted.Contains(happening.CommentId));
    }

    protected override CommentAttributes Show(RunEvent row, HttpContext context) => new(row.Comment!, row.CreatedAt);

    public static async Task<ILookup<string, string>> OfRunsAsync(
        OrchestratorDbContext db, IReadOnlyList<string> runs, CancellationToken cancellationToken)
    {
        var wanted = runs.Select(id => new RunId(id)).ToArray();
        var found = await db.RunEvents
            .Where(happening => wanted.Contains(happening.RunId) && happening.CommentId != null)
            .OrderBy(happening => happening.CreatedAt)
            .Select(happening => new { happening.RunId, happening.CommentId })
            .ToListAsync(cancellationToken);
        return found.ToLookup(pair => pair.RunId.Value, pair => pair.CommentId!.Value.Value);
    }
}
