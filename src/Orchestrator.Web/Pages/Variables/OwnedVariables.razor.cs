using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Variables;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Pages.Forms;

namespace Orchestrator.Web.Pages.Variables;

/// <param name="Value">Null when it is sensitive: then the page has never seen it.</param>
public sealed record VariableRow(
    VariableId Id, string Key, string? Value, VariableCategory Category, bool Hcl, bool Sensitive, string? Description);

/// <summary>The variables of a workspace or of a set, with the form that changes them. What stands between the two is the page's.</summary>
public sealed partial class OwnedVariables(
    IDbContextFactory<OrchestratorDbContext> databases, VariableStore store, VariableVault vault, NavigationManager navigation)
{
    private List<VariableRow> _variables = [];
    private VariableRow? _edited;
    private string? _refusal;

    [Parameter, EditorRequired]
    public VariableOwner Owner { get; set; }

    [Parameter, EditorRequired]
    public string Title { get; set; } = "";

    /// <summary>What is said when there are none.</summary>
    [Parameter, EditorRequired]
    public string Nothing { get; set; } = "";

    /// <summary>Of what they are variables of.</summary>
    [Parameter, EditorRequired]
    public string Address { get; set; } = "";

    /// <summary>Where to go when one is saved.</summary>
    [Parameter, EditorRequired]
    public string Back { get; set; } = "";

    /// <summary>The reader may also add, change and delete them.</summary>
    [Parameter, EditorRequired]
    public bool MayChange { get; set; }

    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    /// <summary>The variable to change.</summary>
    [SupplyParameterFromQuery]
    private string? Edit { get; set; }

    [SupplyParameterFromForm(FormName = "variable")]
    private VariableForm? Form { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    private bool IsWriteOnly => _edited is { Sensitive: true };

    protected override async Task OnInitializedAsync()
    {
        // Before anything is waited for: the form is rendered meanwhile.
        Form ??= new VariableForm();
        var isEmpty = Form.IsEmpty;
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var variables = await db.VariablesOf(Owner).AsNoTracking()
            .OrderBy(variable => variable.Category).ThenBy(variable => variable.Key)
            .ToListAsync(Context.RequestAborted);
        _variables = [.. variables.Select(variable => new VariableRow(
            variable.Id, variable.Key, vault.Show(variable), variable.Category, variable.Hcl, variable.Sensitive, variable.Description))];
        _edited = _variables.FirstOrDefault(variable => variable.Id.Value == Edit);
        if (isEmpty)
        {
            Form = VariableForm.Of(_edited);
        }
    }

    private async Task SaveAsync()
    {
        if (Form!.Hcl && Form.Value is { Length: > 0 } expression && VariableText.Fault(expression) is { } fault)
        {
            _refusal = fault;
            return;
        }
        var result = _edited is { } edited
            ? await store.UpdateAsync(Owner, edited.Id, _ => Form!.ToEdit(edited), Context.RequestAborted)
            : await store.CreateAsync(Owner, Form!.ToEdit(edited: null), Context.RequestAborted);
        if (result.Variable is not { } variable)
        {
            _refusal = result.Refusal ?? "It was deleted meanwhile.";
            return;
        }
        Context.Audit().About("vars", variable.Id.Value);
        Context.Audit().Say("key", variable.Key);
        Notice.Done($"{variable.Key} is saved. New runs use it.").Leave(Context);
        navigation.NavigateTo(Back);
    }

    public sealed class VariableForm
    {
        public string? Key { get; set; }

        public string? Value { get; set; }

        public string? Category { get; set; }

        public string? Description { get; set; }

        public bool Hcl { get; set; }

        public bool Sensitive { get; set; }

        public bool IsEmpty => Key is null && Value is null && Category is null && Description is null;

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
