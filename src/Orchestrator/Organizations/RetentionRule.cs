using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Organizations;

/// <summary>What a policy may let go, each by a rule of its own.</summary>
[StoredAsText]
public enum RetainedKind
{
    /// <summary>What terraform has printed.</summary>
    Logs,

    /// <summary>Plan files and their JSON.</summary>
    Plans,

    /// <summary>Archives of configuration versions.</summary>
    Configurations,

    /// <summary>Documents of state versions.</summary>
    States,
}

/// <summary>How long an organisation keeps one kind of data, instead of what the installation says.</summary>
public sealed class RetentionRule
{
    public const int MaxDays = 36_500;
    public const int MaxCount = 1_000_000;

    public required OrganizationId OrganizationId { get; init; }

    public required RetainedKind Kind { get; init; }

    /// <summary>What is younger is kept. Null: age does not count.</summary>
    [Range(1, MaxDays)]
    public int? Days { get; set; }

    /// <summary>So many of each workspace are kept, the newest ones. Null: their number does not count.</summary>
    [Range(1, MaxCount)]
    public int? Count { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<RetentionRule>
    {
        public void Configure(EntityTypeBuilder<RetentionRule> entity) => entity.HasKey(rule => new { rule.OrganizationId, rule.Kind });
    }
}
