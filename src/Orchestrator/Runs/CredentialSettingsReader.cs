using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Variables;
using Orchestrator.Workspaces;

namespace Orchestrator.Runs;

/// <summary>Reads a workspace's variables as its next run would, and says what it found without asking any cloud.</summary>
public sealed class CredentialSettingsReader(VariableVault vault, IEnumerable<ICloud> clouds, CredentialPolicies policies)
{
    public async Task<CredentialSettings> ReadAsync(Workspace workspace, CancellationToken cancellationToken)
    {
        var environment = CloudEnvironment.Of(await vault.OpenAsync(workspace.Id, cancellationToken));
        var levels = await policies.LevelsAsync(
            new PolicyOwner(workspace.OrganizationId, workspace.ProjectId, workspace.Id), cancellationToken);
        var known = clouds.ToArray();
        var read = known.Select(cloud => new CloudCredentialSettings(
            cloud.Vocabulary.Cloud,
            [.. Enum.GetValues<RunPhase>().Select(phase => Read(cloud, environment, levels.Effective, phase))]));
        return new CredentialSettings(
            levels,
            [.. read.Where(cloud => !cloud.Phases.All(phase => phase.IsSilent))],
            [.. known.Select(cloud => cloud.Vocabulary.Switch)]);
    }

    private static PhaseCredentialSettings Read(
        ICloud cloud, CloudEnvironment environment, EffectiveCredentialPolicy policy, RunPhase phase)
    {
        var reading = environment.Read(cloud, EnumText.Of(phase));
        var objections = reading.Configurations
            .Select(configuration => cloud.Objection(policy, configuration, isPlan: phase == RunPhase.Plan))
            .OfType<string>();
        return new PhaseCredentialSettings(
            phase, [.. reading.SwitchedOn.Select(WithoutSecrets)], [.. reading.Problems, .. objections], reading.Warnings);
    }

    private static CloudConfiguration WithoutSecrets(CloudConfiguration configuration) => configuration with
    {
        Settings =
        [
            .. configuration.Settings.Select(chosen => chosen with
            {
                Value = chosen.IsSensitive ? null : chosen.Value,
                Candidates = [.. chosen.Candidates.Select(candidate => candidate.IsSensitive ? candidate with { Value = null } : candidate)],
            }),
        ],
    };
}
