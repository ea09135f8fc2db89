namespace Orchestrator.Access;

/// <summary>What somebody may do in a whole organisation.</summary>
[Flags]
public enum OrganizationRight
{
    None = 0,

    /// <summary>To learn that it is there and what it offers, as every client asks first. All that a run's terraform may.</summary>
    Traverse = 1 << 0,

    /// <summary>To see the organisation and the people and teams that show themselves. Every member may.</summary>
    Read = 1 << 1,

    Update = 1 << 2,

    Delete = 1 << 3,

    /// <summary>To make and delete projects.</summary>
    ManageProjects = 1 << 4,

    /// <summary>Organisation-wide settings of workspaces: tags and reserved keys.</summary>
    ManageTags = 1 << 5,

    ReadVarsets = 1 << 6,

    ManageVarsets = 1 << 7,

    /// <summary>Connections to version control.</summary>
    ManageVcs = 1 << 8,

    ManageSshKeys = 1 << 9,

    ManageProviders = 1 << 10,

    ManageModules = 1 << 11,

    ReadRunTasks = 1 << 12,

    ManageRunTasks = 1 << 13,

    ManagePolicies = 1 << 14,

    OverridePolicies = 1 << 15,

    ManageAgentPools = 1 << 16,

    /// <summary>To invite people, to remove them, and to put them into teams.</summary>
    ManageMembership = 1 << 17,

    ManageTeams = 1 << 18,

    /// <summary>To make and revoke the tokens of any team.</summary>
    ManageTeamTokens = 1 << 19,

    /// <summary>To give teams rights in the whole organisation.</summary>
    ManageOrganizationAccess = 1 << 20,

    /// <summary>To see teams that show themselves only to their members.</summary>
    SeeSecretTeams = 1 << 21,

    /// <summary>To change who the owners are.</summary>
    ManageOwners = 1 << 22,

    ManageOrganizationToken = 1 << 23,

    /// <summary>The rules for runs' credentials, and the ledger of them.</summary>
    ReadCredentials = 1 << 24,

    ManageCredentials = 1 << 25,

    /// <summary>The organisation's audit trail.</summary>
    ReadAudit = 1 << 26,

    All = (1 << 27) - 1,
}
