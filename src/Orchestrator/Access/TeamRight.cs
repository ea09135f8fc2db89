namespace Orchestrator.Access;

/// <summary>What somebody may do with a team.</summary>
[Flags]
public enum TeamRight
{
    None = 0,

    See = 1 << 0,

    /// <summary>Its name and its visibility.</summary>
    Update = 1 << 1,

    Delete = 1 << 2,

    ManageMembers = 1 << 3,

    ManageTokens = 1 << 4,

    /// <summary>What it may do in the whole organisation.</summary>
    ManageOrganizationAccess = 1 << 5,

    All = (1 << 6) - 1,
}
