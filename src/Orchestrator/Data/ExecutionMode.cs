namespace Orchestrator.Data;

/// <summary>Where terraform runs. Organisations, projects and workspaces all have a say in it.</summary>
[StoredAsText]
public enum ExecutionMode
{
    /// <summary>On a worker of this installation.</summary>
    Remote,

    /// <summary>Where the user is; only the state is kept here.</summary>
    Local,

    /// <summary>On the workers of an agent pool.</summary>
    Agent,
}
