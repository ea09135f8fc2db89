using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.AgentPools;
using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Pages.Account;
using Orchestrator.Web.Pages.Forms;
using Orchestrator.Web.Pages.Parts;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Web.Pages.Organizations;

/// <summary>An organisation's name and defaults, its token, and its end.</summary>
public sealed partial class SettingsPage(
    IDbContextFactory<OrchestratorDbContext> databases, OrganizationSettings settings, CredentialPolicies policies, ApiTokens tokens, Retention retention, RetentionRules retentionRules, TimeProvider clock,
    NavigationManager navigation)
{
    private Organization? _organization;
    private IReadOnlyList<AgentPool> _pools = [];
    private SubjectTemplate? _subject;
    private ApiToken? _token;
    private IssuedToken? _issued;
    private int _workspaces;
    private IReadOnlyList<RetentionFinding>? _wouldGo;
    private string? _retentionRefusal;
    private string? _refusal;
    private string? _tokenRefusal;

    [Parameter]
    public string Organization { get; set; } = "";

    [SupplyParameterFromForm(FormName = "organization")]
    private Fields? Form { get; set; }

    [SupplyParameterFromQuery(Name = "dry-run")]
    private bool IsDryRun { get; set; }

    [SupplyParameterFromForm(FormName = "retention")]
    private RetentionForm? Retention { get; set; }

    [SupplyParameterFromForm(FormName = "token")]
    private TokenForm? Token { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    private Admission Here => Admission.Of(Context);

    protected override async Task OnInitializedAsync()
    {
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var here = Here.Scope.Organization;
        var organization = await db.Organizations.AsNoTracking().FirstAsync(row => row.Id == here, Context.RequestAborted);
        _pools = await db.AgentPoolsFor(here).OrderBy(pool => pool.Name).ToListAsync(Context.RequestAborted);
        _subject = (await policies.LevelsAsync(new PolicyOwner(here), Context.RequestAborted)).Effective.Subject;
        _workspaces = await db.Workspaces.CountAsync(row => row.OrganizationId == here, Context.RequestAborted);
        await ReadTokenAsync(db);
        // It looks through all workspaces, so only for whoever asks.
        _wouldGo = IsDryRun ? await retention.LookAsync(here, Context.RequestAborted) : null;
        Retention ??= RetentionForm.Of(
            await retention.RulesAsync(here, Context.RequestAborted), isOwn: await retentionRules.FindAsync(here, Context.RequestAborted) is not null);
        Token ??= new TokenForm { Days = TokenLife.All[0].Days };
        Form ??= new Fields
        {
            Name = organization.Name,
            Email = organization.Email,
            Execution = ExecutionChoice.Of(organization.DefaultExecutionMode, organization.DefaultAgentPoolId),
            RequiresTwoFactor = organization.RequiresTwoFactor,
            MaxConcurrentRuns = Concurrency.Show(organization.MaxConcurrentRuns),
            AllowForceDelete = organization.AllowForceDeleteWorkspaces,
        };
        // Last: a request that is given up while this waits is rendered all the same.
        _organization = organization;
    }

    private async Task ReadTokenAsync(OrchestratorDbContext db)
    {
        var here = Here.Scope.Organization;
        _token = Here.May(OrganizationRight.ManageOrganizationToken)
            ? await db.ApiTokens.AsNoTracking().FirstOrDefaultAsync(token => token.OrganizationId == here, Context.RequestAborted)
            : null;
    }

    private async Task SaveAsync()
    {
        var form = Form!;
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        if (form.RequiresTwoFactor && !_organization!.RequiresTwoFactor && Here.Caller is { Principal.HoldsKey: false, UserId: { } user }
            && !await db.HasSecondFactorAsync(user, Context.RequestAborted))
        {
            Refuse("You have no second factor yourself, so this would lock you out. Set one up first, on the page of your account's security.");
            return;
        }
        var (mode, pool) = ExecutionChoice.Read(form.Execution);
        var result = await settings.UpdateAsync(Here.Scope.Organization, new OrganizationEdit
        {
            Name = form.Name?.Trim() ?? "",
            Email = form.Email?.Trim() ?? "",
            DefaultExecutionMode = mode.Length > 0 ? mode : null,
            DefaultAgentPool = pool,
            AllowForceDeleteWorkspaces = form.AllowForceDelete,
            RequiresTwoFactor = form.RequiresTwoFactor,
            MaxConcurrentRuns = Here.Caller.IsSiteAdmin ? Concurrency.Read(form.MaxConcurrentRuns) : null,
        }, Context.RequestAborted);
        if (result.Organization is not { } saved)
        {
            Refuse(result.Refusal ?? "The organization was deleted meanwhile.");
            return;
        }
        Notice.Done("Saved.").Leave(Context);
        navigation.NavigateTo(Links.Settings(saved.Name));
    }

    private async Task RetainAsync()
    {
        _retentionRefusal = await retentionRules.SetAsync(Here.Scope.Organization, Retention!.IsOwn ? Retention.Rules() : null, Context.RequestAborted);
        if (_retentionRefusal is not null)
        {
            Context.Audit().Fail();
            return;
        }
        Notice.Done("Saved.").Leave(Context);
        navigation.NavigateTo($"{Links.Settings(Organization)}#retention");
    }

    private static string RetentionWords(RetainedKind kind) => kind switch
    {
        RetainedKind.Logs => "Logs of runs",
        RetainedKind.Plans => "Plans of runs",
        RetainedKind.Configurations => "Configurations",
        RetainedKind.States => "States",
    };

    private async Task IssueAsync()
    {
        if (!TokenLife.TryRead(Token!.Days, clock.GetUtcNow(), out var expires))
        {
            _tokenRefusal = "Choose one of the times after which it expires.";
            Context.Audit().Fail();
            return;
        }
        _issued = await tokens.IssueAsync(Here.Scope.Organization, new TokenRequest(Here.Caller.Actor, null, expires), Context.RequestAborted);
        Context.Audit().About("authentication_token", _issued.Token.Id.Value);
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        await ReadTokenAsync(db);
    }

    private void Refuse(string reason)
    {
        _refusal = reason;
        Context.Audit().Fail();
    }

    public sealed class Fields
    {
        public string? Name { get; set; }

        public string? Email { get; set; }

        public string? Execution { get; set; }

        public string? MaxConcurrentRuns { get; set; }

        public bool RequiresTwoFactor { get; set; }

        public bool AllowForceDelete { get; set; }
    }

    public sealed class RetentionForm
    {
        public bool IsOwn { get; set; }

        public int? LogsDays { get; set; }

        public int? LogsCount { get; set; }

        public int? PlansDays { get; set; }

        public int? PlansCount { get; set; }

        public int? ConfigurationsDays { get; set; }

        public int? ConfigurationsCount { get; set; }

        public int? StatesDays { get; set; }

        public int? StatesCount { get; set; }

        public int? Days(RetainedKind kind) => Rules()[kind].Days;

        public int? Count(RetainedKind kind) => Rules()[kind].Count;

        internal static RetentionForm Of(IReadOnlyDictionary<RetainedKind, KeptFor> rules, bool isOwn) => new()
        {
            IsOwn = isOwn,
            LogsDays = rules[RetainedKind.Logs].Days, LogsCount = rules[RetainedKind.Logs].Count,
            PlansDays = rules[RetainedKind.Plans].Days, PlansCount = rules[RetainedKind.Plans].Count,
            ConfigurationsDays = rules[RetainedKind.Configurations].Days, ConfigurationsCount = rules[RetainedKind.Configurations].Count,
            StatesDays = rules[RetainedKind.States].Days, StatesCount = rules[RetainedKind.States].Count,
        };

        internal Dictionary<RetainedKind, KeptFor> Rules() => new()
        {
            [RetainedKind.Logs] = new KeptFor(LogsDays, LogsCount),
            [RetainedKind.Plans] = new KeptFor(PlansDays, PlansCount),
            [RetainedKind.Configurations] = new KeptFor(ConfigurationsDays, ConfigurationsCount),
            [RetainedKind.States] = new KeptFor(StatesDays, StatesCount),
        };
    }

    public sealed class TokenForm
    {
        /// <summary>Until it expires; empty: it does not.</summary>
        public string? Days { get; set; }
    }
}
