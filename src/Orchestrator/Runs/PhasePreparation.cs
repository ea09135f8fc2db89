using Microsoft.Extensions.Options;
using Orchestrator.Access;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Terraform;
using Orchestrator.Variables;

namespace Orchestrator.Runs;

/// <summary>Step 4 of a run: a private directory with the unpacked configuration and the variables, the way to the state, and
/// the environment that terraform will see.</summary>
public sealed class PhasePreparation(
    DataDirectory data, Sandbox sandbox, ConfigurationStore configurations, RunVariables variables, WorkspaceSshKeys keys, RunTokens tokens, IStateApi api,
    IOptions<RunLimits> limits, IOptions<UsageLimits> usage, IOptions<WorkerOptions> worker)
{
    // The token outlives the phase's time limit by what terraform may need to save its state; the wipe revokes it long before.
    private static readonly TimeSpan TokenReserve = TimeSpan.FromHours(1);

    private readonly IReadOnlyDictionary<string, string> _heap =
        GoHeap.VariablesFor(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, worker.Value.MaxConcurrentRuns, usage.Value.MaxMemoryBytes);

    public async Task PrepareAsync(PhaseScope scope, CancellationToken cancellationToken)
    {
        var (claim, run) = (scope.Claim, scope.Claim.Run);
        var directory = scope.Directory = RunDirectory.Create(data, run.Id, sandbox.Users?.Take());
        scope.Variables = variables.Open(run);
        await UnpackAsync(directory, run, cancellationToken);

        var token = scope.Mint(await tokens.IssueAsync(
            run.Id, run.WorkspaceId, mayWriteState: claim.Phase == RunPhase.Apply,
            limits.Value.For(claim.Phase) + TokenReserve, cancellationToken, mayReadState: !claim.IsForks));
        var backend = scope.Backend = new StateBackend(api.Address, api.Hosts, claim.Organization.Name, claim.Workspace.Name, token);
        await directory.WriteBackendAsync(backend.Override, cancellationToken);
        await File.WriteAllTextAsync(directory.CliConfiguration, backend.CliConfiguration, cancellationToken);
        await directory.WriteVariablesAsync(VariablesFile.Write(scope.Variables
            .Where(variable => variable.Category == VariableCategory.Terraform)
            .Select(variable => (variable.Key, variable.Value, variable.Hcl))), cancellationToken);

        scope.SshKey = claim.IsForks ? null : await keys.OpenAsync(claim.Workspace.SshKeyId, cancellationToken);
        // No line of it is to be read anywhere; the first and the last are the same in every key.
        foreach (var line in scope.SshKey?.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("-----", StringComparison.Ordinal)) ?? [])
        {
            scope.Mint(line);
        }
        scope.Environment = BuildEnvironment(scope, directory);
        backend.AddTo(scope.Environment, run.Id.Value);
    }

    private async Task UnpackAsync(RunDirectory directory, Run run, CancellationToken cancellationToken)
    {
        try
        {
            await configurations.UnpackAsync(run.ConfigurationVersionId, directory.Configuration, cancellationToken);
        }
        catch (ConfigurationRefusedException refused)
        {
            throw new PhaseFailedException($"The configuration cannot be used. {refused.Message}", refused);
        }
        if (directory.Enter(run.WorkingDirectory) is { } problem)
        {
            throw new PhaseFailedException(problem);
        }
        // An upload may carry the author's own local state, or one that an apply of theirs could not deliver; the platform's is the only one.
        File.Delete(Path.Combine(directory.Working, "terraform.tfstate"));
        File.Delete(Path.Combine(directory.Working, StateRescue.FileName));
    }

    private ChildEnvironment BuildEnvironment(PhaseScope scope, RunDirectory directory)
    {
        var claim = scope.Claim;
        var environment = new ChildEnvironment(directory, claim.Run.Id);
        (string Name, string Value)[] facts =
        [
            ("TFC_RUN_ID", claim.Run.Id.Value),
            ("TFC_WORKSPACE_NAME", claim.Workspace.Name),
            ("TFC_WORKSPACE_SLUG", $"{claim.Organization.Name}/{claim.Workspace.Name}"),
            ("TFC_PROJECT_NAME", claim.Project.Name),
            ("TFC_PROJECT_ID", claim.Project.Id.Value),
        ];
        foreach (var (name, value) in facts)
        {
            // Also for a configuration that declares a variable of that name.
            environment.Set(name, value).Set($"TF_VAR_{name}", value);
        }
        foreach (var variable in scope.Variables.Where(variable => variable.Category == VariableCategory.Env))
        {
            environment.Set(variable.Key, variable.Value);
        }
        foreach (var (name, value) in _heap)
        {
            environment.Default(name, value);
        }
        return environment;
    }
}
