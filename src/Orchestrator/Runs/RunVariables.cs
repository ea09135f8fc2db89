using System.Text;
using System.Text.Json;
using Orchestrator.Data;
using Orchestrator.Variables;

namespace Orchestrator.Runs;

/// <summary>A run's variables, frozen at its creation: sealed into its row, opened by its job.</summary>
public sealed class RunVariables(WorkspaceVariables variables, SecretBox secrets)
{
    /// <summary>In bytes. Linux gives a program 2 MiB for its environment and its arguments; the platform's own part needs some of it.</summary>
    private const int MaxEnvironment = 1024 * 1024;

    /// <summary>In bytes, as they are stored with the run.</summary>
    private const int MaxInAll = 16 * 1024 * 1024;

    /// <returns>The sealed values, or why there are none.</returns>
    public async Task<(byte[]? Sealed, string? Refusal)> FreezeAsync(
        WorkspaceId workspace, IReadOnlyList<PlainVariable> ofTheRun, CancellationToken cancellationToken)
    {
        var values = await variables.OpenAsync(workspace, ofTheRun, cancellationToken);
        var environment = values.Where(variable => variable.Category == VariableCategory.Env)
            .Sum(variable => Encoding.UTF8.GetByteCount(variable.Key) + Encoding.UTF8.GetByteCount(variable.Value));
        if (environment > MaxEnvironment)
        {
            return (null, $"The run's environment variables have {environment / 1024} KiB together, those of variable sets among them. "
                + $"A program gets {MaxEnvironment / 1024} KiB at most.");
        }
        var plain = JsonSerializer.SerializeToUtf8Bytes(values);
        return plain.Length > MaxInAll
            ? (null, $"The run's variables have {plain.Length / 1024 / 1024} MiB together, those of variable sets among them; {MaxInAll / 1024 / 1024} MiB is the most.")
            : (secrets.Protect(SecretKind.Variable, plain), null);
    }

    public IReadOnlyList<PlainVariable> Open(Run run) =>
        JsonSerializer.Deserialize<PlainVariable[]>(secrets.Unprotect(SecretKind.Variable, run.ProtectedVariables)) ?? [];
}
