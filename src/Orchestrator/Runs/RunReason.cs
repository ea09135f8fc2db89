using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>Why there is a run.</summary>
[StoredAsText]
public enum RunReason
{
    /// <summary>Somebody asked for it.</summary>
    Manual,

    /// <summary>A configuration was uploaded that was to be run at once.</summary>
    ConfigurationUploaded,

    /// <summary>Another workspace was applied that this one follows.</summary>
    RunTrigger,

    /// <summary>Version control has told of a commit, a tag or a pull request.</summary>
    VersionControl,
}
