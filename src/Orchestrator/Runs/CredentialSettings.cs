using Orchestrator.Credentials;

namespace Orchestrator.Runs;

/// <summary>What a workspace's variables and policies come to: which values the next run would use and why, and what cannot work.
/// Values of sensitive variables are not in it.</summary>
/// <param name="Clouds">Those that the variables say something about.</param>
/// <param name="Switches">The variables with which clouds are switched on.</param>
public sealed record CredentialSettings(
    CredentialPolicyLevels Policies, IReadOnlyList<CloudCredentialSettings> Clouds, IReadOnlyList<string> Switches);

/// <param name="Cloud">As it stands in the variables' names: <c>AWS</c>.</param>
/// <param name="Phases">The plan, then the apply.</param>
public sealed record CloudCredentialSettings(string Cloud, IReadOnlyList<PhaseCredentialSettings> Phases);

/// <param name="Configurations">Those that are switched on, also when they cannot work.</param>
/// <param name="Problems">Why the phase would fail, each with what to change.</param>
/// <param name="Warnings">What has no effect.</param>
public sealed record PhaseCredentialSettings(
    RunPhase Phase, IReadOnlyList<CloudConfiguration> Configurations, IReadOnlyList<string> Problems, IReadOnlyList<string> Warnings)
{
    public bool IsSilent => Configurations.Count + Problems.Count + Warnings.Count == 0;
}
