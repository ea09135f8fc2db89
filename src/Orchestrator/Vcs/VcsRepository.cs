using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Vcs;

/// <summary>The repository from which a workspace takes its configuration.</summary>
public sealed class VcsRepository
{
    public const int MaxIdentifier = 500;
    public const int MaxBranch = 250;
    public const int MaxRegex = 200;

    public required WorkspaceId WorkspaceId { get; init; }

    public required OAuthClientId ConnectionId { get; set; }

    /// <summary>As its service calls it, such as <c>acme/network</c>; of a server that has only git, the path behind its address.</summary>
    public required string Identifier { get; set; }

    /// <summary>In small letters: services do not tell them apart.</summary>
    public required string IdentifierKey { get; set; }

    /// <summary>Null: the repository's default branch.</summary>
    public string? Branch { get; set; }

    /// <summary>As it was called when we last heard of it.</summary>
    public string? DefaultBranch { get; set; }

    public bool IngressSubmodules { get; set; }

    /// <summary>Tags that queue runs, instead of the branch's commits. <c>semver</c> stands for tags that are versions.</summary>
    public string? TagsRegex { get; set; }

    /// <summary>Pull requests from forks are planned, too: without credentials and without sensitive variables.</summary>
    public bool PlansForks { get; set; }

    /// <summary>Comments on pull requests may ask for plans and applies, with the rights of whoever has shown that the account is theirs.</summary>
    public bool TakesCommands { get; set; }

    /// <summary>Plans of pull requests can be applied before they are merged; from then on the workspace is the pull request's, until that is over.</summary>
    public bool AppliesBeforeMerge { get; set; }

    /// <summary>The newest commit of its branch that was fetched for it, or seen by polling.</summary>
    public string? LastCommit { get; set; }

    /// <summary>The tags that the last look has found, eight hex digits each, where tags count. Null: nobody has looked.</summary>
    public string? SeenTags { get; set; }

    /// <summary>Why deliveries for it may not come in by themselves, in a sentence.</summary>
    public string? Problem { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The branch whose commits count.</summary>
    public string? TrackedBranch => Branch ?? DefaultBranch;

    public static string KeyOf(string identifier) => identifier.Trim('/').ToLowerInvariant();

    internal sealed class Mapping : IEntityTypeConfiguration<VcsRepository>
    {
        public void Configure(EntityTypeBuilder<VcsRepository> entity)
        {
            entity.HasKey(repository => repository.WorkspaceId);
            entity.HasOne<VcsConnection>().WithMany().HasForeignKey(repository => repository.ConnectionId).OnDelete(DeleteBehavior.Restrict);
            entity.Property(repository => repository.Identifier).HasMaxLength(MaxIdentifier);
            entity.Property(repository => repository.IdentifierKey).HasMaxLength(MaxIdentifier);
            entity.Property(repository => repository.Branch).HasMaxLength(MaxBranch);
            entity.Property(repository => repository.DefaultBranch).HasMaxLength(MaxBranch);
            entity.Property(repository => repository.TagsRegex).HasMaxLength(MaxRegex);
            entity.Property(repository => repository.LastCommit).HasMaxLength(64);
            entity.Property(repository => repository.Problem).HasMaxLength(2000);
            entity.Ignore(repository => repository.TrackedBranch);
            entity.HasIndex(repository => new { repository.ConnectionId, repository.IdentifierKey });
        }
    }
}
