using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Variables;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record RunCreateRequest
{
    public string? Message { get; init; }
    public bool? IsDestroy { get; init; }
    public bool? Refresh { get; init; }
    public bool? RefreshOnly { get; init; }
    public bool? PlanOnly { get; init; }
    public bool? SavePlan { get; init; }
    public bool? AutoApply { get; init; }
    public bool? AllowEmptyApply { get; init; }
    public bool? AllowConfigGeneration { get; init; }
    public bool? DebuggingMode { get; init; }
    public string? TerraformVersion { get; init; }
    public IReadOnlyList<string>? TargetAddrs { get; init; }
    public IReadOnlyList<string>? ReplaceAddrs { get; init; }
    public IReadOnlyList<RunVariableRequest?>? Variables { get; init; }
}

/// <param name="Value">An HCL literal: a string arrives with its quotes.</param>
public sealed record RunVariableRequest(string? Key, string? Value);

public sealed record CommentRequest
{
    public string? Comment { get; init; }
}

internal static class RunsApi
{
    public static void MapRuns(this IEndpointRouteBuilder api)
    {
        api.MapPost("/runs", CreateAsync)
            .WithSummary("Queue a run").Takes<RunCreateRequest>().Creates<RunResource>();
        api.MapGet("/runs/{id}", (string id, HttpContext context, RunResource runs) => runs.ShowAsync(id, context))
            .WithSummary("Show a run").Returns<RunResource>();
        api.MapGet("/runs/{id}/run-events", ListEventsAsync)
            .WithSummary("List what happened to a run").ReturnsAll<RunEventResource>();
        api.MapGet("/run-events/{id}", (string id, HttpContext context, RunEventResource events) => events.ShowAsync(id, context))
            .WithSummary("Show what happened to a run once").Returns<RunEventResource>();
        MapAction(api, "apply", "Confirm a run", (actions, id, caller, comment, token) =>
            actions.ConfirmAsync(id, caller.Caller.Actor, comment, caller.May(WorkspaceRight.RunWithCredentials), token));
        MapAction(api, "discard", "Discard a run that waits for its confirmation", (actions, id, caller, comment, token) => actions.DiscardAsync(id, caller.Caller.Actor, comment, token));
        MapAction(api, "cancel", "Stop a run; terraform saves its state", (actions, id, caller, comment, token) => actions.CancelAsync(id, caller.Caller.Actor, comment, token));
        MapAction(api, "force-cancel", "Kill a run that does not stop", (actions, id, caller, comment, token) => actions.ForceCancelAsync(id, caller.Caller.Actor, comment, token));
        MapAction(api, "force-execute", "Give a pending run the place of one that waits for its confirmation",
            (actions, id, caller, comment, token) => actions.ForceExecuteAsync(id, caller.Caller.Actor, comment, token));
        // Nothing here makes any yet; clients ask for the lists all the same.
        api.MapGet("/runs/{id}/task-stages", ListNothingAsync)
            .WithSummary("List the task stages of a run: none").ReturnsPage<NoAttributes>("task-stages");
        api.MapGet("/runs/{id}/policy-checks", ListNothingAsync)
            .WithSummary("List the policy checks of a run: none").ReturnsPage<NoAttributes>("policy-checks");
    }

    private static void MapAction(
        IEndpointRouteBuilder api, string name, string summary, Func<RunActions, RunId, Admission, string?, CancellationToken, Task<ActionResult>> act) =>
        api.MapPost($"/runs/{{id}}/actions/{name}", async (string id, HttpContext context, RunActions actions, OrchestratorDbContext db) =>
        {
            var status = await db.Runs.Where(run => run.Id == new RunId(id)).Select(run => (RunStatus?)run.Status).FirstOrDefaultAsync(context.RequestAborted)
                ?? throw ApiProblem.NotFound();
            if (name == "cancel" && !Admission.Of(context).MayCancel(status))
            {
                throw ApiProblem.NotFound();
            }
            var comment = (await context.Request.ReadPlainAsync<CommentRequest>()).Comment?.Trim();
            if (comment is { Length: > RunEvent.MaxCommentLength })
            {
                throw new ApiProblem(
                    StatusCodes.Status422UnprocessableEntity, "invalid attribute", $"A comment has {RunEvent.MaxCommentLength} characters at most.", "/comment");
            }
            var result = await act(actions, new RunId(id), Admission.Of(context), comment, context.RequestAborted);
            return result.IsDone ? Results.Accepted() : throw ApiProblem.Conflict(result.Refusal!);
        }).WithSummary(summary).TakesPlain<CommentRequest>().ReturnsNothing(StatusCodes.Status202Accepted);

    internal static async Task RequireRunAsync(this OrchestratorDbContext db, string id, CancellationToken cancellationToken)
    {
        if (!await db.Runs.AnyAsync(run => run.Id == new RunId(id), cancellationToken))
        {
            throw ApiProblem.NotFound();
        }
    }

    private static async Task<IResult> CreateAsync(HttpContext context, RunQueue queue, OrchestratorDbContext db, RunResource runs)
    {
        var body = await context.Request.ReadResourceAsync<RunCreateRequest>();
        var workspace = body.RelatedId("workspace") ?? throw ApiProblem.InvalidRelationship("workspace", "Name the workspace that the run is for.");
        var wanted = body.Attributes!;
        var here = await FindAsync(workspace, context, db);
        RequireToApply(here, wanted);
        var configuration = body.RelatedId("configuration-version");
        await RequireConfigurationAsync(configuration, here, db, context.RequestAborted);
        if (wanted.DebuggingMode == true)
        {
            throw ApiProblem.Invalid("debugging-mode",
                "Terraform's trace log holds what providers send, secrets among it, so this server does not keep one. Set the environment "
                + "variable TF_LOG of the workspace if you want it in the run's log, where sensitive values are masked.");
        }
        var source = SourceOf(context.Request);
        // The CLI says what it was told on its command line; there the workspace's setting does not count.
        var autoApply = source == RunSource.Cli ? wanted.AutoApply ?? false : wanted.AutoApply;
        var request = new RunRequest(new WorkspaceId(workspace), here.Caller.Actor, source)
        {
            ConfigurationVersionId = configuration is null ? null : new ConfigurationVersionId(configuration),
            Message = wanted.Message,
            IsDestroy = wanted.IsDestroy ?? false,
            Refresh = wanted.Refresh ?? true,
            RefreshOnly = wanted.RefreshOnly ?? false,
            PlanOnly = wanted.PlanOnly,
            SavePlan = wanted.SavePlan ?? false,
            // What somebody plans who may not apply waits for somebody who may, whatever the workspace's setting.
            AutoApply = here.May(WorkspaceRight.QueueApply) ? autoApply : false,
            MayUseCredentials = here.May(WorkspaceRight.RunWithCredentials),
            AllowEmptyApply = wanted.AllowEmptyApply ?? false,
            AllowConfigGeneration = wanted.AllowConfigGeneration ?? false,
            TerraformVersion = wanted.TerraformVersion,
            TargetAddresses = wanted.TargetAddrs ?? [],
            ReplaceAddresses = wanted.ReplaceAddrs ?? [],
            Variables = [.. (wanted.Variables ?? []).Select(Read)],
        };
        var result = await queue.CreateAsync(request, context.RequestAborted);
        if (result.Run is not { } run)
        {
            throw result.Field is "workspace" or "configuration-version"
                ? ApiProblem.InvalidRelationship(result.Field, result.Refusal!)
                : ApiProblem.Invalid(result.Field ?? "", result.Refusal!);
        }
        return await runs.ShowNewAsync(
            await RunResource.View(db.Runs.AsNoTracking().Where(row => row.Id == run.Id), db).FirstAsync(context.RequestAborted), context);
    }

    private static async Task<Admission> FindAsync(string workspace, HttpContext context, OrchestratorDbContext db)
    {
        var here = Identifier.TryParse<WorkspaceId>(workspace, out var id) && await db.FindAsync(id, context.RequestAborted) is { } scope
            ? Admission.Of(context).At(scope)
            : null;
        // Whoever may not see the workspace learns as little as of one that does not exist.
        if (here is null || !here.May(WorkspaceRight.See))
        {
            throw ApiProblem.InvalidRelationship("workspace", "The workspace does not exist.");
        }
        here.Require(WorkspaceRight.QueuePlan);
        context.Features.Set(here);
        return here;
    }

    /// <summary>A run shows what is in its configuration, so one of another workspace is only for those who may read that one's runs.</summary>
    private static async Task RequireConfigurationAsync(string? id, Admission here, OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        if (Identifier.TryParse<ConfigurationVersionId>(id, out var configuration)
            && await db.ConfigurationVersions.Where(version => version.Id == configuration).Select(version => (WorkspaceId?)version.WorkspaceId)
                .FirstOrDefaultAsync(cancellationToken) is { } owner
            && owner != here.Scope.Workspace
            && !(await db.FindAsync(owner, cancellationToken) is { } there && here.At(there).May(WorkspaceRight.ReadRuns)))
        {
            throw ApiProblem.InvalidRelationship("configuration-version", "The configuration version does not exist.");
        }
    }

    /// <summary>What applies without asking, or destroys, takes the right to apply.</summary>
    private static void RequireToApply(Admission here, RunCreateRequest wanted)
    {
        if (wanted.AutoApply == true || wanted.AllowEmptyApply == true || (wanted.IsDestroy == true && wanted.PlanOnly != true))
        {
            here.Require(WorkspaceRight.QueueApply);
        }
    }

    private static PlainVariable Read(RunVariableRequest? variable) => Names.IsVariableKey(variable?.Key)
        ? new PlainVariable(variable!.Key!, VariableCategory.Terraform, variable.Value ?? "null", Hcl: true, Sensitive: false)
        : throw ApiProblem.Invalid("variables", "Each variable has a key that is a variable's name, and an HCL literal as its value.");

    private static string SourceOf(HttpRequest request) => request.Headers["X-Terraform-Integration"] == "cloud"
        ? RunSource.Cli
        : request.Headers.ContainsKey("Terraform-Version") ? RunSource.RemoteBackend : RunSource.Api;

    private static async Task<IResult> ListNothingAsync(string id, OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        await db.RequireRunAsync(id, cancellationToken);
        return JsonApiResult.All([]);
    }

    private static async Task<IResult> ListEventsAsync(
        string id, HttpContext context, OrchestratorDbContext db, RunEventResource events, CancellationToken cancellationToken)
    {
        await db.RequireRunAsync(id, cancellationToken);
        return await events.ShowAllAsync(await db.HistoryAsync(new RunId(id), cancellationToken), context);
    }
}
