using Microsoft.EntityFrameworkCore;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Vcs;
using Orchestrator.Vcs.Git;

namespace Orchestrator.Runs;

/// <summary>Fetches the head of a workspace's branch, for runs that name no configuration.</summary>
public sealed class VcsHeads(
    IDbContextFactory<OrchestratorDbContext> databases, VcsVault vault, VcsProviders providers, GitFetcher git, VcsIngress ingress)
{
    /// <returns>The configuration version of the newest commit; or why there is none, in a sentence. Neither: the workspace has no repository.</returns>
    public async Task<(ConfigurationVersionId? Version, string? Refusal)> FetchAsync(WorkspaceId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await LinkedWorkspace.Of(db).FirstOrDefaultAsync(row => row.Workspace.Id == id, cancellationToken) is not { } workspace)
        {
            return default;
        }
        var connection = await db.VcsConnections.AsNoTracking().FirstAsync(row => row.Id == workspace.Repository.ConnectionId, cancellationToken);
        if (connection.TokenId is null)
        {
            return (null, "The workspace's connection to version control has no token any more. Give it one, or name a configuration version.");
        }
        try
        {
            return await FetchAsync(db, workspace, connection, cancellationToken);
        }
        catch (VcsProblem problem)
        {
            return (null, $"The repository could not be fetched. {problem.Message}");
        }
    }

    private async Task<(ConfigurationVersionId? Version, string? Refusal)> FetchAsync(
        OrchestratorDbContext db, LinkedWorkspace workspace, VcsConnection connection, CancellationToken cancellationToken)
    {
        var source = await providers.Of(connection).SourceAsync(vault.Open(connection), workspace.Repository.Identifier, cancellationToken);
        var references = await git.ListAsync(source, cancellationToken);
        var branch = workspace.Repository.Branch ?? references.DefaultBranch;
        if (branch is null || !references.Branches.TryGetValue(branch, out var head))
        {
            return (null, branch is null ? "The repository is empty, or its head is no branch." : $"The repository has no branch '{branch}'.");
        }
        if (await StoredAsync(db, workspace, head, cancellationToken) is { } stored)
        {
            return (stored, null);
        }
        var change = new VcsChange(VcsChangeKind.Push, workspace.Repository.Identifier) { Branch = branch, Commit = head, DefaultBranch = references.DefaultBranch };
        var version = ingress.Announce(db, workspace, connection, change, source.Address);
        await db.SaveChangesAsync(cancellationToken);
        FetchedCommit fetched;
        try
        {
            fetched = await git.FetchAsync(source, head, $"refs/heads/{branch}", workspace.Repository.IngressSubmodules, cancellationToken);
        }
        catch (Exception failed) when (failed is VcsProblem or OperationCanceledException)
        {
            await ingress.GiveUpAsync(version.Id, failed is VcsProblem ? failed.Message : "Whoever asked for it has gone away meanwhile.");
            throw;
        }
        if (await ingress.StoreAsync(version.Id, fetched, cancellationToken) is { } refusal)
        {
            return (null, refusal);
        }
        await db.VcsRepositories.Where(row => row.WorkspaceId == workspace.Workspace.Id && row.ConnectionId == connection.Id).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.LastCommit, head).SetProperty(row => row.DefaultBranch, references.DefaultBranch), cancellationToken);
        return (version.Id, null);
    }

    /// <summary>The commit may be here already: its push was delivered, or the last run was of it.</summary>
    private static Task<ConfigurationVersionId?> StoredAsync(OrchestratorDbContext db, LinkedWorkspace workspace, string commit, CancellationToken cancellationToken) => (
        from version in db.ConfigurationVersions
        join ingress in db.IngressAttributes on version.Id equals ingress.ConfigurationVersionId
        where version.WorkspaceId == workspace.Workspace.Id && version.Status == ConfigurationVersionStatus.Uploaded && !version.Speculative
            && ingress.CommitSha == commit && ingress.ConnectionId == workspace.Repository.ConnectionId && ingress.Identifier == workspace.Repository.Identifier
        orderby version.CreatedAt descending
        select (ConfigurationVersionId?)version.Id).FirstOrDefaultAsync(cancellationToken);
}
