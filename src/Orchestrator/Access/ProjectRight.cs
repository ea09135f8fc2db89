namespace Orchestrator.Access;

/// <summary>What somebody may do with a project.</summary>
[Flags]
public enum ProjectRight
{
    None = 0,

    Read = 1 << 0,

    Update = 1 << 1,

    Delete = 1 << 2,

    CreateWorkspaces = 1 << 3,

    /// <summary>To move workspaces into it and out of it.</summary>
    MoveWorkspaces = 1 << 4,

    ReadTeams = 1 << 5,

    /// <summary>To give teams access to it.</summary>
    ManageTeams = 1 << 6,

    ManageTags = 1 << 7,

    ReadVarsets = 1 << 8,

    ManageVarsets = 1 << 9,

    ManageCredentials = 1 << 10,

    All = (1 << 11) - 1,
}
