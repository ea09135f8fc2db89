using Orchestrator.Data;

namespace Orchestrator.AgentPools;

/// <summary>What somebody wants a pool to be. Null: as it is, or the default.</summary>
public sealed record AgentPoolEdit(string? Name, bool? OrganizationScoped)
{
    /// <summary>They take the place of those that were allowed.</summary>
    public IReadOnlyCollection<WorkspaceId>? AllowedWorkspaces { get; init; }

    public IReadOnlyCollection<ProjectId>? AllowedProjects { get; init; }

    public IReadOnlyCollection<WorkspaceId>? ExcludedWorkspaces { get; init; }

    /// <summary>0: no limit.</summary>
    public int? MaxConcurrentRuns { get; init; }
}

/// <summary>Why a pool may not be so.</summary>
/// <param name="Field">The attribute or relationship at fault, in the API's spelling.</param>
public sealed record AgentPoolRefusal(string Reason, string Field, bool IsRelationship = false);

/// <summary>The rules for agent pools.</summary>
public static class AgentPoolEditor
{
    public const string NameTaken = "Name has already been taken";

    // Workers are told which pools they serve by organisation and name.
    public static readonly string NameRule = $"A name has 1 to {Names.MaxWorkspaceLength} letters, digits, '-' and '_'.";

    /// <summary>Changes the pool in memory; the caller saves it.</summary>
    /// <returns>Null when it was changed.</returns>
    public static AgentPoolRefusal? Update(this AgentPool pool, AgentPoolEdit wanted)
    {
        if (wanted.Name is { } name && !Names.IsWorkspace(name))
        {
            return new AgentPoolRefusal(NameRule, "name");
        }
        if (!Concurrency.IsLimit(wanted.MaxConcurrentRuns))
        {
            return new AgentPoolRefusal(Concurrency.Rule, "max-concurrent-runs");
        }
        pool.Name = wanted.Name ?? pool.Name;
        pool.OrganizationScoped = wanted.OrganizationScoped ?? pool.OrganizationScoped;
        pool.MaxConcurrentRuns = Concurrency.Apply(wanted.MaxConcurrentRuns, pool.MaxConcurrentRuns);
        return null;
    }
}
