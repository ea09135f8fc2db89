using Microsoft.EntityFrameworkCore;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record IngressAttributesAttributes
{
    public required string? Branch { get; init; }
    public required string? CloneUrl { get; init; }
    public required string? CommitMessage { get; init; }
    public required string CommitSha { get; init; }
    public required string? CommitUrl { get; init; }
    public required string? CommitAuthor { get; init; }
    public required string? CompareUrl { get; init; }
    public required string Identifier { get; init; }
    public required bool IsPullRequest { get; init; }
    public required bool OnDefaultBranch { get; init; }
    public required int? PullRequestNumber { get; init; }
    public required string? PullRequestUrl { get; init; }
    public required string? PullRequestTitle { get; init; }
    public required string? PullRequestBody { get; init; }
    public required string? Tag { get; init; }
    public required string? SenderUsername { get; init; }
    public required string? SenderAvatarUrl { get; init; }
    public required string? SenderHtmlUrl { get; init; }
}

/// <summary>Where a configuration came from, with its workspace.</summary>
public sealed record IngressView(IngressAttributes Ingress, WorkspaceId Workspace);

internal sealed class IngressAttributesResource() : ResourceType<IngressView, IngressAttributesAttributes>(Type)
{
    public const string Type = "ingress-attributes";

    public static IQueryable<IngressView> View(IQueryable<IngressAttributes> rows, OrchestratorDbContext db) =>
        from ingress in rows
        join version in db.ConfigurationVersions on ingress.ConfigurationVersionId equals version.Id
        select new IngressView(ingress, version.WorkspaceId);

    protected override IReadOnlyDictionary<string, string>? LinksOf(IngressView row) => new Dictionary<string, string>
    {
        ["self"] = $"{ApiRoutes.Root}/{ConfigurationVersionResource.Type}/{row.Ingress.ConfigurationVersionId}/{Type}",
    };

    protected override string IdOf(IngressView row) => row.Ingress.Id.Value;

    protected override IQueryable<IngressView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new IngressAttributesId(id)).ToArray();
        return View(db.IngressAttributes.Where(row => wanted.Contains(row.Id)), db);
    }

    protected override IngressAttributesAttributes Show(IngressView row, HttpContext context)
    {
        var ingress = row.Ingress;
        return new IngressAttributesAttributes
        {
            Branch = ingress.Branch,
            CloneUrl = ingress.CloneUrl,
            CommitMessage = ingress.CommitMessage,
            CommitSha = ingress.CommitSha,
            CommitUrl = ingress.CommitUrl,
            CommitAuthor = ingress.CommitAuthor,
            CompareUrl = ingress.CompareUrl,
            Identifier = ingress.Identifier,
            IsPullRequest = ingress.PullRequestNumber is not null,
            OnDefaultBranch = ingress.OnDefaultBranch,
            PullRequestNumber = ingress.PullRequestNumber,
            PullRequestUrl = ingress.PullRequestUrl,
            PullRequestTitle = ingress.PullRequestTitle,
            PullRequestBody = ingress.PullRequestBody,
            Tag = ingress.Tag,
            SenderUsername = ingress.SenderUsername,
            SenderAvatarUrl = ingress.SenderAvatarUrl,
            SenderHtmlUrl = ingress.SenderHtmlUrl,
        };
    }
}
