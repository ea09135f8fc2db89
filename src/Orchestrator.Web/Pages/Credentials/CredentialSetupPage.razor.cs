using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Credentials;
using Orchestrator.Credentials.Aws;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Variables;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Pages.Forms;
using Orchestrator.Web.Pages.Workspaces;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Credentials;

/// <summary>Asks what a run is to be in a cloud, and writes the variables that say so.</summary>
public sealed partial class CredentialSetupPage(
    IEnumerable<ICloud> clouds, CredentialSettingsReader reader, VariableStore store, VariableVault vault)
{
    private const int MaxValue = 2048;

    private Workspace? _workspace;
    private CloudVocabulary _cloud = AwsVocabulary.Instance;
    private string? _refusal;

    [SupplyParameterFromQuery]
    private string? Cloud { get; set; }

    [SupplyParameterFromQuery]
    private string? Tag { get; set; }

    [SupplyParameterFromForm(FormName = "setup")]
    private SetupForm? Form { get; set; }

    private IReadOnlyList<CloudVocabulary> Clouds => [.. clouds.Select(cloud => cloud.Vocabulary)];

    private bool IsAws => _cloud == AwsVocabulary.Instance;

    private IReadOnlyList<Field> Fields => [.. _cloud.Settings.SelectMany(setting => setting.PerPhase
        ? Enum.GetValues<RunPhase>().Select(phase => new Field(setting, phase))
        : [new Field(setting, null)])];

    protected override async Task ReadAsync(OrchestratorDbContext db, Workspace workspace)
    {
        // Before anything is waited for: the form is rendered meanwhile.
        var isAsked = Form is not null;
        Form ??= new SetupForm();
        _cloud = Clouds.FirstOrDefault(cloud => cloud.Cloud == Cloud) ?? _cloud;
        if (!isAsked)
        {
            await FillAsync(workspace);
        }
        _workspace = workspace;
    }

    /// <summary>With what is there.</summary>
    private async Task FillAsync(Workspace workspace)
    {
        var tag = GivenTag;
        var settings = await reader.ReadAsync(workspace, Context.RequestAborted);
        foreach (var phase in settings.Clouds.Where(cloud => cloud.Cloud == _cloud.Cloud).SelectMany(cloud => cloud.Phases))
        {
            foreach (var chosen in phase.Configurations.FirstOrDefault(configuration => configuration.Tag == tag)?.Settings ?? [])
            {
                // Of a default that holds for all configurations, the variable is not this one's.
                if (chosen is { Variable: { } variable, Value: { } value } && !variable.StartsWith("TFC_DEFAULT_", StringComparison.Ordinal))
                {
                    Form!.Values[new Field(chosen.Setting, chosen.Setting.PerPhase ? phase.Phase : null).Id] = value;
                }
            }
        }
    }

    private async Task SaveAsync()
    {
        var setup = new CloudSetup(_cloud, GivenTag, _cloud.Settings.ToDictionary(setting => setting, ValuesOf));
        var variables = setup.Variables();
        _refusal = Missing(setup) ?? variables.Select(variable => CloudSettings.Fault(_cloud, variable.Key, variable.Value ?? "")).FirstOrDefault(fault => fault is not null);
        if (_refusal is null)
        {
            _refusal = await WriteAsync(variables);
        }
        if (_refusal is not null)
        {
            return;
        }
        Context.Audit().Say("variables", string.Join(", ", variables.Where(variable => variable.Value is not null).Select(variable => variable.Key)));
        Notice.Done(IsAws
            ? "The variables are saved. Now let each role trust this workspace, and test the connection."
            : "The variables are saved.").Leave(Context);
        Navigation.NavigateTo(IsAws
            ? Links.Workspace(Organization, Workspace, "trust") + (GivenTag is { } tag ? $"?tag={Uri.EscapeDataString(tag)}" : "")
            : Links.Credentials(Organization, Workspace));
    }

    private string? GivenTag => Tag?.Trim() is { Length: > 0 } tag ? tag : null;

    private (string Plan, string Apply) ValuesOf(CloudSetting setting)
    {
        if (!setting.PerPhase)
        {
            var value = Value(setting, null);
            return (value, value);
        }
        var (plan, apply) = (Value(setting, RunPhase.Plan), Value(setting, RunPhase.Apply));
        return (plan, apply.Length == 0 ? plan : apply);
    }

    private string Value(CloudSetting setting, RunPhase? phase)
    {
        var value = Form!.Values.GetValueOrDefault(new Field(setting, phase).Id)?.Trim() ?? "";
        var isName = setting == AwsVocabulary.Role && value.Length > 0 && !value.StartsWith("arn:", StringComparison.Ordinal);
        return isName && Form.Account?.Trim() is { Length: > 0 } account ? $"arn:aws:iam::{account}:role/{value}" : value;
    }

    /// <summary>What must have a value and has none here; a variable set may have one for all configurations, which is not asked for here.</summary>
    private string? Missing(CloudSetup setup) => IsAws && setup.Values[AwsVocabulary.Role].Plan.Length == 0
        ? "Name the role that a plan shall have."
        : setup.Values.Values.All(value => value is { Plan.Length: 0, Apply.Length: 0 }) ? "Fill in what a run is to be." : null;

    private async Task<string?> WriteAsync(IReadOnlyDictionary<string, string?> variables)
    {
        VariableOwner owner = _workspace!.Id;
        await using var db = await Databases.CreateDbContextAsync(Context.RequestAborted);
        var stored = await db.VariablesOf(owner).AsNoTracking().Where(variable => variable.Category == VariableCategory.Env)
            .ToDictionaryAsync(variable => variable.Key, StringComparer.Ordinal, Context.RequestAborted);
        foreach (var (key, value) in variables)
        {
            var known = stored.GetValueOrDefault(key);
            if (value is null)
            {
                if (known is not null)
                {
                    await store.DeleteAsync(owner, known.Id, Context.RequestAborted);
                }
                continue;
            }
            if (known is not null && vault.Show(known) == value)
            {
                continue;
            }
            var result = known is null
                ? await store.CreateAsync(owner, new VariableEdit(key, "env", value, null, null, null), Context.RequestAborted)
                : await store.UpdateAsync(owner, known.Id, now => new VariableEdit(null, null, value, now.Description, null, null), Context.RequestAborted);
            if (result.Variable is null)
            {
                return $"{key}: {result.Refusal ?? "it was deleted meanwhile."}";
            }
        }
        return null;
    }

    private static string NameOf(CloudVocabulary cloud) => cloud.Cloud switch
    {
        "AWS" => "AWS",
        "GCP" => "Google Cloud",
        "AZURE" => "Azure",
        "KUBERNETES" => "Kubernetes",
        "VAULT" => "HashiCorp Vault",
        var other => other,
    };

    /// <param name="Phase">Null for a setting that knows none.</param>
    private sealed record Field(CloudSetting Setting, RunPhase? Phase)
    {
        public string Id => $"{Setting.Name}{(Phase is { } phase ? "-" + EnumText.Of(phase) : "")}".Replace('_', '-').ToLowerInvariant();

        public string Label
        {
            get
            {
                var what = char.ToUpperInvariant(Setting.What[0]) + Setting.What[1..];
                return Phase is { } phase ? $"{what} of {EnumText.Of(phase)}" : what;
            }
        }

        public string? Placeholder => Setting.Default ?? (Setting == AwsVocabulary.Role ? "terraform-" + EnumText.Of(Phase!.Value) : null);
    }

    public sealed class SetupForm
    {
        public string? Account { get; set; }

        public Dictionary<string, string> Values { get; set; } = [];
    }
}
