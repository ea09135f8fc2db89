using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Vcs;
using Orchestrator.Vcs.Git;

namespace Orchestrator.Runs;

/// <summary>The connection, or why not. Neither: there is none.</summary>
/// <param name="NewSecret">By which its deliveries are signed, told this once; null when its maker knows it.</param>
public sealed record VcsConnectionResult(VcsConnection? Connection, VcsRefusal? Refusal = null, string? NewSecret = null)
{
    public override string ToString() => Connection?.ToString() ?? Refusal?.ToString() ?? "no connection";
}

/// <summary>Makes, changes, checks and removes connections.</summary>
public sealed class VcsConnections(
    IDbContextFactory<OrchestratorDbContext> databases, VcsConnectionEditor editor, VcsVault vault, VcsProviders providers, GitFetcher git, VcsIntake intake, TimeProvider clock)
{
    /// <summary>How a delivery is called that somebody has asked for once more.</summary>
    internal const string Again = "again:";

    private const int MaxConnections = 100;

    public async Task<VcsConnectionResult> CreateAsync(
        OrganizationId organization, VcsConnectionEdit wanted, IReadOnlyList<ProjectId>? projects, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var (connection, secret, refusal) = editor.Create(organization, wanted, clock.GetUtcNow());
        if (connection is null)
        {
            return new VcsConnectionResult(null, refusal);
        }
        if (await db.VcsConnections.CountAsync(row => row.OrganizationId == organization, cancellationToken) >= MaxConnections)
        {
            return new VcsConnectionResult(null, new VcsRefusal($"An organization has {MaxConnections} connections at most.", "service-provider"));
        }
        if (!await OpenToAsync(db, connection, projects ?? [], cancellationToken))
        {
            return new VcsConnectionResult(null, NoProject);
        }
        await CheckAsync(connection, cancellationToken);
        db.VcsConnections.Add(connection);
        await db.SaveChangesAsync(cancellationToken);
        return new VcsConnectionResult(connection, null, secret);
    }

    public async Task<VcsConnectionResult> UpdateAsync(
        OAuthClientId id, VcsConnectionEdit wanted, IReadOnlyList<ProjectId>? projects, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.VcsConnections.FirstOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } connection)
        {
            return new VcsConnectionResult(null);
        }
        var (http, api) = (connection.HttpUrl, connection.ApiUrl);
        if (editor.Update(connection, wanted, clock.GetUtcNow()) is { } refusal)
        {
            return new VcsConnectionResult(null, refusal);
        }
        if (connection.HttpUrl != http || connection.ApiUrl != api)
        {
            // Another server's accounts are other people's, whatever their numbers.
            await db.VcsAccounts.Where(row => row.ConnectionId == id).ExecuteDeleteAsync(cancellationToken);
            await db.VcsAccountClaims.Where(row => row.ConnectionId == id).ExecuteDeleteAsync(cancellationToken);
        }
        if (projects is not null)
        {
            await db.VcsConnectionProjects.Where(row => row.ConnectionId == id).ExecuteDeleteAsync(cancellationToken);
            if (!await OpenToAsync(db, connection, projects, cancellationToken))
            {
                return new VcsConnectionResult(null, NoProject);
            }
        }
        await CheckAsync(connection, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        intake.Forget(id);
        return new VcsConnectionResult(connection);
    }

    /// <summary>Opens the connection to projects, or closes it to them.</summary>
    /// <returns>False when the organisation lacks one of them.</returns>
    public async Task<bool> OpenAsync(OAuthClientId id, IReadOnlyList<ProjectId> projects, bool open, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var connection = await db.VcsConnections.FirstAsync(row => row.Id == id, cancellationToken);
        await db.VcsConnectionProjects.Where(row => row.ConnectionId == id && projects.Contains(row.ProjectId)).ExecuteDeleteAsync(cancellationToken);
        if (open && !await OpenToAsync(db, connection, projects, cancellationToken))
        {
            return false;
        }
        await db.SaveChangesAsync(cancellationToken);
        return true;
    }

    /// <summary>Asks the service whether the connection is good for what it has to do, and writes down what is missing.</summary>
    /// <returns>Null when there is no such connection.</returns>
    public async Task<VcsConnection?> CheckAsync(OAuthClientId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.VcsConnections.FirstOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } connection)
        {
            return null;
        }
        await CheckAsync(connection, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        return connection;
    }

    /// <summary>Takes the secrets back, by which it reaches its service. Workspaces keep their link, and can use it again after a new token.</summary>
    public async Task<bool> RevokeAsync(OAuthTokenId token, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.VcsConnections.Where(row => row.TokenId == token).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.TokenId, (OAuthTokenId?)null)
            .SetProperty(row => row.ProtectedToken, (byte[]?)null)
            .SetProperty(row => row.ProtectedSshKey, (byte[]?)null)
            .SetProperty(row => row.ProtectedAppKey, (byte[]?)null)
            .SetProperty(row => row.UpdatedAt, now), cancellationToken) == 1;
    }

    /// <summary>Workspaces lose their link with it, as in HCP Terraform.</summary>
    public async Task<bool> RemoveAsync(OAuthClientId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.VcsRepositories.Where(row => row.ConnectionId == id).ExecuteDeleteAsync(cancellationToken);
        var removed = await db.VcsConnections.Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken) == 1;
        await transaction.CommitAsync(cancellationToken);
        intake.Forget(id);
        return removed;
    }

    /// <exception cref="VcsProblem">The service could not be asked.</exception>
    public async Task<IReadOnlyList<VcsRepositoryFound>> RepositoriesAsync(VcsConnection connection, string? search, CancellationToken cancellationToken) =>
        await providers.Of(connection).RepositoriesAsync(vault.Open(connection), search, cancellationToken);

    /// <exception cref="VcsProblem">The repository could not be asked.</exception>
    public async Task<GitReferences> ReferencesAsync(VcsConnection connection, string repository, CancellationToken cancellationToken) =>
        await git.ListAsync(await providers.Of(connection).SourceAsync(vault.Open(connection), repository, cancellationToken), cancellationToken);

    /// <summary>Delivers again what was delivered before: as a new line of the log, whose runs are new, too.</summary>
    /// <returns>The new delivery; null when the old one's body is not kept.</returns>
    public async Task<VcsDeliveryId?> RedeliverAsync(VcsDelivery delivery) => vault.OpenBody(delivery) is { } body
        ? (await intake.StoreAsync(
            delivery.ConnectionId, delivery.Event,
            (delivery.ProviderId.StartsWith(VcsDeliveryJob.Polled, StringComparison.Ordinal) ? VcsDeliveryJob.Polled : "") + $"{Again}{Guid.NewGuid():N}", body)).Id
        : null;

    private static VcsRefusal NoProject => new("The organization has no such project.", "projects");

    private static async Task<bool> OpenToAsync(OrchestratorDbContext db, VcsConnection connection, IReadOnlyList<ProjectId> projects, CancellationToken cancellationToken)
    {
        var known = await db.Projects.Where(row => row.OrganizationId == connection.OrganizationId && projects.Contains(row.Id)).Select(row => row.Id).ToListAsync(cancellationToken);
        db.VcsConnectionProjects.AddRange(known.Select(project => new VcsConnectionProject { ConnectionId = connection.Id, ProjectId = project }));
        return known.Count == projects.Distinct().Count();
    }

    private async Task CheckAsync(VcsConnection connection, CancellationToken cancellationToken)
    {
        connection.CheckedAt = clock.GetUtcNow();
        if (GitFetcher.FindMissing() is { } missing)
        {
            connection.Problem = missing;
            return;
        }
        try
        {
            var check = await providers.Of(connection).CheckAsync(vault.Open(connection), cancellationToken);
            (connection.Account, connection.Problem) = (RunText.Fit(check.Account, 200), RunText.Fit(check.Problem, 2000));
        }
        catch (VcsProblem problem)
        {
            connection.Problem = RunText.Fit(problem.Message, 2000);
        }
    }
}
