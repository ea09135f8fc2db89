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
    /// <returns>Null when there is no such workspace.</returns>
    public async Task<WorkspaceTrust?> ReadAsync(WorkspaceId id, string? account, CancellationToken cancellationToken)
    {
        if (await databases.FindIdentityAsync(id, cancellationToken) is not { } workspace)
        {
            return null;
        }
        var policy = await policies.OfAsync(workspace.OrganizationId, workspace.ProjectId, id, cancellationToken);
        var settings = new WorkspaceSettings(await variables.OpenAsync(id, ofTheRun: [], cancellationToken));
        var audience = settings.Find(AwsVocabulary.Audience, RunPhase.Plan) ?? AwsVocabulary.DefaultAudience;
        var plan = settings.Find(AwsVocabulary.Role, RunPhase.Plan);
        var apply = settings.Find(AwsVocabulary.Role, RunPhase.Apply);
        string[] accounts = [.. new[] { plan, apply }.OfType<string>().Select(AccountOf).Distinct()];
        return new WorkspaceTrust(
            new TrustRequest
            {
                Issuer = issuer.Value.Issuer,
                Audience = audience,
                Workspace = workspace,
                Roles = RolesFor(workspace, plan, apply),
                Subject = policy.Subject,
                AccountId = account ?? (accounts.Length == 1 ? accounts[0] : null),
                SessionTags = policy.SessionTags,
                SourceIdentity = policy.SessionTags,
            },
            [
                .. settings.Notes,
                .. Notes(policy, audience, plan, apply),
                .. account is null && accounts.Length > 1
                    ? [$"The roles for plan and apply are in different accounts, {string.Join(" and ", accounts)}. Choose one at a time."]
                    : (string[])[],
            ]);
    }

    private IEnumerable<string> Notes(EffectiveCredentialPolicy policy, string audience, string? plan, string? apply)
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
                + "TFC_AWS_PLAN_ROLE_ARN and TFC_AWS_APPLY_ROLE_ARN to them.";
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

    private static TrustedRole[] RolesFor(WorkspaceIdentity workspace, string? plan, string? apply)
    {
        var common = plan is not null && plan == apply ? NameOf(plan) : $"{workspace.OrganizationName}-{workspace.WorkspaceName}";
        TrustedRole For(RunPhase phase, string? role) => new(
            EnumText.Of(phase), role is not null && plan != apply ? NameOf(role) : Suggest(common, EnumText.Of(phase)));
        return [For(RunPhase.Plan, plan), For(RunPhase.Apply, apply)];
    }

    private static string Suggest(string name, string phase) => $"{name[..Math.Min(name.Length, MaxRoleName - phase.Length - 1)]}-{phase}";

    private static string AccountOf(string role) => role.Split(':')[4];

    private static string NameOf(string role) => role[(role.LastIndexOf('/') + 1)..];

    /// <summary>What the variables say about AWS. What is sensitive stays unsaid.</summary>
    private sealed class WorkspaceSettings
    {
        private readonly CloudEnvironment _environment;
        private readonly string? _tag;
        private readonly List<string> _notes = [];

        public WorkspaceSettings(IEnumerable<PlainVariable> variables)
        {
            _environment = CloudEnvironment.Of(variables);
            var reading = CloudSettings.Read(AwsVocabulary.Instance, _environment.Values, EnumText.Of(RunPhase.Plan), _environment.Sensitive);
            _tag = reading.Configurations.Count > 0 ? reading.Configurations[0].Tag : null;
            if (!reading.IsOn)
            {
                _notes.Add($"The workspace's runs ask for no AWS credentials yet. Once the roles are there, set {AwsVocabulary.Instance.Switch} to "
                    + "'true' and TFC_AWS_PLAN_ROLE_ARN and TFC_AWS_APPLY_ROLE_ARN to the roles, all as environment variables.");
            }
            if (reading.Configurations.Count > 1)
            {
                _notes.Add($"This is for the {Name(_tag)}. Others, which need the same with their own audience and roles: "
                    + $"{string.Join(", ", reading.Configurations.Skip(1).Select(other => other.Tag))}.");
            }
        }

        public IEnumerable<string> Notes => _notes.Distinct();

        /// <returns>Null when no variable gives a value that can be used and shown.</returns>
        public string? Find(CloudSetting setting, RunPhase phase)
        {
            var chosen = CloudSettings.Choose(
                AwsVocabulary.Instance, _environment.Values, setting, EnumText.Of(phase), _tag, _environment.Sensitive);
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

        private static string Name(string? tag) => tag is null ? "default configuration" : $"configuration '{tag}'";
    }
}
