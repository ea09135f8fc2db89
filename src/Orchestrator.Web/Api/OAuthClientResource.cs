using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Vcs;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <param name="Key">Of an OAuth application; none is used here.</param>
/// <param name="WebhookSecret">Told once, in the answer to its creation, when the server has made it.</param>
/// <param name="Problem">What the last check has found missing.</param>
public sealed record OAuthClientAttributes(
    string ServiceProvider, string ServiceProviderDisplayName, string? Name, string HttpUrl, string ApiUrl, string? Key, string? RsaPublicKey,
    string? CallbackUrl, string? ConnectPath, bool OrganizationScoped, string? Username, string? AppId, string? InstallationId, string? KnownHosts,
    int? PollMinutes, string WebhookUrl, string? WebhookSecret, string? Account, string? Problem, DateTimeOffset? CheckedAt, DateTimeOffset CreatedAt);

/// <summary>A connection with what its document also names.</summary>
public sealed record OAuthClientView(VcsConnection Connection, string Organization)
{
    public IReadOnlyList<ProjectId> Projects { get; set; } = [];

    public string? NewSecret { get; init; }

    public override string ToString() => Connection.ToString();
}

internal sealed class OAuthClientResource(VcsLinks links) : ResourceType<OAuthClientView, OAuthClientAttributes>(Type)
{
    public const string Type = "oauth-clients";

    protected override IReadOnlyList<Relation<OAuthClientView>> Relations { get; } =
    [
        One("organization", OrganizationResource.Type, view => view.Organization),
        Many("oauth-tokens", OAuthTokenResource.Type, view => view.Connection.TokenId is { } token ? [token.Value] : []).Includable(),
        Many("projects", ProjectResource.Type, view => view.Projects.Select(id => id.Value)).Includable(),
        One("agent-pool", AgentPoolResource.Type, _ => null),
    ];

    public static IQueryable<OAuthClientView> View(IQueryable<VcsConnection> connections, OrchestratorDbContext db) =>
        from connection in connections
        join organization in db.Organizations on connection.OrganizationId equals organization.Id
        select new OAuthClientView(connection, organization.Name);

    protected override string IdOf(OAuthClientView row) => row.Connection.Id.Value;

    protected override IQueryable<OAuthClientView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new OAuthClientId(id)).ToArray();
        return View(db.VcsConnections.Where(connection => wanted.Contains(connection.Id)), db);
    }

    protected override async Task GatherAsync(IReadOnlyList<OAuthClientView> rows, HttpContext context)
    {
        var ids = rows.Select(row => row.Connection.Id).ToArray();
        var projects = (await context.RequestServices.GetRequiredService<OrchestratorDbContext>().VcsConnectionProjects.AsNoTracking()
            .Where(row => ids.Contains(row.ConnectionId)).ToListAsync(context.RequestAborted)).ToLookup(row => row.ConnectionId, row => row.ProjectId);
        foreach (var row in rows)
        {
            row.Projects = [.. projects[row.Connection.Id]];
        }
    }

    protected override OAuthClientAttributes Show(OAuthClientView row, HttpContext context)
    {
        var connection = row.Connection;
        return new OAuthClientAttributes(
            connection.Service, connection.Kind.DisplayName, connection.Name, connection.HttpUrl, connection.ApiUrl, Key: null, RsaPublicKey: null,
            CallbackUrl: null, ConnectPath: null, connection.OrganizationScoped, connection.Username, connection.AppId, connection.InstallationId,
            connection.KnownHosts, connection.PollMinutes, links.AddressOf(connection), row.NewSecret, connection.Account, connection.Problem,
            connection.CheckedAt, connection.CreatedAt);
    }
}

/// <param name="Uid">The connection's id at its service; none is needed here.</param>
public sealed record OAuthTokenAttributes(string? Uid, string? ServiceProviderUser, bool HasSshKey, DateTimeOffset CreatedAt);

internal sealed class OAuthTokenResource() : ResourceType<VcsConnection, OAuthTokenAttributes>(Type)
{
    public const string Type = "oauth-tokens";

    protected override IReadOnlyList<Relation<VcsConnection>> Relations { get; } =
    [
        One("oauth-client", OAuthClientResource.Type, connection => connection.Id.Value).Includable(),
    ];

    protected override string IdOf(VcsConnection row) => row.TokenId!.Value.Value;

    protected override IQueryable<VcsConnection> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => (OAuthTokenId?)new OAuthTokenId(id)).ToArray();
        return db.VcsConnections.Where(connection => wanted.Contains(connection.TokenId));
    }

    protected override OAuthTokenAttributes Show(VcsConnection row, HttpContext context) =>
        new(null, row.Account, row.ProtectedSshKey is not null, row.CreatedAt);
}
