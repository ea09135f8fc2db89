using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Vcs;
using Orchestrator.Vcs.Git;
using Orchestrator.Workspaces;

namespace Orchestrator.Runs;

/// <summary>On whose account a run is queued.</summary>
internal sealed record RunAuthor(Actor Actor, bool MayUseCredentials);

/// <summary>Finds the workspaces that a delivery means, fetches its commit once for all of them, and queues their runs.</summary>
public sealed class VcsChanges(
    IDbContextFactory<OrchestratorDbContext> databases, VcsVault vault, VcsProviders providers, GitFetcher git, VcsIngress ingress, RunQueue queue,
    SupersededPlans superseded, TimeProvider clock)
{
    /// <returns>How the delivery ended.</returns>
    /// <exception cref="VcsProblem">Version control did not do what was asked.</exception>
    public async Task<(VcsDeliveryStatus Status, string? Reason)> HandleAsync(
        VcsDelivery delivery, VcsConnection connection, VcsEvent read, CancellationToken cancellationToken)
    {
        var session = vault.Open(connection);
        var told = false;
        foreach (var change in read.Changes)
        {
            told |= await HandleAsync(delivery, session, change, cancellationToken);
        }
        return told
            ? (VcsDeliveryStatus.Handled, null)
            : (VcsDeliveryStatus.Ignored, "No workspace takes its configuration from this repository through this connection.");
    }

    /// <summary>Plans a pull request for somebody who asks for it, also one that was planned before.</summary>
    internal async Task PlanAsync(
        VcsDelivery delivery, VcsSession session, VcsChange change, LinkedWorkspace workspace, RunAuthor by, bool whateverFiles, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (change.DefaultBranch is null)
        {
            change = change with { DefaultBranch = workspace.Repository.DefaultBranch };
        }
        if (!Payload.IsCommit(change.Commit))
        {
            change = await CompleteAsync(session, change, cancellationToken);
        }
        var rules = workspace.Rules;
        var why = rules.WhyNot(change) ?? (whateverFiles || !rules.AsksForFiles ? null : rules.WhyNot(await FilesAsync(session, change, cancellationToken)));
        if (why is not null)
        {
            await DecideAsync(db, delivery, workspace, VcsDecision.Skipped, why, cancellationToken);
            return;
        }
        await IngestAsync(delivery, session, [workspace], change, by, cancellationToken);
    }

    private async Task<bool> HandleAsync(VcsDelivery delivery, VcsSession session, VcsChange change, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.VcsDeliveries.Where(row => row.Id == delivery.Id).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.Repository, RunText.Fit(change.Repository, VcsRepository.MaxIdentifier))
            .SetProperty(row => row.CommitSha, change.Commit)
            .SetProperty(row => row.Sender, RunText.Fit(change.Sender.Name, 200)), cancellationToken);
        var key = VcsRepository.KeyOf(change.Repository);
        if (change.DefaultBranch is { Length: <= VcsRepository.MaxBranch } main)
        {
            await db.VcsRepositories.Where(row => row.ConnectionId == session.Connection.Id && row.IdentifierKey == key && row.DefaultBranch != main)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.DefaultBranch, main), cancellationToken);
        }
        var linked = await LinkedWorkspace.Of(db)
            .Where(row => row.Repository.ConnectionId == session.Connection.Id && row.Repository.IdentifierKey == key)
            .OrderBy(row => row.Workspace.Name)
            .ToListAsync(cancellationToken);
        if (linked.Count == 0)
        {
            return false;
        }
        if (change.Kind == VcsChangeKind.PullRequestClosed)
        {
            foreach (var workspace in linked)
            {
                await superseded.CancelAsync(workspace, change, except: null, "Its pull request was closed.", cancellationToken);
                await db.ReleaseAsync(workspace.Workspace.Id, PullRequestHolder.Of(session.Connection.Id, change.PullRequest!.Number), cancellationToken);
                await queue.AdvanceAsync(workspace.Workspace.Id, cancellationToken);
                await DecideAsync(db, delivery, workspace, VcsDecision.Skipped, "The pull request was closed. What it has merged is told by a push.", cancellationToken);
            }
            return true;
        }
        if (change.DefaultBranch is null && linked.Any(workspace => workspace.Repository.TrackedBranch is null))
        {
            // It was empty when it was linked, and its server does not say.
            var source = await providers.Of(session).SourceAsync(session, change.Repository, cancellationToken);
            change = change with { DefaultBranch = (await git.ListAsync(source, cancellationToken)).DefaultBranch };
            await db.VcsRepositories.Where(row => row.ConnectionId == session.Connection.Id && row.IdentifierKey == key && row.DefaultBranch == null)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.DefaultBranch, change.DefaultBranch), cancellationToken);
        }
        if (!Payload.IsCommit(change.Commit))
        {
            change = await CompleteAsync(session, change, cancellationToken);
        }
        var wanted = await ChooseAsync(db, delivery, session, change, linked, cancellationToken);
        await IngestAsync(delivery, session, wanted, change, by: null, cancellationToken);
        if (change.Kind == VcsChangeKind.Push)
        {
            await db.VcsRepositories
                .Where(row => row.ConnectionId == session.Connection.Id && row.IdentifierKey == key && (row.Branch ?? row.DefaultBranch) == change.Branch)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.LastCommit, change.Commit), cancellationToken);
        }
        return true;
    }

    /// <summary>Fetches the commit once for all of them.</summary>
    private async Task IngestAsync(
        VcsDelivery delivery, VcsSession session, IReadOnlyList<LinkedWorkspace> wanted, VcsChange change, RunAuthor? by, CancellationToken cancellationToken)
    {
        foreach (var kind in wanted.GroupBy(workspace => workspace.Repository.IngressSubmodules))
        {
            var source = await SourceAsync(session, change, cancellationToken);
            var waiting = new List<LinkedWorkspace>();
            foreach (var workspace in kind)
            {
                if (await AnnounceAsync(delivery, session, workspace, change, source.Address, cancellationToken))
                {
                    waiting.Add(workspace);
                }
            }
            if (waiting.Count == 0)
            {
                continue;
            }
            var fetched = await git.FetchAsync(source, change.Commit, ReferenceOf(change), submodules: kind.Key, cancellationToken);
            foreach (var workspace in waiting)
            {
                await IngestAsync(delivery, session, workspace, change, fetched, by, cancellationToken);
            }
        }
    }

    /// <summary>Those that want a run of the change; for the others it is written down why not.</summary>
    private async Task<List<LinkedWorkspace>> ChooseAsync(
        OrchestratorDbContext db, VcsDelivery delivery, VcsSession session, VcsChange change, List<LinkedWorkspace> linked, CancellationToken cancellationToken)
    {
        var wanted = new List<LinkedWorkspace>();
        Lazy<Task<IReadOnlyCollection<string>?>> files = new(() => FilesAsync(session, change, cancellationToken));
        Lazy<Task<string?>> overtaken = new(() => OvertakenAsync(session, change, cancellationToken));
        foreach (var workspace in linked)
        {
            var rules = workspace.Rules;
            var why = rules.WhyNot(change);
            if (why is null && change.Kind == VcsChangeKind.Push && workspace.Repository.LastCommit is { } last && last != change.Before && last != change.Commit
                && await overtaken.Value == last)
            {
                why = $"A later push has overtaken it: the branch is at {last[..10]}, which was taken in before.";
            }
            if (why is null && await IsPlannedAsync(db, delivery, workspace, change, cancellationToken))
            {
                why = "This commit of the pull request was planned before.";
            }
            why ??= rules.AsksForFiles ? rules.WhyNot(await files.Value) : null;
            if (why is null)
            {
                wanted.Add(workspace);
            }
            else
            {
                await DecideAsync(db, delivery, workspace, VcsDecision.Skipped, why, cancellationToken);
            }
        }
        return wanted;
    }

    /// <summary>Where the commit is.</summary>
    private Task<GitSource> SourceAsync(VcsSession session, VcsChange change, CancellationToken cancellationToken) =>
        providers.Of(session).SourceAsync(session, change.PullRequest?.SourceRepository ?? change.Repository, cancellationToken);

    /// <summary>Some services shorten the hash of a pull request's commit; its branch has the whole one.</summary>
    private async Task<VcsChange> CompleteAsync(VcsSession session, VcsChange change, CancellationToken cancellationToken)
    {
        var source = await SourceAsync(session, change, cancellationToken);
        return (await git.ListAsync(source, cancellationToken)).Branches.GetValueOrDefault(change.PullRequest?.HeadBranch ?? "") is { } head
            && head.StartsWith(change.Commit, StringComparison.Ordinal)
            ? change with { Commit = head }
            : throw new VcsProblem("The pull request's branch is not in the repository, or has moved on: a newer delivery tells of it.", VcsProblem.Once);
    }

    /// <summary>Services tell of a pull request again when nothing of it has changed that could be planned.</summary>
    private static async Task<bool> IsPlannedAsync(OrchestratorDbContext db, VcsDelivery delivery, LinkedWorkspace workspace, VcsChange change, CancellationToken cancellationToken)
    {
        if (change.PullRequest is not { Number: var number } || delivery.ProviderId.StartsWith(VcsConnections.Again, StringComparison.Ordinal))
        {
            return false;
        }
        var (id, repository, commit) = (workspace.Workspace.Id, workspace.Repository.Identifier, change.Commit);
        return await (
            from report in db.VcsReports
            where report.PullRequest == number && report.Repository == repository && report.CommitSha == commit
            join run in db.Runs on report.RunId equals run.Id
            where run.WorkspaceId == id && run.Status != RunStatus.Canceled && run.Status != RunStatus.Discarded && run.Status != RunStatus.Errored
                // An attempt of this same delivery is not its own predecessor.
                && !db.VcsOutcomes.Any(outcome => outcome.DeliveryId == delivery.Id && outcome.RunId == run.Id)
            select run.Id).AnyAsync(cancellationToken);
    }

    /// <summary>What the delivery names, or else the service or git itself.</summary>
    private async Task<IReadOnlyCollection<string>?> FilesAsync(VcsSession session, VcsChange change, CancellationToken cancellationToken)
    {
        if (change.Files is { } named || change.Kind == VcsChangeKind.Tag)
        {
            return change.Files;
        }
        if (change.PullRequest is { } request)
        {
            return await providers.Of(session).FilesOfAsync(session, change.Repository, request.Number, cancellationToken);
        }
        return change.Before is { } before
            ? await git.CompareAsync(await providers.Of(session).SourceAsync(session, change.Repository, cancellationToken), before, change.Commit, cancellationToken)
            : null;
    }

    /// <summary>Deliveries need not come in in their order.</summary>
    /// <returns>The branch's head, where it is another commit.</returns>
    private async Task<string?> OvertakenAsync(VcsSession session, VcsChange change, CancellationToken cancellationToken)
    {
        var source = await providers.Of(session).SourceAsync(session, change.Repository, cancellationToken);
        return (await git.ListAsync(source, cancellationToken)).Branches.GetValueOrDefault(change.Branch!) is { } head && head != change.Commit ? head : null;
    }

    private static string? ReferenceOf(VcsChange change) => change.PullRequest is { } request
        ? request.HeadReference ?? (request.IsFork ? null : $"refs/heads/{request.HeadBranch}")
        : change.Tag is { } tag ? $"refs/tags/{tag}" : $"refs/heads/{change.Branch}";

    internal static async Task DecideAsync(
        OrchestratorDbContext db, VcsDelivery delivery, LinkedWorkspace workspace, VcsDecision decision, string? reason, CancellationToken cancellationToken, RunId? run = null)
    {
        // One push may bring several branches: what one of them has done stands.
        if (!await db.VcsOutcomes.AnyAsync(row => row.DeliveryId == delivery.Id && row.WorkspaceId == workspace.Workspace.Id, cancellationToken))
        {
            db.VcsOutcomes.Add(new VcsOutcome { DeliveryId = delivery.Id, WorkspaceId = workspace.Workspace.Id, Decision = decision, Reason = reason, RunId = run });
            await db.TrySaveAsync(cancellationToken);
            db.ChangeTracker.Clear();
        }
    }

    /// <summary>Shows that the workspace's configuration is being fetched.</summary>
    /// <returns>False when an earlier attempt has done it all.</returns>
    private async Task<bool> AnnounceAsync(
        VcsDelivery delivery, VcsSession session, LinkedWorkspace workspace, VcsChange change, string cloneUrl, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var outcome = await db.VcsOutcomes.FirstOrDefaultAsync(row => row.DeliveryId == delivery.Id && row.WorkspaceId == workspace.Workspace.Id, cancellationToken);
        if (outcome is not null && outcome.Decision is not (VcsDecision.Ingressing or VcsDecision.Skipped))
        {
            return false;
        }
        if (outcome?.ConfigurationVersionId is not null)
        {
            return true;
        }
        var version = ingress.Announce(db, workspace, session.Connection, change, cloneUrl);
        if (outcome is null)
        {
            outcome = new VcsOutcome { DeliveryId = delivery.Id, WorkspaceId = workspace.Workspace.Id };
            db.VcsOutcomes.Add(outcome);
        }
        (outcome.Decision, outcome.Reason, outcome.ConfigurationVersionId) = (VcsDecision.Ingressing, null, version.Id);
        // Else another job of the same delivery is at it.
        return await db.TrySaveAsync(cancellationToken);
    }

    private async Task IngestAsync(
        VcsDelivery delivery, VcsSession session, LinkedWorkspace workspace, VcsChange change, FetchedCommit fetched, RunAuthor? by, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.VcsOutcomes.FirstOrDefaultAsync(
            row => row.DeliveryId == delivery.Id && row.WorkspaceId == workspace.Workspace.Id && row.Decision == VcsDecision.Ingressing, cancellationToken)
            is not { ConfigurationVersionId: { } version } outcome)
        {
            // Another job of the same delivery was faster.
            return;
        }
        if (await ingress.StoreAsync(version, fetched, cancellationToken) is { } refusal)
        {
            (outcome.Decision, outcome.Reason) = (VcsDecision.Refused, RunText.Fit(refusal, VcsDelivery.MaxReason));
            await db.SaveChangesAsync(cancellationToken);
            return;
        }
        if (change.PullRequest is null && !workspace.Workspace.QueueAllRuns && !await db.Runs.AnyAsync(run => run.WorkspaceId == workspace.Workspace.Id, cancellationToken))
        {
            (outcome.Decision, outcome.Reason) = (VcsDecision.Ingressed, "The workspace's first run is queued by hand, unless it queues all runs.");
            await db.SaveChangesAsync(cancellationToken);
            return;
        }
        await QueueAsync(db, outcome, session, workspace, change, fetched, by, cancellationToken);
    }

    private async Task QueueAsync(
        OrchestratorDbContext db, VcsOutcome outcome, VcsSession session, LinkedWorkspace workspace, VcsChange change, FetchedCommit fetched, RunAuthor? by,
        CancellationToken cancellationToken)
    {
        var author = by ?? new RunAuthor(new Actor(null, RunText.Fit(change.Sender.Name, Actor.MaxNameLength) ?? session.Service.DisplayName), MayUseCredentials: true);
        var request = new RunRequest(workspace.Workspace.Id, author.Actor, RunSource.Upload)
        {
            ConfigurationVersionId = outcome.ConfigurationVersionId,
            Message = RunText.Fit(change.PullRequest is { } pull ? $"{pull.Title} (#{pull.Number})" : change.Message ?? fetched.Message, 4000),
            Reason = RunReason.VersionControl,
            SavePlan = workspace.SavesPlanOf(change),
            MayUseCredentials = author.MayUseCredentials && change.PullRequest is not { IsFork: true },
        };
        var result = await queue.AddAsync(db, request, cancellationToken);
        if (result.Run is { } run)
        {
            (outcome.Decision, outcome.Reason, outcome.RunId) = (VcsDecision.Queued, null, run.Id);
            db.VcsReports.Add(new VcsReport
            {
                RunId = run.Id,
                ConnectionId = session.Connection.Id,
                Repository = workspace.Repository.Identifier,
                CommitSha = fetched.Commit,
                PullRequest = change.PullRequest?.Number,
                DueAt = clock.GetUtcNow(),
            });
        }
        else
        {
            (outcome.Decision, outcome.Reason) = (VcsDecision.Refused, RunText.Fit(result.Refusal, VcsDelivery.MaxReason));
        }
        await db.SaveChangesAsync(cancellationToken);
        if (result.Run is { } queued)
        {
            if (change.PullRequest is not null)
            {
                await superseded.CancelAsync(workspace, change, except: queued.Id, $"{queued.Id} plans a newer commit of its pull request.", cancellationToken);
            }
            await queue.AdvanceAsync(workspace.Workspace.Id, cancellationToken);
        }
    }
}
