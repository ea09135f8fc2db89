using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.Organizations;
using Orchestrator.Projects;
using Orchestrator.Terraform;
using Orchestrator.WorkloadIdentity;
using Orchestrator.Workspaces;

namespace Orchestrator.Runs;

/// <summary>A phase of a run that this worker, and no other, carries out.</summary>
public sealed record RunClaim(Run Run, RunPhase Phase, Organization Organization, Project Project, Workspace Workspace)
{
    /// <summary>What whoever reads a fork's plan has to know.</summary>
    public const string ForkWarning =
        "This configuration comes from a fork. It is planned without credentials, sensitive variables and state: as if nothing existed yet.";

    /// <summary>Whoever has written the configuration need not be trusted here: it gets no credentials, no secrets and no state.</summary>
    public bool IsForks { get; init; }

    /// <summary>How long this process may go on with it.</summary>
    public required Lease Lease { get; init; }

    /// <summary>The configuration is a pull request's: whoever may push a branch has written it, and nobody need have read it.</summary>
    public bool IsProposed { get; init; }

    /// <summary>A timestamp of this process's clock, from before the claim was made.</summary>
    public required long Since { get; init; }

    /// <summary>The phase's row, as it was when the claim was made.</summary>
    public required PhaseRecord Record { get; init; }

    /// <summary>When its turn had come and it began to wait for a worker.</summary>
    public DateTimeOffset? QueuedAt => Record.QueuedAt;

    /// <summary>Nobody has carried out the phase before.</summary>
    public bool IsFirstAttempt => (Phase == RunPhase.Plan ? Run.PlanAttempts : Run.ApplyAttempts) == 1;

    public string PhaseName => EnumText.Of(Phase);

    public RunIdentity Identity => new(
        Organization.Id, Organization.Name, Project.Id, Project.Name, Workspace.Id, Workspace.Name, Run.Id, PhaseName);
}

/// <summary>Takes queued runs for this worker, and gives signs of life while it works on them.</summary>
public sealed class RunClaims(
    IDbContextFactory<OrchestratorDbContext> databases, RunTurns turns, WorkerIdentity worker, INeighbours neighbours, IAnnouncements announcements,
    TimeProvider clock)
{
    private static readonly CompiledQuery<RunId, ClaimedRow> Claimed = new((db, id) =>
        from run in db.Runs.AsNoTracking()
        where run.Id == id
        join workspace in db.Workspaces.AsNoTracking() on run.WorkspaceId equals workspace.Id
        join project in db.Projects.AsNoTracking() on workspace.ProjectId equals project.Id
        join organization in db.Organizations.AsNoTracking() on workspace.OrganizationId equals organization.Id
        join version in db.ConfigurationVersions on run.ConfigurationVersionId equals version.Id
        join plan in db.Plans.AsNoTracking() on run.Id equals plan.RunId
        join apply in db.Applies.AsNoTracking() on run.Id equals apply.RunId
        select new ClaimedRow(
            run, workspace, project, organization, version.FromFork,
            db.IngressAttributes.Any(ingress => ingress.ConfigurationVersionId == version.Id && ingress.PullRequestNumber != null),
            plan, apply));

    // Whoever starts respects a lease that was written a moment before.
    private static readonly TimeSpan SightLasts = TimeSpan.FromSeconds(1);

    private volatile Sight? _sight;

    private int ShortestLease => neighbours.ArePossible ? (int)Lease.AmongOthers.TotalSeconds : 0;

    /// <param name="handedOver">The run of the job that has reached this worker. Another one is taken where it is that one's turn
    /// (<see cref="RunTurns"/>).</param>
    /// <returns>Null when there is nothing to do: the run was cancelled, another worker has it, or too many are carried out already.</returns>
    public async Task<RunClaim?> ClaimAsync(RunId handedOver, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var lease = await LeaseAsync(cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        RunId id;
        RunPhase phase;
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            Run? next;
            RunStatus to;
            do
            {
                next = await turns.NextAsync(db, handedOver, cancellationToken);
                if (next is null)
                {
                    return null;
                }
                (id, phase, to) = next.Status == RunStatus.ApplyQueued
                    ? (next.Id, RunPhase.Apply, RunStatus.Applying)
                    : (next.Id, RunPhase.Plan, RunStatus.Planning);
            }
            // Unless it was cancelled at this moment.
            while (await MoveAsync(db, next, to, now, lease, cancellationToken) != MoveOutcome.Moved);
            await db.StartPhaseAsync(id, phase, worker.Name, now, cancellationToken);
            // From here on it is this worker's, also when the worker is told to end.
            await transaction.CommitAsync(CancellationToken.None);
        }
        await announcements.AnnounceAsync(Topic.Run(id), CancellationToken.None);
        return await ReadAsync(db, id, phase, began, lease, CancellationToken.None);
    }

    /// <summary>Takes an abandoned phase from its dead worker, so that of several who find it one ends it.</summary>
    /// <param name="abandoned">The claim as it was seen.</param>
    /// <returns>Null when its worker lives after all, or somebody else was faster.</returns>
    public async Task<RunClaim?> TakeOverAsync(SeenClaim abandoned, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        // Not this worker's name: should this process fail at it, the run is found abandoned again.
        var name = worker.NewRecoveryName();
        var taken = await db.Runs
            .Where(run => run.Id == abandoned.Id && run.Status == abandoned.Status
                && run.ClaimedBy == abandoned.ClaimedBy && run.HeartbeatAt == abandoned.HeartbeatAt)
            .ExecuteUpdateAsync(set => set
                .SetProperty(run => run.ClaimedBy, name)
                .SetProperty(run => run.LeaseSeconds, ShortestLease)
                .SetProperty(run => run.HeartbeatAt, now), cancellationToken);
        var phase = abandoned.Status == RunStatus.Planning ? RunPhase.Plan : RunPhase.Apply;
        return taken == 0 ? null : await ReadAsync(db, abandoned.Id, phase, began, ShortestLease, cancellationToken);
    }

    /// <summary>Notes that terraform is let go to apply the plan, as long as the claim is this worker's.</summary>
    /// <returns>False when the claim is lost: terraform must not start.</returns>
    public async Task<bool> BeginApplyAsync(RunClaim claim, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var (id, name) = (claim.Run.Id, claim.Run.ClaimedBy);
        return await db.Runs
            .Where(run => run.Id == id && run.ClaimedBy == name && run.Status == RunStatus.Applying && run.ApplyIsHeld)
            .ExecuteUpdateAsync(set => set.SetProperty(run => run.ApplyIsHeld, false), cancellationToken) == 1;
    }

    /// <summary>A sign of life, which renews the claim's lease.</summary>
    /// <returns>The run's row, or null when the claim is lost: this worker must stop at once.</returns>
    public async Task<Run?> BeatAsync(RunClaim claim, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var lease = await LeaseAsync(cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var (id, now) = (claim.Run.Id, clock.GetUtcNow());
        var held = await Held(db, claim)
            .ExecuteUpdateAsync(set => set
                .SetProperty(run => run.HeartbeatAt, now)
                .SetProperty(run => run.LeaseSeconds, lease), cancellationToken);
        if (held == 0)
        {
            return null;
        }
        Renew(claim.Lease, began, lease);
        return await db.Runs.AsNoTracking().FirstAsync(run => run.Id == id, cancellationToken);
    }

    /// <summary>The run's row without a sign of life, or null when the claim is lost.</summary>
    public async Task<Run?> SeeAsync(RunClaim claim, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await Held(db, claim).AsNoTracking().FirstOrDefaultAsync(cancellationToken);
    }

    private static IQueryable<Run> Held(OrchestratorDbContext db, RunClaim claim)
    {
        var (id, name) = (claim.Run.Id, claim.Run.ClaimedBy);
        return db.Runs.Where(run => run.Id == id && run.ClaimedBy == name && RunMoves.Claimed.Contains(run.Status));
    }

    /// <returns>How long a claim holds without a further sign of life, in seconds.</returns>
    private async Task<int> LeaseAsync(CancellationToken cancellationToken) =>
        neighbours.ArePossible && await IsAloneAsync(cancellationToken) ? (int)Lease.Alone.TotalSeconds : ShortestLease;

    private async Task<bool> IsAloneAsync(CancellationToken cancellationToken)
    {
        var sight = _sight;
        if (sight is null || clock.GetElapsedTime(sight.At) > SightLasts)
        {
            var at = clock.GetTimestamp();
            _sight = sight = new Sight(at, await neighbours.AreNoneAsync(cancellationToken));
        }
        return sight.IsAlone;
    }

    private static void Renew(Lease lease, long began, int seconds)
    {
        if (seconds > 0)
        {
            lease.Renew(began, TimeSpan.FromSeconds(seconds));
        }
    }

    private Task<MoveOutcome> MoveAsync(
        OrchestratorDbContext db, Run next, RunStatus to, DateTimeOffset now, int lease, CancellationToken cancellationToken) =>
        db.MoveAsync(next.Id, to, now, known: next, also: set =>
        {
            set.SetProperty(run => run.ClaimedBy, worker.Name).SetProperty(run => run.HeartbeatAt, now).SetProperty(run => run.LeaseSeconds, lease);
            if (to == RunStatus.Planning)
            {
                set.SetProperty(run => run.PlanAttempts, run => run.PlanAttempts + 1)
                    .SetProperty(run => run.InputStateVersionId, run => db.Workspaces
                        .Where(workspace => workspace.Id == run.WorkspaceId)
                        .Select(workspace => workspace.CurrentStateVersionId)
                        .FirstOrDefault());
            }
            else
            {
                set.SetProperty(run => run.ApplyAttempts, run => run.ApplyAttempts + 1).SetProperty(run => run.ApplyIsHeld, true);
            }
        }, cancellationToken: cancellationToken);

    private async Task<RunClaim> ReadAsync(
        OrchestratorDbContext db, RunId id, RunPhase phase, long began, int leaseSeconds, CancellationToken cancellationToken)
    {
        var lease = new Lease(clock);
        Renew(lease, began, leaseSeconds);
        var row = (await Claimed.FirstOrDefaultAsync(db, id, cancellationToken))!;
        return new RunClaim(row.Run, phase, row.Organization, row.Project, row.Workspace)
        {
            IsForks = row.FromFork,
            IsProposed = row.IsProposed,
            Since = began,
            Record = phase == RunPhase.Plan ? row.Plan : row.Apply,
            Lease = lease,
        };
    }

    /// <summary>Whether there were other processes.</summary>
    private sealed record Sight(long At, bool IsAlone);

    private sealed record ClaimedRow(
        Run Run, Workspace Workspace, Project Project, Organization Organization, bool FromFork, bool IsProposed, Plan Plan, Apply Apply);
}
