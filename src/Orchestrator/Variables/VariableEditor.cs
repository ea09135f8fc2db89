using System.Text;
using Orchestrator.Data;

namespace Orchestrator.Variables;

/// <summary>What somebody wants a variable to be. Null: as it is, or the default.</summary>
public sealed record VariableEdit(string? Key, string? Category, string? Value, string? Description, bool? Hcl, bool? Sensitive)
{
    public override string ToString() => $"edit of {Key}";
}

/// <summary>The variable, or why not; neither when there is no such variable.</summary>
/// <param name="Field">The attribute at fault.</param>
public sealed record VariableEditResult(Variable? Variable, string? Refusal = null, string? Field = null)
{
    public static readonly VariableEditResult NotFound = new(Variable: null);
}

/// <summary>The rules for variables, for the API and the pages alike.</summary>
public sealed class VariableEditor(VariableVault vault, IEnumerable<VariableRule> rules, TimeProvider clock)
{
    public const int MaxValueLength = 256 * 1024;

    /// <summary>In bytes, of the name and the value together: Linux gives a program no longer text (MAX_ARG_STRLEN).</summary>
    public const int MaxEnvironmentVariable = 128 * 1024 - 2;

    private const string CategoryRule = "The category is 'terraform' or 'env'.";

    /// <summary>Makes it in memory; the caller saves it.</summary>
    public VariableEditResult Create(VariableOwner owner, VariableEdit wanted)
    {
        if (!EnumText.TryParse<VariableCategory>(wanted.Category, out var category))
        {
            return new VariableEditResult(null, CategoryRule, "category");
        }
        var variable = new Variable
        {
            Id = Identifier.New<VariableId>(),
            WorkspaceId = owner.WorkspaceId,
            VariableSetId = owner.VariableSetId,
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
        var category = variable.Category;
        if (wanted.Category is not null && !EnumText.TryParse(wanted.Category, out category))
        {
            return new VariableEditResult(null, CategoryRule, "category");
        }
        if (category == VariableCategory.Env && (wanted.Hcl ?? variable.Hcl))
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
        if (Fault(variable, wanted, category) is { } fault)
        {
            return new VariableEditResult(null, fault, "value");
        }
        variable.Key = wanted.Key ?? variable.Key;
        variable.Category = category;
        variable.Description = wanted.Description;
        variable.Hcl = wanted.Hcl ?? variable.Hcl;
        variable.Sensitive = wanted.Sensitive ?? variable.Sensitive;
        if (wanted.Value is not null)
        {
            variable.ProtectedValue = vault.Seal(variable.Id, wanted.Value);
        }
        variable.VersionId = Guid.NewGuid().ToString("N");
        return new VariableEditResult(variable);
    }

    /// <summary>A variable that was saved before its rule was made may still change its description.</summary>
    private string? Fault(Variable variable, VariableEdit wanted, VariableCategory category)
    {
        var key = wanted.Key ?? variable.Key;
        if (wanted.Value is null && key == variable.Key && category == variable.Category)
        {
            return null;
        }
        var value = wanted.Value ?? vault.Open(variable).Value;
        if (category == VariableCategory.Env && Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value) > MaxEnvironmentVariable)
        {
            return $"An environment variable has {(MaxEnvironmentVariable + 2) / 1024} KiB at most, with its name: the operating system takes no more.";
        }
        return rules.Select(rule => rule(key, category, value, wanted.Sensitive ?? variable.Sensitive)).FirstOrDefault(fault => fault is not null);
    }
}
