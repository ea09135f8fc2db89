using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Variables;
using Orchestrator.Web.Pages.Forms;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Workspaces;

/// <param name="Value">Null when it is sensitive: then the page has never seen it.</param>
public sealed record VariableRow(
    VariableId Id, string Key, string? Value, VariableCategory Category, bool Hcl, bool Sensitive, string? Description);

public sealed partial class VariablesPage(VariableStore store, VariableVault vault)
{
    private Workspace? _workspace;
    private List<VariableRow> _variables = [];
    private VariableRow? _edited;
    private string? _refusal;

    /// <summary>The variable to change.</summary>
    [SupplyParameterFromQuery]
    private string? Edit { get; set; }

    [SupplyParameterFromForm(FormName = "variable")]
    private VariableForm? Form { get; set; }

    private bool IsWriteOnly => _edited is { Sensitive: true };

    protected override async Task ReadAsync(OrchestratorDbContext db, Workspace workspace)
    {
        _workspace = workspace;
        var variables = await db.Variables.AsNoTracking()
            .Where(variable => variable.WorkspaceId == workspace.Id)
            .OrderBy(variable => variable.Category).ThenBy(variable => variable.Key)
            .ToListAsync(Context.RequestAborted);
        _variables = [.. variables.Select(variable => new VariableRow(
            variable.Id, variable.Key, vault.Show(variable), variable.Category, variable.Hcl, variable.Sensitive, variable.Description))];
        _edited = _variables.FirstOrDefault(variable => variable.Id.Value == Edit);
        Form ??= VariableForm.Of(_edited);
    }

    private async Task SaveAsync()
    {
        var result = _edited is { } edited
            ? await store.UpdateAsync(_workspace!.Id, edited.Id, _ => Form!.ToEdit(edited), Context.RequestAborted)
            : await store.CreateAsync(_workspace!.Id, Form!.ToEdit(edited: null), Context.RequestAborted);
        if (result.Variable is not { } variable)
        {
            _refusal = result.Refusal ?? "The variable was deleted meanwhile.";
            return;
        }
        Notice.Done($"{variable.Key} is saved. New runs use it.").Leave(Context);
        Navigation.NavigateTo(Links.Workspace(Organization, Workspace, "variables"));
    }

    public sealed class VariableForm
    {
        public string? Key { get; set; }

        public string? Value { get; set; }

        public string? Category { get; set; }

        public string? Description { get; set; }

        public bool Hcl { get; set; }

        public bool Sensitive { get; set; }

        public static VariableForm Of(VariableRow? row) => row is null ? new VariableForm() : new VariableForm
        {
            Key = row.Key,
            Value = row.Value,
            Category = EnumText.Of(row.Category),
            Description = row.Description,
            Hcl = row.Hcl,
            Sensitive = row.Sensitive,
        };

        /// <summary>Browsers send line ends as CR LF; terraform gets what was typed. An empty value keeps a write-only one.</summary>
        public VariableEdit ToEdit(VariableRow? edited)
        {
            var value = (Value ?? "").ReplaceLineEndings("\n");
            return new VariableEdit(
                Key?.Trim(), edited is null ? Category : null, edited is { Sensitive: true } && value.Length == 0 ? null : value,
                string.IsNullOrWhiteSpace(Description) ? null : Description.Trim(), Hcl, edited is { Sensitive: true } || Sensitive);
        }
    }
}
