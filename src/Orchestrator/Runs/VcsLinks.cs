using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Vcs;
using Orchestrator.Vcs.Git;
using Orchestrator.Vcs.Triggers;
using Orchestrator.WorkloadIdentity;
using Orchestrator.Workspaces;

namespace Orchestrator.Runs;

/// <summary>What somebody wants a workspace's repository to be. Null: as it is, or the default; an empty text: none.</summary>
public sealed record RepositoryChange
{
    public static readonly RepositoryChange Removal = new() { Removes = true };

    public bool Removes { get; private init; }

    public string? Identifier { get; init; }

    public string? TokenId { get; init; }

    /// <summary>The same of a GitHub App, in place of its token.</summary>
    public string? InstallationId { get; init; }

    public string? Branch { get; init; }

    public bool? IngressSubmodules { get; init; }

    public string? TagsRegex { get; init; }

    public bool? PlansForks { get; init; }

    public bool? TakesCommands { get; init; }

    public bool? AppliesBeforeMerge { get; init; }
}

/// <summary>Links workspaces to repositories.</summary>
public sealed class VcsLinks(
    IDbContextFactory<OrchestratorDbContext> databases, VcsVault vault, VcsProviders providers, GitFetcher git, IOptions<VcsOptions> options, IOptions<IssuerOptions> issuer)
{
    private const string Field = "vcs-repo";

    /// <summary>Where a connection's deliveries come in.</summary>
    public string AddressOf(VcsConnection connection) => AddressOf(connection.Kind, connection.Id);

    /// <inheritdoc cref="AddressOf(VcsConnection)"/>
    public string AddressOf(VcsService service, OAuthClientId connection) =>
        $"{Root}/webhooks/{service.Door}/{connection}";

    /// <summary>The address of this installation, as people outside know it.</summary>
    public string Root => (options.Value.PublicAddress ?? issuer.Value.Issuer).TrimEnd('/');

    /// <summary>Changes the link in what the caller saves. A repository that is new to the workspace is looked at first.</summary>
    /// <returns>Why not; null when it was changed.</returns>
    internal async Task<WorkspaceRefusal?> ChangeAsync(
        OrchestratorDbContext db, Workspace workspace, RepositoryChange? wanted, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var link = await db.VcsRepositories.FirstOrDefaultAsync(row => row.WorkspaceId == workspace.Id, cancellationToken);
        if (wanted is null)
        {
            // Who moves it to another project must be allowed the connection there, too.
            return link is null || await MayUseAsync(db, workspace, link.ConnectionId, cancellationToken) ? null
                : new WorkspaceRefusal("The workspace's connection to version control is not open to that project.", "project", IsRelationship: true);
        }
        if (wanted.Removes)
        {
            if (link is not null)
            {
                db.VcsRepositories.Remove(link);
            }
            return null;
        }
        var connection = wanted.InstallationId is { Length: > 0 } installation
            ? (await db.VcsConnections.AsNoTracking().Where(row => row.Service == VcsService.GitHubApp && row.OrganizationId == workspace.OrganizationId && row.TokenId != null)
                .ToListAsync(cancellationToken)).Find(row => row.Installation?.Value == installation)
            : wanted.TokenId is { Length: > 0 } token
            ? await db.VcsConnections.AsNoTracking().FirstOrDefaultAsync(row => row.TokenId == new OAuthTokenId(token) && row.OrganizationId == workspace.OrganizationId, cancellationToken)
            : link is null ? null : await db.VcsConnections.AsNoTracking().FirstOrDefaultAsync(row => row.Id == link.ConnectionId, cancellationToken);
        if (connection is null || !await MayUseAsync(db, workspace, connection.Id, cancellationToken))
        {
            return new WorkspaceRefusal(wanted.InstallationId is { Length: > 0 }
                ? "The organization has no such 'github-app-installation-id', or its connection is not open to the workspace's project."
                : wanted.TokenId is { Length: > 0 }
                ? "The organization has no such 'oauth-token-id', or its connection is not open to the workspace's project."
                : "Name the connection by its 'oauth-token-id'.", Field);
        }
        if (Fault(wanted, link) is { } fault)
        {
            return new WorkspaceRefusal(fault, Field);
        }
        var identifier = (wanted.Identifier ?? link!.Identifier).Trim('/');
        var branch = wanted.Branch is null ? link?.Branch : wanted.Branch.Length == 0 ? null : wanted.Branch;
        var moves = link is null || link.ConnectionId != connection.Id || link.IdentifierKey != VcsRepository.KeyOf(identifier);
        GitReferences? found = null;
        if (moves || branch != link!.Branch)
        {
            try
            {
                found = await git.ListAsync(await providers.Of(connection).SourceAsync(vault.Open(connection), identifier, cancellationToken), cancellationToken);
            }
            catch (VcsProblem problem)
            {
                return new WorkspaceRefusal(problem.Message, Field);
            }
            if (branch is not null && !found.Branches.ContainsKey(branch))
            {
                return new WorkspaceRefusal($"The repository has no branch '{branch}'.", Field);
            }
        }
        if (link is null)
        {
            link = new VcsRepository { WorkspaceId = workspace.Id, ConnectionId = connection.Id, Identifier = identifier, IdentifierKey = "", CreatedAt = now };
            db.VcsRepositories.Add(link);
        }
        (link.ConnectionId, link.Identifier, link.IdentifierKey, link.Branch) = (connection.Id, identifier, VcsRepository.KeyOf(identifier), branch);
        link.IngressSubmodules = wanted.IngressSubmodules ?? link.IngressSubmodules;
        link.TagsRegex = wanted.TagsRegex is null ? link.TagsRegex : wanted.TagsRegex.Length == 0 ? null : wanted.TagsRegex;
        link.PlansForks = wanted.PlansForks ?? link.PlansForks;
        link.TakesCommands = wanted.TakesCommands ?? link.TakesCommands;
        link.AppliesBeforeMerge = wanted.AppliesBeforeMerge ?? link.AppliesBeforeMerge;
        if (moves || link.TagsRegex is null)
        {
            // The next look begins anew: what is there by then is no news.
            link.SeenTags = null;
        }
        if (found is not null)
        {
            link.DefaultBranch = found.DefaultBranch;
            // What was there before is no news.
            link.LastCommit = link.TrackedBranch is { } tracked ? found.Branches.GetValueOrDefault(tracked) : null;
        }
        return null;
    }

    /// <summary>Has the service send its deliveries. Where it cannot be told to, the link says what to do.</summary>
    internal async Task SubscribeAsync(WorkspaceId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.VcsRepositories.AsNoTracking().FirstOrDefaultAsync(row => row.WorkspaceId == id, cancellationToken) is not { } link)
        {
            return;
        }
        var connection = await db.VcsConnections.AsNoTracking().FirstAsync(row => row.Id == link.ConnectionId, cancellationToken);
        string? problem = null;
        try
        {
            await providers.Of(connection).SubscribeAsync(
                vault.Open(connection), link.Identifier, AddressOf(connection), vault.OpenWebhookSecret(connection), cancellationToken);
        }
        catch (VcsProblem failed)
        {
            problem = connection.PollMinutes is null
                ? $"The service could not be told to send deliveries; add a webhook to {AddressOf(connection)} by hand, with the connection's webhook secret. {failed.Message}"
                : null;
        }
        await db.VcsRepositories.Where(row => row.WorkspaceId == id)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Problem, RunText.Fit(problem, 2000)), cancellationToken);
    }

    private static string? Fault(RepositoryChange wanted, VcsRepository? link)
    {
        if (wanted.Identifier is { } identifier ? !IsIdentifier(identifier) : link is null)
        {
            return "Name the repository by its 'identifier', such as 'acme/network'.";
        }
        if (wanted.Branch is { Length: > 0 } branch && !GitReferences.IsName(branch))
        {
            return "That is no branch's name.";
        }
        return wanted.TagsRegex is { Length: > 0 } tags && (tags.Length > VcsRepository.MaxRegex || !TagPattern.IsPattern(tags)) ? TagPattern.Rule : null;
    }

    private static bool IsIdentifier(string identifier) =>
        identifier.Trim('/') is { Length: > 0 and <= VcsRepository.MaxIdentifier } name
        && name.Split('/').All(part => part.Length > 0 && part is not ("." or "..") && !part.StartsWith('-')
            && part.All(letter => char.IsAsciiLetterOrDigit(letter) || "._~-+ ".Contains(letter, StringComparison.Ordinal)));

    private static Task<bool> MayUseAsync(OrchestratorDbContext db, Workspace workspace, OAuthClientId connection, CancellationToken cancellationToken) =>
        db.VcsConnections.AnyAsync(row => row.Id == connection && row.OrganizationId == workspace.OrganizationId
            && (row.OrganizationScoped || db.VcsConnectionProjects.Any(open => open.ConnectionId == row.Id && open.ProjectId == workspace.ProjectId)), cancellationToken);
}
