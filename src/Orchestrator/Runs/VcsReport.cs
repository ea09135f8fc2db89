using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;
using Orchestrator.Vcs;

namespace Orchestrator.Runs;

/// <summary>What has been told version control about a run, and what has still to be.</summary>
public sealed class VcsReport
{
    public required RunId RunId { get; init; }

    public required OAuthClientId ConnectionId { get; init; }

    public required string Repository { get; init; }

    public required string CommitSha { get; init; }

    public int? PullRequest { get; init; }

    /// <summary>The run's status when it was last told.</summary>
    public RunStatus? ReportedStatus { get; set; }

    /// <summary>Not before this moment.</summary>
    public required DateTimeOffset DueAt { get; set; }

    /// <summary>Since something was last told.</summary>
    public int Attempts { get; set; }

    /// <summary>The run is over and that was told, or it has been given up.</summary>
    public bool IsDone { get; set; }

    public string? Problem { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<VcsReport>
    {
        public void Configure(EntityTypeBuilder<VcsReport> entity)
        {
            entity.HasKey(report => report.RunId);
            entity.HasOne<VcsConnection>().WithMany().HasForeignKey(report => report.ConnectionId);
            entity.Property(report => report.Repository).HasMaxLength(VcsRepository.MaxIdentifier);
            entity.Property(report => report.CommitSha).HasMaxLength(64);
            entity.Property(report => report.Problem).HasMaxLength(2000);
            entity.HasIndex(report => new { report.IsDone, report.DueAt });
            entity.HasIndex(report => new { report.ConnectionId, report.Repository, report.CommitSha });
        }
    }
}

/// <summary>The one comment that a pull request has from us.</summary>
public sealed class VcsThread
{
    public required OAuthClientId ConnectionId { get; init; }

    public required string Repository { get; init; }

    public required int PullRequest { get; init; }

    /// <summary>As the service calls it. Null: not written yet.</summary>
    public string? CommentId { get; set; }

    /// <summary>Somebody is writing it now, until then at the latest.</summary>
    public DateTimeOffset? BusyUntil { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<VcsThread>
    {
        public void Configure(EntityTypeBuilder<VcsThread> entity)
        {
            entity.HasKey(thread => new { thread.ConnectionId, thread.Repository, thread.PullRequest });
            entity.HasOne<VcsConnection>().WithMany().HasForeignKey(thread => thread.ConnectionId);
            entity.Property(thread => thread.Repository).HasMaxLength(VcsRepository.MaxIdentifier);
            entity.Property(thread => thread.CommentId).HasMaxLength(100);
        }
    }
}
