using System.Net.Http.Headers;
using Orchestrator.Vcs.Git;

namespace Orchestrator.Vcs.Providers;

/// <summary>Gitea and Forgejo.</summary>
public sealed class Gitea(VcsHttp http) : GitHubLike(http)
{
    private static readonly string[] Events = ["push", "pull_request", "pull_request_sync", "issue_comment", "pull_request_comment"];

    public override VcsFamily Family => VcsFamily.Gitea;

    /// <summary>The setting <c>PagingNum</c> of its webhooks; <c>total_commits</c> says whether more were pushed.</summary>
    protected override int MaxCommits => int.MaxValue;

    public override string? Refuse(DeliveryHeaders headers, ReadOnlySpan<byte> body, string secret) => (headers("X-Forgejo-Signature") ?? headers("X-Gitea-Signature")) switch
    {
        null or "" => "It is not signed: the header X-Gitea-Signature is missing. Give the webhook the connection's secret.",
        var given => IsSigned(given, body, secret) ? null : "Its signature is not by the connection's webhook secret.",
    };

    public override DeliveryName? NameOf(DeliveryHeaders headers) =>
        (headers("X-Forgejo-Event") ?? headers("X-Gitea-Event")) is { Length: > 0 } name
            ? new DeliveryName(name, headers("X-Forgejo-Delivery") ?? headers("X-Gitea-Delivery"))
            : null;

    public override async Task<GitSource> SourceAsync(VcsSession session, string repository, CancellationToken cancellationToken) =>
        GitSource.Http($"{session.Connection.HttpUrl.TrimEnd('/')}/{repository}.git", "oauth2", await TokenAsync(session, cancellationToken));

    public override async Task<VcsCheck> CheckAsync(VcsSession session, CancellationToken cancellationToken) =>
        new((await CallAsync(session, HttpMethod.Get, "/user", null, cancellationToken)).Payload["login"].Maybe, null);

    public override async Task<IReadOnlyList<VcsRepositoryFound>> RepositoriesAsync(VcsSession session, string? search, CancellationToken cancellationToken) =>
        [.. (await CallAsync(session, HttpMethod.Get, $"/repos/search?limit=50&sort=updated&order=desc&q={Uri.EscapeDataString(search ?? "")}", null, cancellationToken))
            .Payload["data"].Items.Select(Found)];

    public override Task SubscribeAsync(VcsSession session, string repository, string address, string secret, CancellationToken cancellationToken) =>
        SubscribeAsync(session, repository, address, "gitea", Events, secret, cancellationToken);

    protected override AuthenticationHeaderValue Authorization(string token) => new("token", token);
}
