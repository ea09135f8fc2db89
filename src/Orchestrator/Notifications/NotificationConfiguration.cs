using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Orchestrator.Data;

namespace Orchestrator.Notifications;

/// <summary>Who is told about the runs of a workspace, or of a project's workspaces.</summary>
public sealed class NotificationConfiguration
{
    public const int MaxNameLength = 200;

    public required NotificationConfigurationId Id { get; init; }

    /// <summary>Set for a workspace's; then <see cref="ProjectId"/> is null.</summary>
    public WorkspaceId? WorkspaceId { get; init; }

    public ProjectId? ProjectId { get; init; }

    public required string Name { get; set; }

    public required NotificationDestination Destination { get; init; }

    public bool Enabled { get; set; }

    /// <summary>Encrypted: a chat's address is all that is needed to write there. Null for mail.</summary>
    public byte[]? ProtectedUrl { get; set; }

    /// <summary>Encrypted. What signs generic notifications; null when they are not signed.</summary>
    public byte[]? ProtectedToken { get; set; }

    public IReadOnlyList<string> Triggers { get; set; } = [];

    public IReadOnlyList<string> EmailAddresses { get; set; } = [];

    /// <summary>Members of the organisation who are told by mail, wherever their account says.</summary>
    public IReadOnlyList<UserId> Users { get; set; } = [];

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<NotificationConfiguration>
    {
        private static readonly ValueConverter<IReadOnlyList<string>, string> List = new(
            list => Write(list), stored => Read(stored));

        private static readonly ValueComparer<IReadOnlyList<string>> Comparer = new(
            (left, right) => left!.SequenceEqual(right!), list => list.Aggregate(0, HashCode.Combine), list => list);

        private static readonly ValueConverter<IReadOnlyList<UserId>, string> UserList = new(
            list => Write(list.Select(user => user.Value).ToArray()), stored => Read(stored).Select(user => new UserId(user)).ToArray());

        private static readonly ValueComparer<IReadOnlyList<UserId>> UserComparer = new(
            (left, right) => left!.SequenceEqual(right!), list => list.Aggregate(0, HashCode.Combine), list => list);

        public void Configure(EntityTypeBuilder<NotificationConfiguration> entity)
        {
            entity.Property(configuration => configuration.Name).HasMaxLength(MaxNameLength);
            entity.Property(configuration => configuration.Triggers).HasConversion(List, Comparer);
            entity.Property(configuration => configuration.EmailAddresses).HasConversion(List, Comparer);
            entity.Property(configuration => configuration.Users).HasConversion(UserList, UserComparer).HasDefaultValueSql("'[]'");
            entity.HasIndex(configuration => configuration.WorkspaceId);
            entity.HasIndex(configuration => configuration.ProjectId);
        }

        private static string Write(IReadOnlyList<string> list) => JsonSerializer.Serialize(list);

        private static string[] Read(string stored) => JsonSerializer.Deserialize<string[]>(stored) ?? [];
    }
}

[StoredAsText]
public enum NotificationDestination
{
    /// <summary>Any HTTP address: the documented JSON, signed when there is a token.</summary>
    Generic,

    Email,

    Slack,

    MicrosoftTeams,
}

/// <summary>What somebody may be told.</summary>
public static class NotificationTriggers
{
    public const string Created = "run:created";
    public const string Planning = "run:planning";
    public const string NeedsAttention = "run:needs_attention";
    public const string Applying = "run:applying";
    public const string Completed = "run:completed";
    public const string Errored = "run:errored";
    public const string Verification = "verification";

    public static readonly string[] All = [Created, Planning, NeedsAttention, Applying, Completed, Errored];
}
