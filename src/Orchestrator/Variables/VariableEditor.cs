using Orchestrator.Data;

namespace Orchestrator.Variables;

/// <summary>What somebody wants a variable to be. Null: as it is, or the default.</summary>
public sealed record VariableEdit(string? Key, string? Category, string? Value, string? Description, bool? Hcl, bool? Sensitive)
{
    public override string ToString() => $"edit of {Key}";
}

/// <summary>The variable, or why not.</summary>
/// <param name="Field">The attribute at fault.</param>
public sealed record VariableEditResult(Variable? Variable, string? Refusal = null, string? Field = null);

/// <summary>The rules for variables, for the API and the pages alike.</summary>
public sealed class VariableEditor(VariableVault vault, IEnumerable<VariableRule> rules, TimeProvider clock)
{
    public const int MaxValueLength = 256 * 1024;

    public VariableEditResult Create(WorkspaceId workspace, VariableEdit wanted)
    {
        if (!EnumText.TryParse<VariableCategory>(wanted.Category, out var category))
        {
            return new VariableEditResult(null, "The category is 'terraform' or 'env'.", "category");
        }
        var variable = new Variable
        {
            Id = Identifier.New<VariableId>(),
            WorkspaceId = workspace,
            Key = wanted.Key ?? "",
            Category = category,
            ProtectedValue = [],
            VersionId = "",
            CreatedAt = clock.GetUtcNow(),
        };
        return Update(variable, wanted with { Value = wanted.Value ?? "" });
    }

    /// <summary>Changes the variable in memory; the caller saves it.</summary>
    public VariableEditResult Update(Variable variable, VariableEdit wanted)
    {
        if (!Names.IsVariableKey(wanted.Key ?? variable.Key))
        {
            return new VariableEditResult(null, "A key starts with a letter or '_', followed by letters, digits, '_' and '-'.", "key");
        }
        if (variable.Sensitive && wanted.Sensitive == false)
        {
            return new VariableEditResult(null, "A sensitive variable stays sensitive. Delete it and create it anew.", "sensitive");
        }
        if (wanted.Category is not null && wanted.Category != EnumText.Of(variable.Category))
        {
            return new VariableEditResult(null, "A variable keeps its category. Delete it and create it anew.", "category");
        }
        if (variable.Category == VariableCategory.Env && wanted.Hcl == true)
        {
            return new VariableEditResult(null, "Only terraform variables are HCL.", "hcl");
        }
        if (wanted.Value is { Length: > MaxValueLength } || wanted.Value?.Contains('\0', StringComparison.Ordinal) == true)
        {
            return new VariableEditResult(null, $"A value has {MaxValueLength / 1024} KiB of text at most.", "value");
        }
        if (wanted.Description is { Length: > 512 })
        {
            return new VariableEditResult(null, "A description has 512 characters at most.", "description");
        }
        if (Fault(variable, wanted) is { } fault)
        {
            return new VariableEditResult(null, fault, "value");
        }
        variable.Key = wanted.Key ?? variable.Key;
        variable.Description = wanted.Description;
        variable.Hcl = wanted.Hcl ?? variable.Hcl;
        variable.Sensitive = wanted.Sensitive ?? variable.Sensitive;
        if (wanted.Value is not null)
        {
            variable.ProtectedValue = vault.Seal(wanted.Value);
        }
        variable.VersionId = Guid.NewGuid().ToString("N");
        return new VariableEditResult(variable);
    }

    /// <summary>A variable that was saved before its rule was made may still change its description.</summary>
    private string? Fault(Variable variable, VariableEdit wanted)
    {
        var key = wanted.Key ?? variable.Key;
        if (wanted.Value is null && key == variable.Key)
        {
            return null;
        }
        var value = wanted.Value ?? vault.Open(variable).Value;
        return rules.Select(rule => rule(key, variable.Category, value, wanted.Sensitive ?? variable.Sensitive)).FirstOrDefault(fault => fault is not null);
    }
}
