using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record RunEventAttributes(string Action, string? Description, string? Actor, DateTimeOffset CreatedAt);

internal sealed class RunEventResource() : ResourceType<RunEvent, RunEventAttributes>(Type)
{
    public const string Type = "run-events";

    protected override IReadOnlyList<Relation<RunEvent>> Relations { get; } =
    [
        One("run", RunResource.Type, row => row.RunId.Value),
        One("actor", People.Type, row => ServiceUsers.UserIdOf(row.ActorId)).Includable(),
        One("comment", CommentResource.Type, row => row.CommentId?.Value).Includable(),
    ];

    protected override string IdOf(RunEvent row) => row.Id.Value;

    protected override IQueryable<RunEvent> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new RunEventId(id)).ToArray();
        return db.RunEvents.Where(happening => wanted.Contains(happening.Id));
    }

    protected override RunEventAttributes Show(RunEvent row, HttpContext context) =>
        new(row.Action, row.Description, row.Actor, row.CreatedAt);

    public static async Task<ILookup<string, string>> OfRunsAsync(
        OrchestratorDbContext db, IReadOnlyList<string> runs, CancellationToken cancellationToken)
    {
        var histories = await db.HistoriesAsync([.. runs.Select(id => new RunId(id))], cancellationToken);
        return histories.SelectMany(history => history.Select(id => (Run: history.Key.Value, Id: id.Value))).ToLookup(pair => pair.Run, pair => pair.Id);
    }
}
