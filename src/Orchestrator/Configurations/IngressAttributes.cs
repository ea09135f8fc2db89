using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Configurations;

/// <summary>Where a configuration came from that was fetched from version control.</summary>
public sealed class IngressAttributes
{
    private const int MaxText = 500;
    private const int MaxUrl = 2000;

    /// <summary>Of a commit's message, and of a pull request's text.</summary>
    public const int MaxMessage = 4000;

    public required IngressAttributesId Id { get; init; }

    public required ConfigurationVersionId ConfigurationVersionId { get; init; }

    /// <summary>Through which it was fetched; it may have been deleted since.</summary>
    public required OAuthClientId ConnectionId { get; init; }

    /// <summary>As the provider calls the repository, such as <c>acme/network</c>.</summary>
    public required string Identifier { get; init; }

    public string? Branch { get; init; }

    public string? Tag { get; init; }

    public string? CloneUrl { get; init; }

    public required string CommitSha { get; set; }

    public string? CommitMessage { get; set; }

    public string? CommitAuthor { get; set; }

    public string? CommitUrl { get; init; }

    public string? CompareUrl { get; init; }

    public bool OnDefaultBranch { get; init; }

    public int? PullRequestNumber { get; init; }

    public string? PullRequestUrl { get; init; }

    public string? PullRequestTitle { get; init; }

    public string? PullRequestBody { get; init; }

    public string? SenderUsername { get; init; }

    public string? SenderAvatarUrl { get; init; }

    public string? SenderHtmlUrl { get; init; }

    /// <summary>Each version that was fetched has one, so the version's document can name it without asking for it.</summary>
    public static IngressAttributesId IdOf(ConfigurationVersionId version) => Data.Identifier.Derived<IngressAttributesId>(version.Value);

    internal sealed class Mapping : IEntityTypeConfiguration<IngressAttributes>
    {
        public void Configure(EntityTypeBuilder<IngressAttributes> entity)
        {
            foreach (var text in new[] { nameof(Identifier), nameof(Branch), nameof(Tag), nameof(CommitAuthor), nameof(PullRequestTitle), nameof(SenderUsername) })
            {
                entity.Property(text).HasMaxLength(MaxText);
            }
            foreach (var url in new[] { nameof(CloneUrl), nameof(CommitUrl), nameof(CompareUrl), nameof(PullRequestUrl), nameof(SenderAvatarUrl), nameof(SenderHtmlUrl) })
            {
                entity.Property(url).HasMaxLength(MaxUrl);
            }
            entity.Property(ingress => ingress.CommitMessage).HasMaxLength(MaxMessage);
            entity.Property(ingress => ingress.PullRequestBody).HasMaxLength(MaxMessage);
            entity.Property(ingress => ingress.CommitSha).HasMaxLength(64);
            entity.HasIndex(ingress => ingress.ConfigurationVersionId).IsUnique();
            // A pull request's earlier plans, and all runs of a commit.
            entity.HasIndex(ingress => new { ingress.ConnectionId, ingress.Identifier, ingress.PullRequestNumber });
            entity.HasIndex(ingress => ingress.CommitSha);
        }
    }
}
