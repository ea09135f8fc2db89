using Hangfire;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Vcs;
using Orchestrator.Vcs.Git;
using Orchestrator.Vcs.Providers;

namespace Orchestrator.Runs;

/// <summary>Looks for new commits where no delivery can come in, and stores what it finds as if it had been delivered.</summary>
public sealed class VcsPollJob(
    IDbContextFactory<OrchestratorDbContext> databases, VcsVault vault, VcsProviders providers, GitFetcher git, VcsIntake intake)
{
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
    }
}
