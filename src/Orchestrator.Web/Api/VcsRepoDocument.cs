using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Vcs;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>A workspace's repository as clients see it.</summary>
/// <param name="PlansForks">Our own: pull requests from forks are planned, too.</param>
/// <param name="CommentCommands">Our own: comments on pull requests may ask for plans and applies.</param>
/// <param name="ApplyBeforeMerge">Our own: plans of pull requests can be applied before they are merged.</param>
/// <param name="Problem">Our own: why deliveries may not come in by themselves.</param>
public sealed record VcsRepoAttributes(
    string Identifier, string DisplayIdentifier, string Branch, string? DefaultBranch, bool IngressSubmodules, string? OauthTokenId, string? GithubAppInstallationId,
    string? RepositoryHttpUrl, string ServiceProvider, string WebhookUrl, string? TagsRegex, bool Tags, string? SourceDirectory, string? TagPrefix, bool PlansForks,
    bool CommentCommands, bool ApplyBeforeMerge, string? Problem);

/// <summary>A workspace's repository as clients send it; what is absent stays as it is.</summary>
public sealed record VcsRepoRequest
{
    public string? Identifier { get; init; }

    public Optional<string?> Branch { get; init; }

    public Optional<bool?> IngressSubmodules { get; init; }

    public string? OauthTokenId { get; init; }

    public string? GithubAppInstallationId { get; init; }

    public Optional<string?> TagsRegex { get; init; }

    public Optional<bool?> PlansForks { get; init; }

    public Optional<bool?> CommentCommands { get; init; }

    public Optional<bool?> ApplyBeforeMerge { get; init; }

    /// <exception cref="ApiProblem">It asks for what this server does not have.</exception>
    internal RepositoryChange ToChange() => GithubAppInstallationId is { Length: > 0 } && OauthTokenId is { Length: > 0 }
        ? throw ApiProblem.Invalid("vcs-repo/github-app-installation-id", "Name either the connection's 'oauth-token-id' or its 'github-app-installation-id'.")
        : new RepositoryChange
        {
            Identifier = Identifier,
            TokenId = OauthTokenId,
            InstallationId = GithubAppInstallationId,
            Branch = Branch.IsSet ? Branch.Value ?? "" : null,
            IngressSubmodules = IngressSubmodules.Value,
            TagsRegex = TagsRegex.IsSet ? TagsRegex.Value ?? "" : null,
            PlansForks = PlansForks.Value,
            TakesCommands = CommentCommands.Value,
            AppliesBeforeMerge = ApplyBeforeMerge.Value,
        };
}

/// <summary>A workspace's repository with what it needs of its connection, in the workspace's own statement.</summary>
public sealed record VcsRepoView(VcsRepository Repository, string Service, OAuthTokenId? Token, string HttpUrl)
{
    public VcsRepoAttributes Show(VcsLinks links) => new(
        Repository.Identifier, Repository.Identifier, Repository.Branch ?? "", Repository.DefaultBranch, Repository.IngressSubmodules,
        Service == VcsService.GitHubApp ? null : Token?.Value, VcsConnection.InstallationOf(Service, Repository.ConnectionId)?.Value,
        HttpUrl.StartsWith("http", StringComparison.Ordinal) ? $"{HttpUrl.TrimEnd('/')}/{Repository.Identifier}" : null,
        Service, links.AddressOf(VcsService.Find(Service)!, Repository.ConnectionId), Repository.TagsRegex, Repository.TagsRegex is not null, null, null,
        Repository.PlansForks, Repository.TakesCommands, Repository.AppliesBeforeMerge, Repository.Problem);
}
