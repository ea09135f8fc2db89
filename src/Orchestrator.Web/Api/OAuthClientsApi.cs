using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Vcs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>A connection as a client sends it; what is absent stays as it is.</summary>
public sealed record OAuthClientRequest
{
    public string? ServiceProvider { get; init; }

    public Optional<string?> Name { get; init; }

    public string? HttpUrl { get; init; }

    public string? ApiUrl { get; init; }

    /// <summary>Of an OAuth application: there is no sign-in of a service's here.</summary>
    public string? Key { get; init; }

    public string? Secret { get; init; }

    public string? OauthTokenString { get; init; }

    /// <summary>Of a GitHub App; else, as HCP Terraform has it, the SSH key by which git fetches.</summary>
    public string? PrivateKey { get; init; }

    public string? AppId { get; init; }

    public string? InstallationId { get; init; }

    public string? SshKey { get; init; }

    public string? KnownHosts { get; init; }

    public Optional<string?> Username { get; init; }

    public string? WebhookSecret { get; init; }

    public bool? OrganizationScoped { get; init; }

    /// <summary>0: never.</summary>
    public Optional<int?> PollMinutes { get; init; }

    public override string ToString() => $"{ServiceProvider} connection";

    internal VcsConnectionEdit ToEdit() => new()
    {
        Service = ServiceProvider,
        Name = Name.IsSet ? Name.Value ?? "" : null,
        HttpUrl = HttpUrl,
        ApiUrl = ApiUrl,
        Username = Username.IsSet ? Username.Value ?? "" : null,
        Token = OauthTokenString,
        AppId = AppId,
        InstallationId = InstallationId,
        AppKey = PrivateKey,
        SshKey = SshKey,
        KnownHosts = KnownHosts,
        WebhookSecret = WebhookSecret,
        OrganizationScoped = OrganizationScoped,
        PollMinutes = PollMinutes.IsSet ? PollMinutes.Value ?? 0 : null,
    };
}

public sealed record OAuthTokenRequest
{
    /// <summary>Empty: none.</summary>
    public string? SshKey { get; init; }

    public override string ToString() => "OAuth token";
}

public sealed record VcsRepositoryAttributes(string Identifier, string? DefaultBranch, bool Private);

/// <param name="Default">The repository's own choice.</param>
public sealed record VcsBranchAttributes(string Name, string CommitSha, bool Default);

internal static class OAuthClientsApi
{
    public static void MapOAuthClients(this IEndpointRouteBuilder api)
    {
        api.MapGet("/organizations/{organization}/oauth-clients", async (
            string organization, HttpContext context, OrchestratorDbContext db, OAuthClientResource clients) =>
        {
            var owner = await db.OrganizationAsync(organization, context.RequestAborted);
            return await clients.ShowPageAsync(
                db.VcsConnections.AsNoTracking().Where(row => row.OrganizationId == owner.Id).OrderBy(row => row.CreatedAt).ThenBy(row => row.Id),
                rows => OAuthClientResource.View(rows, db), context);
        }).Needs(OrganizationRight.Read).WithSummary("List an organisation's connections to version control").ReturnsPage<OAuthClientResource>();
        api.MapPost("/organizations/{organization}/oauth-clients", CreateAsync).Needs(OrganizationRight.ManageVcs)
            .WithSummary("Connect version control").Takes<OAuthClientRequest>().Creates<OAuthClientResource>();
        api.MapGet("/oauth-clients/{id}", (string id, HttpContext context, OAuthClientResource clients) => clients.ShowAsync(id, context))
            .Needs(OrganizationRight.Read).WithSummary("Show a connection to version control").Returns<OAuthClientResource>();
        api.MapPatch("/oauth-clients/{id}", UpdateAsync).Needs(OrganizationRight.ManageVcs)
            .WithSummary("Change a connection to version control").Takes<OAuthClientRequest>().Returns<OAuthClientResource>();
        api.MapDelete("/oauth-clients/{id}", async (string id, VcsConnections connections, CancellationToken cancellationToken) =>
            await connections.RemoveAsync(new OAuthClientId(id), cancellationToken) ? Results.NoContent() : throw ApiProblem.NotFound())
            .Needs(OrganizationRight.ManageVcs).WithSummary("Remove a connection to version control; its workspaces lose their repository").ReturnsNothing();
        api.MapPost("/oauth-clients/{id}/actions/check", async (string id, HttpContext context, VcsConnections connections, OAuthClientResource clients) =>
        {
            await connections.CheckAsync(new OAuthClientId(id), context.RequestAborted);
            return await clients.ShowAsync(id, context);
        }).Needs(OrganizationRight.ManageVcs).WithSummary("Ask the service whether the connection is good").Returns<OAuthClientResource>();
        api.MapGet("/oauth-clients/{id}/oauth-tokens", async (string id, HttpContext context, OrchestratorDbContext db, OAuthTokenResource tokens) =>
            await tokens.ShowPageAsync(db.VcsConnections.AsNoTracking().Where(row => row.Id == new OAuthClientId(id) && row.TokenId != null).OrderBy(row => row.Id), context))
            .Needs(OrganizationRight.Read).WithSummary("List the tokens of a connection").ReturnsPage<OAuthTokenResource>();
        api.MapPost("/oauth-clients/{id}/relationships/projects", (string id, HttpContext context, VcsConnections connections) => OpenAsync(id, open: true, context, connections))
            .Needs(OrganizationRight.ManageVcs).WithSummary("Open a connection to projects").TakesIdentifiers().ReturnsNothing();
        api.MapDelete("/oauth-clients/{id}/relationships/projects", (string id, HttpContext context, VcsConnections connections) => OpenAsync(id, open: false, context, connections))
            .Needs(OrganizationRight.ManageVcs).WithSummary("Close a connection to projects").TakesIdentifiers().ReturnsNothing();
        api.MapGet("/oauth-clients/{id}/repositories", RepositoriesAsync).Needs(OrganizationRight.ManageVcs)
            .WithSummary("List repositories that a connection reaches").Query("q", "Part of a name.").ReturnsAll<VcsRepositoryAttributes>("vcs-repositories");
        api.MapGet("/oauth-clients/{id}/branches", BranchesAsync).Needs(OrganizationRight.ManageVcs)
            .WithSummary("List the branches of a repository").Query("filter[repository]", "The repository's identifier, such as acme/network.").ReturnsAll<VcsBranchAttributes>("vcs-branches");

        api.MapGet("/organizations/{organization}/oauth-tokens", async (
            string organization, HttpContext context, OrchestratorDbContext db, OAuthTokenResource tokens) =>
        {
            var owner = await db.OrganizationAsync(organization, context.RequestAborted);
            return await tokens.ShowPageAsync(
                db.VcsConnections.AsNoTracking().Where(row => row.OrganizationId == owner.Id && row.TokenId != null).OrderBy(row => row.CreatedAt).ThenBy(row => row.Id), context);
        }).Needs(OrganizationRight.Read).WithSummary("List the tokens of an organisation's connections").ReturnsPage<OAuthTokenResource>();
        api.MapGet("/oauth-tokens/{id}", (string id, HttpContext context, OAuthTokenResource tokens) => tokens.ShowAsync(id, context))
            .Needs(OrganizationRight.Read).WithSummary("Show a connection's token, without what it is").Returns<OAuthTokenResource>();
        api.MapPatch("/oauth-tokens/{id}", async (string id, HttpContext context, OrchestratorDbContext db, VcsConnections connections, OAuthTokenResource tokens) =>
        {
            var wanted = (await context.Request.ReadResourceAsync<OAuthTokenRequest>()).Attributes!;
            var connection = await ConnectionAsync(db, new OAuthTokenId(id), context.RequestAborted);
            Require(await connections.UpdateAsync(connection, new VcsConnectionEdit { SshKey = wanted.SshKey }, null, context.RequestAborted));
            return await tokens.ShowAsync(id, context);
        }).Needs(OrganizationRight.ManageVcs).WithSummary("Give a connection's token an SSH key").Takes<OAuthTokenRequest>().Returns<OAuthTokenResource>();
        api.MapDelete("/oauth-tokens/{id}", async (string id, VcsConnections connections, CancellationToken cancellationToken) =>
            await connections.RevokeAsync(new OAuthTokenId(id), cancellationToken) ? Results.NoContent() : throw ApiProblem.NotFound())
            .Needs(OrganizationRight.ManageVcs).WithSummary("Forget a connection's token and keys").ReturnsNothing();
    }

    private static async Task<IResult> CreateAsync(
        string organization, HttpContext context, OrchestratorDbContext db, VcsConnections connections, OAuthClientResource clients)
    {
        var owner = await db.OrganizationAsync(organization, context.RequestAborted);
        var body = await context.Request.ReadResourceAsync<OAuthClientRequest>();
        var result = await connections.CreateAsync(owner.Id, body.Attributes!.ToEdit(), ProjectsOf(body), context.RequestAborted);
        return await clients.ShowNewAsync(new OAuthClientView(Require(result), owner.Name) { NewSecret = result.NewSecret }, context);
    }

    private static async Task<IResult> UpdateAsync(string id, HttpContext context, VcsConnections connections, OAuthClientResource clients)
    {
        var body = await context.Request.ReadResourceAsync<OAuthClientRequest>();
        Require(await connections.UpdateAsync(new OAuthClientId(id), body.Attributes!.ToEdit(), ProjectsOf(body), context.RequestAborted));
        return await clients.ShowAsync(id, context);
    }

    private static ProjectId[]? ProjectsOf(RequestResource<OAuthClientRequest> body) =>
        body.RelatedItems<NoAttributes>("projects") is { } items ? [.. items.Select(item => new ProjectId(item.Id ?? "")).Distinct()] : null;

    private static async Task<IResult> OpenAsync(string id, bool open, HttpContext context, VcsConnections connections) =>
        await connections.OpenAsync(new OAuthClientId(id), [.. (await context.Request.ReadIdsAsync()).Select(project => new ProjectId(project))], open, context.RequestAborted)
            ? Results.NoContent()
            : throw ApiProblem.InvalidRelationship("projects", "The organization has no such project.");

    private static async Task<IResult> RepositoriesAsync(string id, HttpContext context, OrchestratorDbContext db, VcsConnections connections)
    {
        var connection = await db.VcsConnections.AsNoTracking().FirstAsync(row => row.Id == new OAuthClientId(id), context.RequestAborted);
        try
        {
            var found = await connections.RepositoriesAsync(connection, context.Request.Query(), context.RequestAborted);
            return JsonApiResult.All([.. found.Select(repository => new Resource<VcsRepositoryAttributes>(
                repository.Identifier, "vcs-repositories", new VcsRepositoryAttributes(repository.Identifier, repository.DefaultBranch, repository.IsPrivate)))]);
        }
        catch (VcsProblem problem)
        {
            throw Unreachable(problem);
        }
    }

    private static async Task<IResult> BranchesAsync(string id, HttpContext context, OrchestratorDbContext db, VcsConnections connections)
    {
        var connection = await db.VcsConnections.AsNoTracking().FirstAsync(row => row.Id == new OAuthClientId(id), context.RequestAborted);
        var repository = context.Request.Filter("repository") ?? throw ApiProblem.BadRequest("Name the repository with 'filter[repository]'.");
        try
        {
            var found = await connections.ReferencesAsync(connection, repository, context.RequestAborted);
            return JsonApiResult.All([.. found.Branches.OrderBy(branch => branch.Key != found.DefaultBranch).ThenBy(branch => branch.Key, StringComparer.Ordinal)
                .Select(branch => new Resource<VcsBranchAttributes>(branch.Key, "vcs-branches", new VcsBranchAttributes(branch.Key, branch.Value, branch.Key == found.DefaultBranch)))]);
        }
        catch (VcsProblem problem)
        {
            throw Unreachable(problem);
        }
    }

    /// <summary>The service is to blame, or what it was asked with.</summary>
    private static ApiProblem Unreachable(VcsProblem problem) => new(StatusCodes.Status422UnprocessableEntity, "version control did not answer", problem.Message);

    private static async Task<OAuthClientId> ConnectionAsync(OrchestratorDbContext db, OAuthTokenId token, CancellationToken cancellationToken) =>
        await db.VcsConnections.Where(row => row.TokenId == token).Select(row => (OAuthClientId?)row.Id).FirstOrDefaultAsync(cancellationToken)
            ?? throw ApiProblem.NotFound();

    private static VcsConnection Require(VcsConnectionResult result) => result switch
    {
        { Connection: { } connection } => connection,
        { Refusal: { Field: "projects" } refusal } => throw ApiProblem.InvalidRelationship(refusal.Field, refusal.Reason),
        { Refusal: { } refusal } => throw ApiProblem.Invalid(refusal.Field, refusal.Reason),
        _ => throw ApiProblem.NotFound(),
    };
}
