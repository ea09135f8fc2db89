using Microsoft.AspNetCore.Components;
using Orchestrator.Access;
using Orchestrator.Credentials;
using Orchestrator.Web.Access;
using Orchestrator.Web.Pages.Forms;

namespace Orchestrator.Web.Pages.Credentials;

/// <summary>The policy of one level, with what applies where it says nothing.</summary>
public sealed partial class PolicyForm(CredentialPolicies policies, NavigationManager navigation)
{
    private string? _refusal;

    [Parameter, EditorRequired]
    public string Title { get; set; } = "";

    [Parameter, EditorRequired]
    public PolicyOwner Owner { get; set; } = null!;

    [Parameter, EditorRequired]
    public CredentialPolicyLevels Levels { get; set; } = null!;

    /// <summary>Where to go when it is saved.</summary>
    [Parameter, EditorRequired]
    public string Back { get; set; } = "";

    [SupplyParameterFromForm(FormName = "credential-policy")]
    private Fields? Form { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    private CredentialPolicyLevels Above => Levels.With(Owner.Level, null);

    protected override void OnInitialized() => Form ??= Fields.Of(CredentialPolicyEdit.Of(Levels.Of(Owner.Level)));

    /// <summary>The right of the level that the policy is of; the page may be at another one.</summary>
    private bool MaySave => Owner.Level switch
    {
        PolicyLevel.Workspace => Admission.Of(Context).May(WorkspaceRight.ManageCredentials),
        PolicyLevel.Project => Admission.Of(Context).At(new Scope(Owner.Organization, Owner.Project)).May(ProjectRight.ManageCredentials),
        _ => Admission.Of(Context).May(OrganizationRight.ManageCredentials),
    };

    private async Task SaveAsync()
    {
        if (!MaySave)
        {
            navigation.NotFound();
            return;
        }
        if (await policies.SaveAsync(Owner, _ => Form!.ToEdit(), Context.RequestAborted) is { } refusal)
        {
            _refusal = refusal.Reason;
            return;
        }
        Notice.Done("The policy is saved. It applies to every phase that starts from now on.").Leave(Context);
        navigation.NavigateTo(Back);
    }

    private static string Otherwise(string value, PolicyLevel by) =>
        by == PolicyLevel.Default ? $"default: {value}" : $"as {PolicyWords.By(by)} says: {value}";

    public sealed class Fields
    {
        public string? Delivery { get; set; }

        public string? Speculative { get; set; }

        public string? ReadOnlyPlan { get; set; }

        public string? SessionTags { get; set; }

        public string? AllowedRoles { get; set; }

        public string? SubjectTemplate { get; set; }

        public static Fields Of(CredentialPolicyEdit edit) => new()
        {
            Delivery = edit.Delivery,
            Speculative = edit.Speculative,
            ReadOnlyPlan = Text(edit.ReadOnlyPlan),
            SessionTags = Text(edit.SessionTags),
            AllowedRoles = string.Join('\n', edit.AllowedRoles),
            SubjectTemplate = edit.SubjectTemplate,
        };

        public CredentialPolicyEdit ToEdit() => new(
            NullWhenEmpty(Delivery), NullWhenEmpty(Speculative), Flag(ReadOnlyPlan), Flag(SessionTags),
            (AllowedRoles ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            SubjectTemplate = NullWhenEmpty(SubjectTemplate?.Trim()),
        };

        private static string? Text(bool? flag) => flag switch { true => "true", false => "false", null => null };

        private static bool? Flag(string? text) => bool.TryParse(text, out var flag) ? flag : null;

        private static string? NullWhenEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
    }
}
