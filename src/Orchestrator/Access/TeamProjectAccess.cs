using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Access;

/// <summary>What a team may do with one project, and with every workspace in it.</summary>
public sealed class TeamProjectAccess
{
    public required TeamProjectAccessId Id { get; init; }

    public required TeamId TeamId { get; init; }

    public required ProjectId ProjectId { get; init; }

    public required ProjectAccessLevel Level { get; set; }

    /// <summary>Counts only when <see cref="Level"/> is <see cref="ProjectAccessLevel.Custom"/>, as <see cref="CustomWorkspaces"/> does.</summary>
    public ProjectGrant Custom { get; set; } = new();

    public ProjectWorkspacesGrant CustomWorkspaces { get; set; } = new();

    /// <summary>What the level comes to.</summary>
    public ProjectGrant Grant => ProjectGrant.Of(Level, Custom);

    /// <summary>What the level comes to in each workspace.</summary>
    public ProjectWorkspacesGrant WorkspacesGrant => ProjectWorkspacesGrant.Of(Level, CustomWorkspaces);

    internal sealed class Mapping : IEntityTypeConfiguration<TeamProjectAccess>
    {
        public void Configure(EntityTypeBuilder<TeamProjectAccess> entity)
        {
            entity.Ignore(access => access.Grant);
            entity.Ignore(access => access.WorkspacesGrant);
            entity.ComplexProperty(access => access.Custom);
            entity.ComplexProperty(access => access.CustomWorkspaces, workspaces => workspaces.ComplexProperty(grant => grant.Workspace));
            entity.HasOne<Team>().WithMany().HasForeignKey(access => access.TeamId);
            entity.HasIndex(access => new { access.TeamId, access.ProjectId }).IsUnique();
        }
    }
}

[StoredAsText]
public enum ProjectAccessLevel
{
    Read,
    Write,
    Maintain,
    Admin,
    Custom,
}

/// <summary>What may be done with the project itself.</summary>
public sealed record ProjectGrant
{
    public ProjectSettingsGrant Settings { get; init; }

    public ProjectTeamsGrant Teams { get; init; }

    public ProjectVariableSetsGrant VariableSets { get; init; }

    /// <summary>A fixed level's set, or <paramref name="custom"/>.</summary>
    public static ProjectGrant Of(ProjectAccessLevel level, ProjectGrant custom) => level switch
    {
        ProjectAccessLevel.Read or ProjectAccessLevel.Write or ProjectAccessLevel.Maintain => Reading,
        ProjectAccessLevel.Admin => Administering,
        ProjectAccessLevel.Custom => custom,
    };

    private static readonly ProjectGrant Reading = new() { VariableSets = ProjectVariableSetsGrant.Read };

    private static readonly ProjectGrant Administering = new()
    {
        Settings = ProjectSettingsGrant.Delete,
        Teams = ProjectTeamsGrant.Manage,
        VariableSets = ProjectVariableSetsGrant.Write,
    };
}

/// <summary>What may be done with the project's workspaces.</summary>
public sealed record ProjectWorkspacesGrant
{
    public WorkspaceGrant Workspace { get; init; } = new();

    public bool Create { get; init; }

    /// <summary>Into the project, and out of it.</summary>
    public bool Move { get; init; }

    public bool Delete { get; init; }

    /// <summary>A fixed level's set, or <paramref name="custom"/>.</summary>
    public static ProjectWorkspacesGrant Of(ProjectAccessLevel level, ProjectWorkspacesGrant custom) => level switch
    {
        ProjectAccessLevel.Read => Reading,
        ProjectAccessLevel.Write => Writing,
        ProjectAccessLevel.Maintain or ProjectAccessLevel.Admin => Administering,
        ProjectAccessLevel.Custom => custom,
    };

    private static readonly ProjectWorkspacesGrant Reading = new() { Workspace = WorkspaceGrant.ToRead };

    private static readonly ProjectWorkspacesGrant Writing = new() { Workspace = WorkspaceGrant.ToWrite };

    private static readonly ProjectWorkspacesGrant Administering = new()
    {
        Workspace = WorkspaceGrant.ToAdminister,
        Create = true,
        Move = true,
        Delete = true,
    };
}

/// <summary>Each includes the one before.</summary>
[StoredAsText]
public enum ProjectSettingsGrant
{
    Read,
    Update,
    Delete,
}

/// <summary>Each includes the one before.</summary>
[StoredAsText]
public enum ProjectTeamsGrant
{
    None,
    Read,
    Manage,
}

/// <summary>Each includes the one before.</summary>
[StoredAsText]
public enum ProjectVariableSetsGrant
{
    None,
    Read,
    Write,
}
