using System.Security.Cryptography;
using System.Text;
using Hangfire;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Vcs;
using Orchestrator.Vcs.Git;
using Orchestrator.Vcs.Providers;
using Orchestrator.Vcs.Triggers;

namespace Orchestrator.Runs;

/// <summary>Looks for new commits, tags and pull requests where no delivery can come in, and stores what it finds as if it had been delivered.</summary>
public sealed class VcsPollJob(
    IDbContextFactory<OrchestratorDbContext> databases, VcsVault vault, VcsProviders providers, GitFetcher git, VcsIntake intake)
{
    private const int MarkLength = 8;

    [AutomaticRetry(Attempts = 0)]
    public async Task ExecuteAsync(string connectionId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var id = new OAuthClientId(connectionId);
        if (await db.VcsConnections.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id && row.TokenId != null, cancellationToken) is not { } connection)
        {
            return;
        }
        var session = vault.Open(connection);
        var repositories = await db.VcsRepositories.AsNoTracking().Where(row => row.ConnectionId == id).ToListAsync(cancellationToken);
        foreach (var repository in repositories.GroupBy(row => row.IdentifierKey))
        {
            string? problem = null;
            try
            {
                await LookAsync(db, session, [.. repository], cancellationToken);
            }
            catch (VcsProblem failed)
            {
                // The next look tries again.
                problem = RunText.Fit(failed.Message, 2000);
            }
            await db.VcsRepositories.Where(row => row.ConnectionId == id && row.IdentifierKey == repository.Key)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Problem, problem), cancellationToken);
        }
    }

    private async Task LookAsync(OrchestratorDbContext db, VcsSession session, IReadOnlyList<VcsRepository> workspaces, CancellationToken cancellationToken)
    {
        var identifier = workspaces[0].Identifier;
        var references = await git.ListAsync(await providers.Of(session).SourceAsync(session, identifier, cancellationToken), cancellationToken);
        foreach (var branch in workspaces.Where(row => row.TagsRegex is null).GroupBy(row => row.Branch ?? references.DefaultBranch))
        {
            if (branch.Key is not { } name || !references.Branches.TryGetValue(name, out var head))
            {
                continue;
            }
            // What a workspace was linked to before is no news.
            var fresh = branch.Where(row => row.LastCommit is null).Select(row => row.WorkspaceId).ToArray();
            await db.VcsRepositories.Where(row => fresh.Contains(row.WorkspaceId)).ExecuteUpdateAsync(set => set
                .SetProperty(row => row.LastCommit, head).SetProperty(row => row.DefaultBranch, references.DefaultBranch), cancellationToken);
            foreach (var before in branch.Select(row => row.LastCommit).OfType<string>().Where(last => last != head).Distinct())
            {
                var news = $"{VcsDeliveryJob.Polled}{Identifier.Derive(identifier, name)}:{before[..12]}..{head}";
                await intake.StoreAsync(
                    session.Connection.Id, PlainGit.Push, news, PlainGit.Write(identifier, $"refs/heads/{name}", before, head, references.DefaultBranch));
            }
        }
        await LookForTagsAsync(db, session, workspaces, references);
        await LookForPullRequestsAsync(db, session, identifier, cancellationToken);
    }

    private async Task LookForTagsAsync(OrchestratorDbContext db, VcsSession session, IReadOnlyList<VcsRepository> workspaces, GitReferences references)
    {
        var seen = string.Concat(references.Tags.Select(Mark));
        foreach (var workspace in workspaces.Where(row => row.TagsRegex is not null && row.SeenTags != seen))
        {
            var known = workspace.SeenTags?.Chunk(MarkLength).Select(mark => new string(mark)).ToHashSet(StringComparer.Ordinal);
            foreach (var tag in references.Tags.Where(tag => known?.Contains(Mark(tag)) == false && TagPattern.Matches(workspace.TagsRegex!, tag.Key)))
            {
                var news = $"{VcsDeliveryJob.Polled}{Identifier.Derive(workspace.Identifier, $"tags/{tag.Key}")}:{tag.Value}";
                await intake.StoreAsync(
                    session.Connection.Id, PlainGit.Push, news, PlainGit.Write(workspace.Identifier, $"refs/tags/{tag.Key}", null, tag.Value, references.DefaultBranch));
            }
            // After they were stored: whoever dies in between stores them again, under the same name.
            await db.VcsRepositories.Where(row => row.WorkspaceId == workspace.WorkspaceId && row.TagsRegex != null)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.SeenTags, seen), CancellationToken.None);
        }
    }

    private async Task LookForPullRequestsAsync(OrchestratorDbContext db, VcsSession session, string identifier, CancellationToken cancellationToken)
    {
        IReadOnlyList<VcsChange>? open;
        try
        {
            open = await providers.Of(session).OpenPullRequestsAsync(session, identifier, cancellationToken);
        }
        catch (VcsPayloadException unreadable)
        {
            throw new VcsProblem($"The service lists its pull requests in a form that is not known here. {unreadable.Message}", VcsProblem.Once);
        }
        if (open is null)
        {
            return;
        }
        foreach (var change in open)
        {
            await intake.StoreAsync(session.Connection.Id, PlainGit.PullRequest, NameOf(change.PullRequest!.Number, change.Commit), PlainGit.Write(change));
        }
        if (open.Count >= VcsProvider.MaxPullRequests)
        {
            // Those that are not listed need not be over.
            return;
        }
        var (connection, still) = (session.Connection.Id, open.Select(change => change.PullRequest!.Number).ToHashSet());
        var planned = await (
            from report in db.VcsReports
            where report.ConnectionId == connection && report.Repository == identifier && report.PullRequest != null
            join run in db.Runs on report.RunId equals run.Id
            join workspace in db.Workspaces on run.WorkspaceId equals workspace.Id
            where !RunMoves.Final.Contains(run.Status) || (workspace.LockedById != null && workspace.LockedById.StartsWith(PullRequestHolder.Prefix))
            select new { Number = report.PullRequest!.Value, report.CommitSha }).Distinct().ToListAsync(cancellationToken);
        foreach (var over in planned.Where(row => !still.Contains(row.Number)))
        {
            await intake.StoreAsync(connection, PlainGit.PullRequest, NameOf(over.Number, $"over:{over.CommitSha}"), PlainGit.Write(
                new VcsChange(VcsChangeKind.PullRequestClosed, identifier) { Commit = over.CommitSha, PullRequest = new VcsPullRequest(over.Number, "", null, null, "", IsFork: false) }));
        }

        string NameOf(int number, string what) => $"{VcsDeliveryJob.Polled}{Identifier.Derive(identifier, $"pulls/{number}")}:{what}";
    }

    /// <summary>Enough to know a tag again.</summary>
    private static string Mark(KeyValuePair<string, string> tag) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{tag.Key}\0{tag.Value}")))[..MarkLength];
}
