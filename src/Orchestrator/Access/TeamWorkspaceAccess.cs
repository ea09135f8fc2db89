using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Access;

/// <summary>What a team may do with one workspace.</summary>
public sealed class TeamWorkspaceAccess
{
    public required TeamWorkspaceAccessId Id { get; init; }

    public required TeamId TeamId { get; init; }

    public required WorkspaceId WorkspaceId { get; init; }

    public required WorkspaceAccessLevel Level { get; set; }

    /// <summary>Counts only when <see cref="Level"/> is <see cref="WorkspaceAccessLevel.Custom"/>.</summary>
    public WorkspaceGrant Custom { get; set; } = new();

    /// <summary>What the level comes to.</summary>
    public WorkspaceGrant Grant => WorkspaceGrant.Of(Level, Custom);

    internal sealed class Mapping : IEntityTypeConfiguration<TeamWorkspaceAccess>
    {
        public void Configure(EntityTypeBuilder<TeamWorkspaceAccess> entity)
        {
            entity.Ignore(access => access.Grant);
            entity.ComplexProperty(access => access.Custom);
            entity.HasOne<Team>().WithMany().HasForeignKey(access => access.TeamId);
            entity.HasIndex(access => new { access.TeamId, access.WorkspaceId }).IsUnique();
        }
    }
}

[StoredAsText]
public enum WorkspaceAccessLevel
{
    Read,
    Plan,
    Write,
    Admin,
    Custom,
}

/// <summary>What may be done with a workspace, in the API's words.</summary>
public sealed record WorkspaceGrant
{
    public RunGrant Runs { get; init; }

    public VariableGrant Variables { get; init; }

    public StateGrant StateVersions { get; init; }

    public MockGrant SentinelMocks { get; init; }

    public bool Locking { get; init; }

    public bool RunTasks { get; init; }

    /// <summary>What is queued, or confirmed, gets no cloud credentials. Ours: the API's other servers have none such, and clients that
    /// do not know it give what they always gave.</summary>
    public bool WithholdsCredentials { get; init; }

    /// <summary>A fixed level's set, or <paramref name="custom"/>.</summary>
    public static WorkspaceGrant Of(WorkspaceAccessLevel level, WorkspaceGrant custom) => level switch
    {
        WorkspaceAccessLevel.Read => ToRead,
        WorkspaceAccessLevel.Plan => ToPlan,
        WorkspaceAccessLevel.Write => ToWrite,
        WorkspaceAccessLevel.Admin => ToAdminister,
        WorkspaceAccessLevel.Custom => custom,
    };

    public static readonly WorkspaceGrant ToRead = new() { Variables = VariableGrant.Read, StateVersions = StateGrant.Read };

    public static readonly WorkspaceGrant ToPlan = ToRead with { Runs = RunGrant.Plan };

    public static readonly WorkspaceGrant ToWrite = new()
    {
        Runs = RunGrant.Apply,
        Variables = VariableGrant.Write,
        StateVersions = StateGrant.Write,
        SentinelMocks = MockGrant.Read,
        Locking = true,
    };

    public static readonly WorkspaceGrant ToAdminister = ToWrite with { RunTasks = true };
}

/// <summary>Each includes the one before.</summary>
[StoredAsText]
public enum RunGrant
{
    Read,
    Plan,
    Apply,
}

/// <summary>Each includes the one before.</summary>
[StoredAsText]
public enum VariableGrant
{
    None,
    Read,
    Write,
}

/// <summary>Each includes the one before. On the wire with a hyphen: <c>read-outputs</c>.</summary>
[StoredAsText]
public enum StateGrant
{
    None,
    ReadOutputs,
    Read,
    Write,
}

[StoredAsText]
public enum MockGrant
{
    None,
    Read,
}
