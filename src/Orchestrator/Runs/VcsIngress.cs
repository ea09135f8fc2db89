using Microsoft.EntityFrameworkCore;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Vcs;
using Orchestrator.Vcs.Git;
using Orchestrator.Vcs.Triggers;
using Orchestrator.Workspaces;

namespace Orchestrator.Runs;

/// <summary>A workspace with the repository from which it takes its configuration.</summary>
public sealed record LinkedWorkspace
{
    public required Workspace Workspace { get; init; }

    public required VcsRepository Repository { get; init; }

    public TriggerRules Rules => new()
    {
        Branch = Repository.TrackedBranch,
        WorkingDirectory = Workspace.WorkingDirectory,
        TagsRegex = Repository.TagsRegex,
        FileTriggers = Workspace.FileTriggersEnabled,
        Prefixes = Workspace.TriggerPrefixes,
        Patterns = Workspace.TriggerPatterns,
        PlansPullRequests = Workspace.SpeculativeEnabled,
        PlansForks = Repository.PlansForks,
    };

    /// <summary>It is a pull request's, and can be applied before it is merged.</summary>
    public bool SavesPlanOf(VcsChange change) => Repository.AppliesBeforeMerge && change.PullRequest is { IsFork: false };

    public static IQueryable<LinkedWorkspace> Of(OrchestratorDbContext db) =>
        from repository in db.VcsRepositories.AsNoTracking()
        join workspace in db.Workspaces.AsNoTracking() on repository.WorkspaceId equals workspace.Id
        select new LinkedWorkspace { Workspace = workspace, Repository = repository };
}

/// <summary>Makes configuration versions of fetched commits.</summary>
public sealed class VcsIngress(IDbContextFactory<OrchestratorDbContext> databases, ConfigurationStore configurations, TimeProvider clock)
{
    /// <summary>Adds the version to what the caller saves, as one that is being fetched.</summary>
    internal ConfigurationVersion Announce(OrchestratorDbContext db, LinkedWorkspace workspace, VcsConnection connection, VcsChange change, string cloneUrl)
    {
        var request = change.PullRequest;
        var version = new ConfigurationVersion
        {
            Id = Identifier.New<ConfigurationVersionId>(),
            WorkspaceId = workspace.Workspace.Id,
            Status = ConfigurationVersionStatus.Fetching,
            Source = connection.Kind.Door,
            Speculative = request is not null && !workspace.SavesPlanOf(change),
            Provisional = workspace.SavesPlanOf(change),
            FromFork = request?.IsFork ?? false,
            AutoQueueRuns = true,
            CreatedAt = clock.GetUtcNow(),
        };
        db.ConfigurationVersions.Add(version);
        db.IngressAttributes.Add(new IngressAttributes
        {
            Id = IngressAttributes.IdOf(version.Id),
            ConfigurationVersionId = version.Id,
            ConnectionId = connection.Id,
            Identifier = Fit(workspace.Repository.Identifier)!,
            Branch = Fit(request?.HeadBranch ?? change.Branch),
            Tag = Fit(change.Tag),
            CloneUrl = cloneUrl,
            CommitSha = change.Commit,
            CommitMessage = RunText.Fit(change.Message, IngressAttributes.MaxMessage),
            CommitAuthor = Fit(change.Author),
            CommitUrl = Url(change.CommitUrl),
            CompareUrl = Url(change.CompareUrl),
            OnDefaultBranch = request is null && change.Branch is not null && change.Branch == (change.DefaultBranch ?? workspace.Repository.DefaultBranch),
            PullRequestNumber = request?.Number,
            PullRequestUrl = Url(request?.Url),
            PullRequestTitle = Fit(request?.Title),
            PullRequestBody = RunText.Fit(request?.Body, IngressAttributes.MaxMessage),
            SenderUsername = Fit(change.Sender.Name),
            SenderAvatarUrl = Url(change.Sender.AvatarUrl),
            SenderHtmlUrl = Url(change.Sender.Url),
        });
        return version;
    }

    /// <summary>Checks and stores the archive.</summary>
    /// <returns>Why it was refused, in a sentence; null when it was not.</returns>
    internal async Task<string?> StoreAsync(ConfigurationVersionId id, FetchedCommit fetched, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        // What nobody has told, the commit itself says; and a tag with a message names another one.
        var (message, author) = (RunText.Fit(fetched.Message, IngressAttributes.MaxMessage), Fit(fetched.Author));
        await db.IngressAttributes.Where(row => row.ConfigurationVersionId == id).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.CommitSha, fetched.Commit)
            .SetProperty(row => row.CommitMessage, row => row.CommitMessage ?? message)
            .SetProperty(row => row.CommitAuthor, row => row.CommitAuthor ?? author), cancellationToken);
        await db.ConfigurationVersions.Where(version => version.Id == id && version.Status == ConfigurationVersionStatus.Fetching)
            .ExecuteUpdateAsync(set => set.SetProperty(version => version.Status, ConfigurationVersionStatus.Pending), cancellationToken);
        var result = await configurations.UploadAsync(id, fetched.Archive, cancellationToken);
        if (result.Outcome != UploadOutcome.NotPending)
        {
            return result.Reason;
        }
        // An earlier attempt has stored it, or was refused.
        return await db.ConfigurationVersions.Where(version => version.Id == id && version.Status == ConfigurationVersionStatus.Errored)
            .Select(version => version.ErrorMessage).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Writes down that a version could not be fetched.</summary>
    internal async Task GiveUpAsync(ConfigurationVersionId id, string reason)
    {
        var (now, message) = (clock.GetUtcNow(), RunText.Fit(reason, 2000));
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        await db.ConfigurationVersions.Where(version => version.Id == id && version.Status == ConfigurationVersionStatus.Fetching).ExecuteUpdateAsync(set => set
            .SetProperty(version => version.Status, ConfigurationVersionStatus.Errored)
            .SetProperty(version => version.ErrorMessage, message)
            .SetProperty(version => version.UploadedAt, now), CancellationToken.None);
    }

    /// <summary>The same of all that a delivery has announced. Should it be sent again, it begins anew.</summary>
    internal async Task GiveUpAsync(VcsDeliveryId delivery, string reason)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        var begun = db.VcsOutcomes.Where(row => row.DeliveryId == delivery && row.Decision == VcsDecision.Ingressing);
        foreach (var id in await begun.Where(row => row.ConfigurationVersionId != null).Select(row => row.ConfigurationVersionId!.Value).ToListAsync(CancellationToken.None))
        {
            await GiveUpAsync(id, reason);
        }
        await begun.ExecuteDeleteAsync(CancellationToken.None);
    }

    private static string? Fit(string? text) => RunText.Fit(text?.Replace("\0", "", StringComparison.Ordinal), 500);

    /// <summary>Only what a browser may follow: it stands in links on pages.</summary>
    private static string? Url(string? url) =>
        url is { Length: <= 2000 } && Uri.TryCreate(url, UriKind.Absolute, out var parsed) && (parsed.Scheme == Uri.UriSchemeHttps || parsed.Scheme == Uri.UriSchemeHttp) ? url : null;
}
