using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Orchestrator.Credentials;
using Orchestrator.Credentials.Aws;
using Orchestrator.Credentials.Aws.Trust;
using Orchestrator.Data;
using Orchestrator.Variables;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Runs;

/// <summary>Reads what AWS has to know about a workspace from where its runs read it: its names, variables and policy.</summary>
public sealed class TrustReader(
    CredentialPolicies policies, WorkspaceVariables variables, IDbContextFactory<OrchestratorDbContext> databases, IOptions<IssuerOptions> issuer)
{
    private const int MaxRoleName = 64;

    /// <param name="account">Null takes the account of the workspace's roles.</param>
    /// <param name="tag">Of a configuration, which need not be there yet; null for the workspace's first, which is the default one if it
    /// is switched on.</param>
    /// <returns>Null when there is no such workspace.</returns>
    public async Task<WorkspaceTrust?> ReadAsync(WorkspaceId id, string? account, string? tag, CancellationToken cancellationToken)
    {
        if (await databases.FindIdentityAsync(id, cancellationToken) is not { } workspace)
        {
            return null;
        }
        var policy = await policies.OfAsync(workspace.OrganizationId, workspace.ProjectId, id, cancellationToken);
        var settings = new WorkspaceSettings(await variables.OpenAsync(id, cancellationToken), tag);
        var audience = settings.Find(AwsVocabulary.Audience, RunPhase.Plan) ?? AwsVocabulary.DefaultAudience;
        var plan = settings.Find(AwsVocabulary.Role, RunPhase.Plan);
        var apply = settings.Find(AwsVocabulary.Role, RunPhase.Apply);
        string[] accounts = [.. new[] { plan, apply }.OfType<string>().Select(AccountOf).Distinct()];
        var itsAccount = account ?? (accounts.Length == 1 ? accounts[0] : null);
        var before = settings.Before(itsAccount);
        return new WorkspaceTrust(
            new TrustRequest
            {
                Issuer = issuer.Value.Issuer,
                Audience = audience,
                Workspace = workspace,
                Tag = settings.Tag,
                Roles = RolesFor(workspace, settings.Tag, plan, apply),
                Subject = policy.Subject,
                AccountId = itsAccount,
                ProviderExists = before is not null,
                SessionTags = policy.SessionTags,
                SourceIdentity = policy.SessionTags,
            },
            settings.Configurations,
            [
                .. settings.Notes,
                .. before is null ? (string[])[] :
                [
                    $"The account {itsAccount} has the issuer's provider already when the trust of the {WorkspaceSettings.Name(before.Tag)} was created there, so the "
                    + $"texts below only look it up. '{audience}' must be among its client ids.",
                ],
                .. Notes(settings.Tag, policy, audience, plan, apply),
                .. account is null && accounts.Length > 1
                    ? [$"The roles for plan and apply are in different accounts, {string.Join(" and ", accounts)}. Choose one at a time."]
                    : (string[])[],
            ]);
    }

    /// <returns>Why no configuration can have such a tag; null when one can.</returns>
    public static string? FaultOf(string tag) => CloudSettings.Fault(AwsVocabulary.Instance, $"{AwsVocabulary.Instance.Switch}_{tag}", "true");

    private IEnumerable<string> Notes(string? tag, EffectiveCredentialPolicy policy, string audience, string? plan, string? apply)
    {
        if (IssuerAddress.FaultForAws(issuer.Value.Issuer) is { } fault)
        {
            yield return $"AWS cannot trust the issuer {issuer.Value.Issuer}: {fault}. Set Orchestrator__Issuer to an address that AWS can reach.";
        }
        foreach (var warning in SubjectTemplate.Check(policy.Subject.Text).Warnings)
        {
            yield return warning;
        }
        if (plan is not null && plan == apply)
        {
            yield return $"Plan and apply both assume {plan}: whoever may plan gets what apply may do. Here is a role for each; set "
                + $"{VariablesOf(tag)} to them.";
        }
        foreach (var role in new[] { plan, apply }.OfType<string>().Distinct().Where(role => role.Split('/').Length > 2))
        {
            yield return $"The role {role} has a path, and the texts below create roles without one. Keep its path when you take them over.";
        }
        if (policy.Speculative == SpeculativeCredentials.SeparateAudience)
        {
            yield return $"Plans that nobody can apply have an audience of their own, {audience}{CloudPhase.SpeculativeSuffix}. This trust does "
                + "not let them in.";
        }
    }

    private static TrustedRole[] RolesFor(WorkspaceIdentity workspace, string? tag, string? plan, string? apply)
    {
        var common = plan is not null && plan == apply
            ? NameOf(plan)
            : $"{workspace.OrganizationName}-{workspace.WorkspaceName}{(tag is null ? "" : $"-{tag}")}";
        TrustedRole For(RunPhase phase, string? role) => new(
            EnumText.Of(phase), role is not null && plan != apply ? NameOf(role) : Suggest(common, EnumText.Of(phase)));
        return [For(RunPhase.Plan, plan), For(RunPhase.Apply, apply)];
    }

    private static string Suggest(string name, string phase) => $"{name[..Math.Min(name.Length, MaxRoleName - phase.Length - 1)]}-{phase}";

    private static string VariablesOf(string? tag) =>
        string.Join(" and ", Enum.GetValues<RunPhase>().Select(phase => AwsVocabulary.Instance.Candidates(AwsVocabulary.Role, EnumText.Of(phase), tag).First()));

    private static string AccountOf(string role) => role.Split(':')[4];

    private static string NameOf(string role) => role[(role.LastIndexOf('/') + 1)..];

    /// <summary>What the variables say about AWS. What is sensitive stays unsaid.</summary>
    private sealed class WorkspaceSettings
    {
        private readonly CloudEnvironment _environment;
        private readonly CloudReading _reading;
        private readonly List<string> _notes = [];

        public WorkspaceSettings(IEnumerable<PlainVariable> variables, string? tag)
        {
            _environment = CloudEnvironment.Of(variables);
            _reading = CloudSettings.Read(AwsVocabulary.Instance, _environment.Values, EnumText.Of(RunPhase.Plan), _environment.Sensitive);
            Tag = tag ?? (_reading.SwitchedOn.Count > 0 ? _reading.SwitchedOn[0].Tag : null);
            if (!Configurations.Contains(Tag))
            {
                _notes.Add($"The workspace's runs ask for no AWS credentials {(Tag is null ? "" : $"of a configuration '{Tag}' ")}yet. Once the roles are there, set "
                    + $"{AwsVocabulary.Instance.Switch}{(Tag is null ? "" : $"_{Tag}")} to 'true' and {VariablesOf(Tag)} to the roles, all as environment variables.");
            }
        }

        /// <summary>Whose trust it is.</summary>
        public string? Tag { get; }

        public IReadOnlyList<string?> Configurations => [.. _reading.SwitchedOn.Select(configuration => configuration.Tag)];

        public IEnumerable<string> Notes => _notes.Distinct();

        /// <summary>The first configuration before this one that has a role in the account: there is one provider for all of them.</summary>
        public CloudConfiguration? Before(string? account) => _reading.SwitchedOn
            .TakeWhile(configuration => configuration.Tag != Tag)
            .FirstOrDefault(configuration => Enum.GetValues<RunPhase>().Any(phase => Choose(AwsVocabulary.Role, phase, configuration.Tag) is
                { IsSensitive: false, Variable: { } variable, Value: { } role }
                && CloudSettings.Fault(AwsVocabulary.Instance, variable, role) is null && AccountOf(role) == account));

        /// <returns>Null when no variable gives a value that can be used and shown.</returns>
        public string? Find(CloudSetting setting, RunPhase phase)
        {
            var chosen = Choose(setting, phase, Tag);
            if (chosen.Variable is not { } variable)
            {
                return null;
            }
            if (chosen.IsSensitive)
            {
                _notes.Add($"{variable} is sensitive, so its value is not shown. Write the {setting.What} yourself where another stands below.");
                return null;
            }
            if (CloudSettings.Fault(AwsVocabulary.Instance, variable, chosen.Value!) is { } fault)
            {
                _notes.Add(fault);
                return null;
            }
            return chosen.Value;
        }

        public static string Name(string? tag) => tag is null ? "default configuration" : $"configuration '{tag}'";

        private ChosenSetting Choose(CloudSetting setting, RunPhase phase, string? tag) => CloudSettings.Choose(
            AwsVocabulary.Instance, _environment.Values, setting, EnumText.Of(phase), tag, _environment.Sensitive);
    }
}
