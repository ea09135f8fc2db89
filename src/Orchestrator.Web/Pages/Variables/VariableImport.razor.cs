using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Variables;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Pages.Forms;
using Orchestrator.Web.Pages.Parts;

namespace Orchestrator.Web.Pages.Variables;

/// <summary>Takes variables from the text of a file, but not before it has shown what that changes.</summary>
public sealed partial class VariableImport(
    IDbContextFactory<OrchestratorDbContext> databases, VariableStore store, VariableVault vault, NavigationManager navigation)
{
    private string? _refusal;
    private Preview? _preview;

    [Parameter, EditorRequired]
    public VariableOwner Owner { get; set; }

    /// <summary>Where to go when they are saved.</summary>
    [Parameter, EditorRequired]
    public string Back { get; set; } = "";

    [SupplyParameterFromForm(FormName = "import")]
    private ImportForm? Form { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    protected override void OnInitialized() => Form ??= new ImportForm();

    private async Task TakeAsync()
    {
        var text = Form!.Text ?? "";
        if (text.Length > VariableText.MaxLength)
        {
            _refusal = $"A file has {VariableText.MaxLength / 1024} KiB at most.";
            return;
        }
        var isEnvironment = Form.Kind == "env";
        var read = isEnvironment ? VariableText.ReadEnvironment(text) : VariableText.ReadTfvars(text);
        if (read.Problem is { } problem)
        {
            _refusal = problem;
            return;
        }
        var preview = await PreviewAsync(read.Variables, isEnvironment ? VariableCategory.Env : VariableCategory.Terraform);
        // What is saved is what was seen: a text that was changed since, or variables that somebody else changed, are shown again.
        if (Form.Act != "save" || Form.Seen != preview.Mark)
        {
            _preview = preview;
            return;
        }
        await SaveAsync(preview, isEnvironment);
    }

    private async Task SaveAsync(Preview preview, bool isEnvironment)
    {
        var saved = 0;
        foreach (var row in preview.Rows.Where(row => !row.IsSame))
        {
            var (written, stored) = (row.Written, row.Stored);
            var result = stored is null
                ? await store.CreateAsync(Owner, new VariableEdit(
                    written.Key, isEnvironment ? "env" : "terraform", written.Value, null, written.Hcl, Form!.Sensitive), Context.RequestAborted)
                : await store.UpdateAsync(Owner, stored.Id, known => new VariableEdit(
                    null, null, written.Value, known.Description, written.Hcl, null), Context.RequestAborted);
            if (result.Variable is null)
            {
                _refusal = $"{written.Key}: {result.Refusal ?? "it was deleted meanwhile."}{(saved > 0 ? $" {Words.Count(saved, "variable")} before it {(saved == 1 ? "is" : "are")} saved." : "")}";
                _preview = await PreviewAsync([.. preview.Rows.Select(other => other.Written)], isEnvironment ? VariableCategory.Env : VariableCategory.Terraform);
                return;
            }
            saved++;
        }
        Context.Audit().Say("variables", string.Join(", ", preview.Rows.Where(row => !row.IsSame).Select(row => row.Written.Key)));
        Notice.Done($"{Words.Count(saved, "variable")} saved. New runs use {(saved == 1 ? "it" : "them")}.").Leave(Context);
        navigation.NavigateTo(Back);
    }

    private async Task<Preview> PreviewAsync(IReadOnlyList<WrittenVariable> written, VariableCategory category)
    {
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var known = await db.VariablesOf(Owner).AsNoTracking().Where(variable => variable.Category == category)
            .ToDictionaryAsync(variable => variable.Key, Context.RequestAborted);
        return new Preview(
        [
            .. written.Select(variable => known.TryGetValue(variable.Key, out var stored)
                ? new PreviewRow(variable, stored, vault.Show(stored), stored.Sensitive)
                : new PreviewRow(variable, null, null, Form!.Sensitive)),
        ]);
    }

    public sealed class ImportForm
    {
        public string? Kind { get; set; }

        public string? Text { get; set; }

        public bool Sensitive { get; set; }

        public string? Act { get; set; }

        /// <summary>The mark of the preview that was shown with this form.</summary>
        public string? Seen { get; set; }
    }

    /// <param name="Now">Null when it is new, or sensitive.</param>
    private sealed record PreviewRow(WrittenVariable Written, Variable? Stored, string? Now, bool IsSensitive)
    {
        public bool IsSame => Stored is not null && !IsSensitive && Now == Written.Value && Stored.Hcl == Written.Hcl;

        public string Word => Stored is null ? "new" : IsSame ? "stays" : "changes";

        public string Tone => Stored is null ? "ok" : IsSame ? "quiet" : "ask";
    }

    private sealed record Preview(IReadOnlyList<PreviewRow> Rows)
    {
        public int Changes => Rows.Count(row => !row.IsSame);

        /// <summary>Differs where the text or the variables do, and tells nothing of them.</summary>
        public string Mark => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Rows.Select(row =>
            $"{row.Written.Key}\0{row.Written.Value}\0{row.Written.Hcl}\0{row.Stored?.VersionId}\0{row.IsSensitive}")))))[..32];
    }
}
