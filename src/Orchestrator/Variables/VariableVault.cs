using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Variables;

/// <summary>Seals and opens the values of variables.</summary>
public sealed class VariableVault(IDbContextFactory<OrchestratorDbContext> databases, SecretBox secrets)
{
    public byte[] Seal(string value) => secrets.Protect(SecretKind.Variable, value);

    /// <summary>The value of a variable that is not sensitive, for showing it; null for one that is.</summary>
    public string? Show(Variable variable) =>
        variable.Sensitive ? null : secrets.UnprotectText(SecretKind.Variable, variable.ProtectedValue);

    public PlainVariable Open(Variable variable) => new(
        variable.Key,
        variable.Category,
        secrets.UnprotectText(SecretKind.Variable, variable.ProtectedValue),
        variable.Hcl,
        variable.Sensitive);

    /// <summary>All of a workspace's variables with their values, by key.</summary>
    public async Task<IReadOnlyList<PlainVariable>> OpenAsync(WorkspaceId workspace, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var variables = await db.Variables.AsNoTracking()
            .Where(variable => variable.WorkspaceId == workspace)
            .OrderBy(variable => variable.Key)
            .ToListAsync(cancellationToken);
        return [.. variables.Select(Open)];
    }
}
