using System.Text.Json;
using Orchestrator.Data;
using Orchestrator.Variables;

namespace Orchestrator.Runs;

/// <summary>A run's variables, frozen at its creation: sealed into its row, opened by its job.</summary>
public sealed class RunVariables(VariableVault vault, SecretBox secrets)
{
    public async Task<byte[]> FreezeAsync(
        WorkspaceId workspace, IReadOnlyList<PlainVariable> ofTheRun, CancellationToken cancellationToken)
    {
        var ofTheWorkspace = await vault.OpenAsync(workspace, cancellationToken);
        var overridden = ofTheRun.Select(variable => (variable.Category, variable.Key)).ToHashSet();
        PlainVariable[] all = [.. ofTheWorkspace.Where(variable => !overridden.Contains((variable.Category, variable.Key))), .. ofTheRun];
        return secrets.Protect(SecretKind.Variable, JsonSerializer.SerializeToUtf8Bytes(all));
    }

    public IReadOnlyList<PlainVariable> Open(Run run) =>
        JsonSerializer.Deserialize<PlainVariable[]>(secrets.Unprotect(SecretKind.Variable, run.ProtectedVariables)) ?? [];
}
