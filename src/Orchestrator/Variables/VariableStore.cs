using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Variables;

/// <summary>Saves the variables of workspaces and of sets, by the same rules.</summary>
public sealed class VariableStore(IDbContextFactory<OrchestratorDbContext> databases, VariableEditor editor, TimeProvider clock)
{
    public const int MaxPerOwner = 1000;

    internal const string KeyTaken = "Key has already been taken";

    public Task<VariableEditResult> CreateAsync(VariableOwner owner, VariableEdit wanted, CancellationToken cancellationToken) =>
        ChangeAsync(owner, async db =>
        {
            if (await db.VariablesOf(owner).CountAsync(cancellationToken) >= MaxPerOwner)
            {
                return new VariableEditResult(null, $"A {owner.Kind} has {MaxPerOwner} variables at most.", "key");
            }
            var result = editor.Create(owner, wanted);
            if (result.Variable is { } variable)
            {
                db.Variables.Add(variable);
            }
            return result;
        }, cancellationToken);

    /// <param name="wanted">What is to be changed, as it is now known.</param>
    public Task<VariableEditResult> UpdateAsync(
        VariableOwner owner, VariableId id, Func<Variable, VariableEdit> wanted, CancellationToken cancellationToken) =>
        ChangeAsync(owner, async db => await db.VariablesOf(owner).FirstOrDefaultAsync(row => row.Id == id, cancellationToken) is { } variable
            ? editor.Update(variable, wanted(variable))
            : VariableEditResult.NotFound, cancellationToken);

    /// <summary>Changes all of them or none.</summary>
    /// <returns>What became of the last, or of the first that was refused, and which one that is.</returns>
    public async Task<(VariableEditResult Result, int Index)> UpdateAsync(
        VariableOwner owner, IReadOnlyList<(VariableId Id, Func<Variable, VariableEdit> Wanted)> edits, CancellationToken cancellationToken)
    {
        var index = 0;
        var result = await ChangeAsync(owner, async db =>
        {
            var ids = edits.Select(edit => edit.Id).ToArray();
            var variables = await db.VariablesOf(owner).Where(row => ids.Contains(row.Id)).ToDictionaryAsync(row => row.Id, cancellationToken);
            VariableEditResult? last = null;
            for (; index < edits.Count; index++)
            {
                last = variables.TryGetValue(edits[index].Id, out var variable)
                    ? editor.Update(variable, edits[index].Wanted(variable))
                    : VariableEditResult.NotFound;
                if (last.Variable is null)
                {
                    return last;
                }
            }
            index = edits.Count - 1;
            return last ?? VariableEditResult.NotFound;
        }, cancellationToken);
        return (result, index);
    }

    /// <returns>False when there is no such variable.</returns>
    public async Task<bool> DeleteAsync(VariableOwner owner, VariableId id, CancellationToken cancellationToken) =>
        (await ChangeAsync(owner, async db =>
        {
            var variable = await db.VariablesOf(owner).FirstOrDefaultAsync(row => row.Id == id, cancellationToken);
            if (variable is not null)
            {
                db.Variables.Remove(variable);
            }
            return new VariableEditResult(variable);
        }, cancellationToken)).Variable is not null;

    private async Task<VariableEditResult> ChangeAsync(
        VariableOwner owner, Func<OrchestratorDbContext, Task<VariableEditResult>> change, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var set = owner.VariableSetId is { } id ? await db.HoldAsync(id, cancellationToken) : null;
        if (owner.VariableSetId is null ? !await db.Workspaces.AnyAsync(row => row.Id == owner.WorkspaceId, cancellationToken) : set is null)
        {
            return VariableEditResult.NotFound;
        }
        var result = await change(db);
        if (result.Variable is null)
        {
            return result;
        }
        set?.UpdatedAt = clock.GetUtcNow();
        if (!await db.TrySaveAsync(cancellationToken))
        {
            return new VariableEditResult(null, KeyTaken, "key");
        }
        if (set is not null && await db.FindRivalAsync(set, cancellationToken) is { } rival)
        {
            return new VariableEditResult(null, rival, "key");
        }
        await transaction.CommitAsync(cancellationToken);
        return result;
    }
}
