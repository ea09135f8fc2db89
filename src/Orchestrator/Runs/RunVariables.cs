using System.Text;
using System.Text.Json;
using Orchestrator.Data;
using Orchestrator.Data.Secrets;
using Orchestrator.RunLogs;
using Orchestrator.Variables;

namespace Orchestrator.Runs;

/// <summary>A run's variables as they go into its row.</summary>
/// <param name="All">What terraform will see, encrypted.</param>
/// <param name="Own">What the run brought along, encrypted; null when it brought nothing.</param>
/// <param name="Secrets">Masks the sensitive values in what people write about the run.</param>
public sealed record FrozenVariables(byte[] All, byte[]? Own, Redactor Secrets);

/// <summary>A variable that a run brought along, as it is shown.</summary>
/// <param name="Value">An HCL literal; null when the workspace has a sensitive variable of this name.</param>
public sealed record OwnVariable(string Key, string? Value);

/// <summary>A run's variables, frozen at its creation: sealed into its row, opened by its job.</summary>
public sealed class RunVariables(WorkspaceVariables variables, SecretBox secrets)
{
    /// <summary>In bytes. Linux gives a program 2 MiB for its environment and its arguments; the platform's own part needs some of it.</summary>
    private const int MaxEnvironment = 1024 * 1024;

    /// <summary>In bytes, as they are stored with the run.</summary>
    private const int MaxInAll = 16 * 1024 * 1024;

    /// <param name="run">The run that they are sealed for, which is not stored yet.</param>
    /// <param name="mayHaveSecrets">False for a run whose code nobody here has to trust: it gets no sensitive variable.</param>
    /// <returns>The sealed values, or why there are none.</returns>
    public async Task<(FrozenVariables? Frozen, string? Refusal)> FreezeAsync(
        RunId run, WorkspaceId workspace, IReadOnlyList<PlainVariable> ofTheRun, bool mayHaveSecrets, CancellationToken cancellationToken)
    {
        PlainVariable[] own = [];
        var values = await variables.OpenAsync(workspace, stored => own = KeepSecret(stored, ofTheRun), cancellationToken);
        if (!mayHaveSecrets)
        {
            values = [.. values.Where(variable => !variable.Sensitive)];
        }
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
            : (new FrozenVariables(
                secrets.Protect(SecretKind.Variable, SealedPlaces.OfVariables(run), plain),
                own.Length == 0 ? null : secrets.Protect(SecretKind.Variable, SealedPlaces.OfOwnVariables(run), JsonSerializer.SerializeToUtf8Bytes(own)),
                RedactorOf([.. values, .. own])), null);
    }

    public IReadOnlyList<PlainVariable> Open(Run run) => Open(SealedPlaces.OfVariables(run.Id), run.ProtectedVariables);

    /// <summary>What the run brought along, for showing it.</summary>
    public IReadOnlyList<OwnVariable> ShowOwn(Run run) => run.ProtectedOwnVariables is { } own
        ? [.. Open(SealedPlaces.OfOwnVariables(run.Id), own).Select(variable => new OwnVariable(variable.Key, variable.Sensitive ? null : variable.Value))]
        : [];

    /// <summary>Masks the run's sensitive values in what people write about it.</summary>
    public Redactor Redactor(Run run) => RedactorOf(Open(run));

    /// <summary>What the workspace keeps secret is secret also where a run brings its own value of it.</summary>
    private static PlainVariable[] KeepSecret(IReadOnlyList<EffectiveVariable> stored, IReadOnlyList<PlainVariable> ofTheRun)
    {
        var secret = stored.Where(variable => variable.Winner.Sensitive).Select(variable => (variable.Category, variable.Key)).ToHashSet();
        return [.. ofTheRun.Select(variable =>
            secret.Contains((variable.Category, variable.Key)) ? HclText.Plain(variable) with { Sensitive = true } : variable)];
    }

    private static Redactor RedactorOf(IEnumerable<PlainVariable> variables) =>
        new(variables.Where(variable => variable.Sensitive).Select(variable => variable.Value));

    private PlainVariable[] Open(string place, byte[] frozen) =>
        JsonSerializer.Deserialize<PlainVariable[]>(secrets.Unprotect(SecretKind.Variable, place, frozen)) ?? [];
}
