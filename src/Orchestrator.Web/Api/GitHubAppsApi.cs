using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Vcs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <param name="InstallationId">GitHub's own number of it.</param>
/// <param name="InstallationType">Null: GitHub has not been asked whether a person or an organisation has installed it.</param>
public sealed record GitHubAppInstallationAttributes(string Name, long InstallationId, string? IconUrl, string? InstallationType, string InstallationUrl);

/// <summary>GitHub Apps as clients look for them: each is a connection of an organisation's that the caller may see.</summary>
internal static class GitHubAppsApi
{
    private const string Type = "github-app-installations";

    public static void MapGitHubApps(this IEndpointRouteBuilder api)
    {
        api.MapGet("/github-app/installations", async (HttpContext context, Admission admission, OrchestratorDbContext db) =>
        {
            var (name, number) = (context.Request.Filter("name"), context.Request.Filter("installation_id") ?? context.Request.Filter("installation-id"));
            return JsonApiResult.All((await FindAsync(db, admission, context.RequestAborted))
                .Where(row => (name is null || row.Title == name) && (number is null || row.InstallationId == number)).Select(Show));
        }).WithSummary("List the GitHub Apps that are connected").Query("filter[name]", "A connection's name.").Query("filter[installation_id]", "GitHub's number.")
            .ReturnsAll<GitHubAppInstallationAttributes>(Type);
        api.MapGet("/github-app/installation/{id}", async (string id, HttpContext context, Admission admission, OrchestratorDbContext db) =>
            JsonApiResult.Ok(Show((await FindAsync(db, admission, context.RequestAborted)).Find(row => row.Installation?.Value == id) ?? throw ApiProblem.NotFound())))
            .WithSummary("Show a GitHub App that is connected").Returns<GitHubAppInstallationAttributes>(Type);
    }

    private static async Task<List<VcsConnection>> FindAsync(OrchestratorDbContext db, Admission admission, CancellationToken cancellationToken) =>
        [.. (await db.VcsConnections.AsNoTracking().Where(row => row.Service == VcsService.GitHubApp && row.TokenId != null).OrderBy(row => row.CreatedAt).ThenBy(row => row.Id)
            .ToListAsync(cancellationToken)).Where(row => admission.Standing.In(row.OrganizationId).HasFlag(OrganizationRight.Read))];

    private static Resource<GitHubAppInstallationAttributes> Show(VcsConnection row) => new(row.Installation!.Value.Value, Type, new GitHubAppInstallationAttributes(
        row.Title, long.TryParse(row.InstallationId, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0, IconUrl: null, InstallationType: null,
        $"{row.HttpUrl}/settings/installations/{row.InstallationId}"));
}
