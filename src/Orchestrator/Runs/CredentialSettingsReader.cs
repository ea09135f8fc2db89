using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Variables;
using Orchestrator.Workspaces;

namespace Orchestrator.Runs;

/// <summary>Reads a workspace's variables as its next run would, and says what it found without asking any cloud.</summary>
public sealed class CredentialSettingsReader(
    WorkspaceVariables variables, VariableVault vault, IEnumerable<ICloud> clouds, CredentialPolicies policies)
{
    public async Task<CredentialSettings> ReadAsync(Workspace workspace, CancellationToken cancellationToken)
    {
        var effective = await variables.ReadAsync(workspace.Id, cancellationToken);
        var environment = CloudEnvironment.Of(effective.Select(variable => vault.Open(variable.Winner)));
        var sources = effective.Where(variable => variable.Category == VariableCategory.Env)
            .ToDictionary(variable => variable.Key, StringComparer.Ordinal);
        var levels = await policies.LevelsAsync(
            new PolicyOwner(workspace.OrganizationId, workspace.ProjectId, workspace.Id), cancellationToken);
        var known = clouds.ToArray();
        var read = known.Select(cloud => new CloudCredentialSettings(
            cloud.Vocabulary.Cloud,
            [.. Enum.GetValues<RunPhase>().Select(phase => Read(cloud, environment, sources, levels.Effective, phase))]));
        return new CredentialSettings(
            levels,
            [.. read.Where(cloud => !cloud.Phases.All(phase => phase.IsSilent))],
            [.. known.Select(cloud => cloud.Vocabulary.Switch)]);
    }

    private PhaseCredentialSettings Read(
        ICloud cloud, CloudEnvironment environment, IReadOnlyDictionary<string, EffectiveVariable> sources, EffectiveCredentialPolicy policy, RunPhase phase)
    {
        var reading = environment.Read(cloud, EnumText.Of(phase));
        var objections = reading.Configurations
            .Select(configuration => cloud.Objection(policy, configuration, isPlan: phase == RunPhase.Plan))
            .OfType<string>();
        return new PhaseCredentialSettings(
            phase, [.. reading.SwitchedOn.Select(configuration => Explain(configuration, sources))], [.. reading.Problems, .. objections], reading.Warnings);
    }

    /// <summary>Without secrets, and with the values that each variable has elsewhere.</summary>
    private CloudConfiguration Explain(CloudConfiguration configuration, IReadOnlyDictionary<string, EffectiveVariable> sources) => configuration with
    {
        Settings =
        [
            .. configuration.Settings.Select(chosen => chosen with
            {
                Value = chosen.IsSensitive ? null : chosen.Value,
                Candidates = [.. chosen.Candidates.SelectMany(candidate => sources.TryGetValue(candidate.Variable, out var variable)
                    ? variable.Overridden.Select(Shadowed).Prepend(candidate with { Value = candidate.IsSensitive ? null : candidate.Value, From = variable.Winner.From })
                    : [candidate])],
            }),
        ],
    };

    private SettingCandidate Shadowed(PlacedVariable variable) =>
        new(variable.Key, vault.Show(variable), Won: false, variable.Sensitive) { From = variable.From };
}
