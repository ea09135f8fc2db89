using Microsoft.EntityFrameworkCore;
using Orchestrator.AgentPools;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.Organizations;
using Orchestrator.Projects;
using Orchestrator.Workspaces;

namespace Orchestrator.Runs;

/// <summary>Takes runs in, and lets them through: in a workspace one at a time may change state, first in first out. Plan-only
/// runs and saved plans go beside the queue.</summary>
public sealed class RunQueue(
    IDbContextFactory<OrchestratorDbContext> databases, RunVariables variables, VcsHeads heads, RunJobs jobs, IAnnouncements announcements, TimeProvider clock)
{
    private static readonly CompiledQuery<WorkspaceId, Place> Places = new((db, id) =>
        from workspace in db.Workspaces.AsNoTracking()
        where workspace.Id == id
        join project in db.Projects.AsNoTracking() on workspace.ProjectId equals project.Id
        join organization in db.Organizations.AsNoTracking() on workspace.OrganizationId equals organization.Id
        select new Place(workspace, project, organization, db.VcsRepositories.Any(repository => repository.WorkspaceId == id)));

    /// <summary>Stores the run as <c>pending</c> and starts it if it is its turn.</summary>
    public async Task<RunRequestResult> CreateAsync(RunRequest request, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var place = await Places.FirstOrDefaultAsync(db, request.WorkspaceId, cancellationToken);
        // Who names no configuration means the newest, and version control knows which that is.
        if (request.ConfigurationVersionId is null && place is { HasRepository: true })
        {
            var (head, why) = await heads.FetchAsync(request.WorkspaceId, cancellationToken);
            if (why is not null)
            {
                return RunRequestResult.Refused(why, "configuration-version");
            }
            request = request with { ConfigurationVersionId = head };
            // That may have taken minutes.
            place = await Places.FirstOrDefaultAsync(db, request.WorkspaceId, cancellationToken);
        }
        var result = await AddAsync(db, request, place, cancellationToken);
        if (result.Run is { } run)
        {
            await db.SaveChangesAsync(cancellationToken);
            await AdvanceAsync(run.WorkspaceId, cancellationToken);
        }
        return result;
    }

    /// <summary>Adds the run to what the caller saves, who then calls <see cref="AdvanceAsync"/>.</summary>
    internal async Task<RunRequestResult> AddAsync(OrchestratorDbContext db, RunRequest request, CancellationToken cancellationToken) =>
        await AddAsync(db, request, await Places.FirstOrDefaultAsync(db, request.WorkspaceId, cancellationToken), cancellationToken);

    private async Task<RunRequestResult> AddAsync(OrchestratorDbContext db, RunRequest request, Place? found, CancellationToken cancellationToken)
    {
        if (found is not { Workspace: var workspace, Execution: var place })
        {
            return RunRequestResult.Refused("The workspace does not exist.", "workspace");
        }
        var configuration = await FindConfigurationAsync(db, request, workspace, cancellationToken);
        if (RunRequestCheck.Find(request, workspace, place, configuration) is { } refused)
        {
            return refused;
        }
        var id = Identifier.New<RunId>();
        var (frozen, tooMuch) = await variables.FreezeAsync(id, workspace.Id, request.Variables, mayHaveSecrets: !configuration!.FromFork, cancellationToken);
        if (frozen is null)
        {
            return RunRequestResult.Refused(tooMuch!, "variables");
        }
        if (place.Pool is { } pool
            && !await db.AgentPoolsFor(workspace.OrganizationId, workspace.ProjectId, workspace.Id).AnyAsync(row => row.Id == pool, cancellationToken))
        {
            return RunRequestResult.Refused("The workspace's agent pool is not open to it. Choose another one in its settings.", "workspace");
        }
        var options = Options(request, workspace, configuration!);
        using var span = RunSpans.Create(id, workspace, request);
        var now = clock.GetUtcNow();
        var run = new Run
        {
            Id = id,
            WorkspaceId = workspace.Id,
            OrganizationId = workspace.OrganizationId,
            ConfigurationVersionId = configuration!.Id,
            Options = options,
            Operation = options.Operation,
            Message = frozen.Secrets.Mask(request.Message ?? RunSource.Message(request.Source)),
            Source = request.Source,
            Reason = request.Reason,
            TriggeredByRunId = request.TriggeredBy?.Id,
            TriggeringWorkspaceId = request.TriggeredBy?.WorkspaceId,
            CreatedById = request.CreatedBy.Id,
            CreatedBy = request.CreatedBy.Name,
            PlansWithoutCredentials = !request.MayUseCredentials,
            AppliesWithoutCredentials = !request.MayUseCredentials,
            CreatedAt = now,
            UpdatedAt = now,
            ProtectedVariables = frozen.All,
            ProtectedOwnVariables = frozen.Own,
            Engine = workspace.Engine,
            TerraformVersion = request.TerraformVersion ?? workspace.TerraformVersion,
            WorkingDirectory = workspace.WorkingDirectory.Trim('/'),
            AgentPoolId = place.Pool,
            TraceContext = span?.Id ?? Tracing.Context,
        };
        db.Runs.Add(run);
        db.Plans.Add(new Plan { Id = Identifier.New<PlanId>(), RunId = run.Id });
        db.Applies.Add(new Apply { Id = Identifier.New<ApplyId>(), RunId = run.Id });
        db.RunEvents.Add(RunEvent.Of(run.Id, EnumText.Of(RunStatus.Pending), now, request.CreatedBy, run.Message));
        await db.NoteAsync(run, RunStatus.Pending, now, request.CreatedBy, cancellationToken);
        db.AuditCreation(run);
        return new RunRequestResult(run);
    }

    private static RunOptions Options(RunRequest request, Workspace workspace, ConfigurationVersion configuration)
    {
        var planOnly = request.PlanOnly ?? configuration.Speculative;
        var setting = request.TriggeredBy is null ? workspace.AutoApply : workspace.AutoApplyRunTrigger;
        var wanted = request.AllowEmptyApply || (request.AutoApply ?? setting);
        return new RunOptions
        {
            IsDestroy = request.IsDestroy,
            Refresh = request.Refresh,
            RefreshOnly = request.RefreshOnly,
            PlanOnly = planOnly,
            SavePlan = request.SavePlan,
            AutoApply = wanted && request.MayApply && !request.SavePlan && !planOnly,
            AllowEmptyApply = request.AllowEmptyApply,
            AllowConfigGeneration = request.AllowConfigGeneration,
            TargetAddresses = request.TargetAddresses,
            ReplaceAddresses = request.ReplaceAddresses,
        };
    }

    /// <summary>Starts whatever may start in the workspace now. Safe to call at any time, from any process.</summary>
    public async Task AdvanceAsync(WorkspaceId workspace, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var beside = Beside(db, workspace);
        var seen = await db.Workspaces.Where(row => row.Id == workspace)
            .Select(row => new { row.LockedById, HasBeside = beside.Any() }).FirstOrDefaultAsync(cancellationToken);
        if (seen is { HasBeside: true })
        {
            foreach (var run in await beside.ToListAsync(cancellationToken))
            {
                await StartAsync(db, run, RunStatus.PlanQueued, takeLock: false, cancellationToken);
            }
        }
        await StartNextAsync(db, workspace, seen?.LockedById, cancellationToken);
    }

    private static IQueryable<Run> Beside(OrchestratorDbContext db, WorkspaceId workspace) => db.Runs.AsNoTracking()
        .Where(run => run.WorkspaceId == workspace && run.Status == RunStatus.Pending && (run.Options.PlanOnly || run.Options.SavePlan));

    /// <param name="holder">Who has locked the workspace. While a pull request holds it, its own runs alone go on.</param>
    private async Task StartNextAsync(OrchestratorDbContext db, WorkspaceId workspace, string? holder, CancellationToken cancellationToken)
    {
        while (true)
        {
            var line = db.Line(workspace).OrderBy(run => run.CreatedAt).ThenBy(run => run.Id);
            var ours = PullRequestHolder.NumberOf(holder) is { } number
                ? await line.Where(run => db.IngressAttributes.Any(ingress => ingress.ConfigurationVersionId == run.ConfigurationVersionId && ingress.PullRequestNumber == number))
                    .FirstOrDefaultAsync(cancellationToken)
                : null;
            var next = ours ?? await line.FirstOrDefaultAsync(cancellationToken);
            if (next is null)
            {
                return;
            }
            if (next.Status == RunStatus.Confirmed && await EndStaleAsync(db, next, cancellationToken))
            {
                continue;
            }
            var step = next.Status == RunStatus.Confirmed ? RunStatus.ApplyQueued : RunStatus.PlanQueued;
            await StartAsync(db, next, step, takeLock: true, cancellationToken, within: ours is null ? null : holder);
            return;
        }
    }

    /// <summary>A saved plan whose state was changed while it waited for its turn; terraform would refuse it.</summary>
    private async Task<bool> EndStaleAsync(OrchestratorDbContext db, Run run, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            var moved = await db.MoveAsync(run.Id, RunStatus.Errored, now, description: SavedPlans.Stale,
                also: set => set.SetProperty(row => row.Outcome, SavedPlans.Stale),
                only: [RunStatus.Confirmed],
                when: SavedPlans.IsStale(db),
                cancellationToken: cancellationToken);
            if (moved != MoveOutcome.Moved)
            {
                return false;
            }
            await db.CloseWaitingPhasesAsync(run.Id, now, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        await announcements.AnnounceAsync(Topic.Run(run.Id), cancellationToken);
        return true;
    }

    /// <summary>The workspace's lock is the queue's mutex: whoever has it is through. Lock and move are one transaction.</summary>
    private async Task StartAsync(OrchestratorDbContext db, Run run, RunStatus step, bool takeLock, CancellationToken cancellationToken, string? within = null)
    {
        var now = clock.GetUtcNow();
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            if (takeLock && await db.LockForRunAsync(run.WorkspaceId, run.Id, now, cancellationToken, within) != LockOutcome.Done)
            {
                await db.PutInFrontAsync(run.WorkspaceId, run.Id, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return;
            }
            if (await db.MoveAsync(run.Id, step, now, only: [run.Status], known: run, cancellationToken: cancellationToken) != MoveOutcome.Moved)
            {
                return;
            }
            await db.QueuePhaseAsync(run.Id, step == RunStatus.PlanQueued ? RunPhase.Plan : RunPhase.Apply, now, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        await announcements.AnnounceAsync(Topic.Run(run.Id), cancellationToken);
        jobs.Enqueue(run, step);
    }

    /// <summary>The one that the request names, of its workspace or of another one of the organisation; else the workspace's current one.</summary>
    private static async Task<ConfigurationVersion?> FindConfigurationAsync(
        OrchestratorDbContext db, RunRequest request, Workspace workspace, CancellationToken cancellationToken) =>
        request.ConfigurationVersionId is { } id
            ? await db.ConfigurationVersions.AsNoTracking().FirstOrDefaultAsync(
                version => version.Id == id && db.Workspaces.Any(
                    owner => owner.Id == version.WorkspaceId && owner.OrganizationId == workspace.OrganizationId), cancellationToken)
            : await db.CurrentConfigurationAsync(workspace.Id, cancellationToken);

    /// <summary>The workspace of a run, and where its runs are carried out.</summary>
    private sealed record Place(Workspace Workspace, Project Project, Organization Organization, bool HasRepository)
    {
        public ExecutionPlace Execution => ExecutionPlace.Of(Organization, Project, Workspace);
    }
}
