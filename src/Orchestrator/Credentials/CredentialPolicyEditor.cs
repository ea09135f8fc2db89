using System.Text.RegularExpressions;
using Orchestrator.Data;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Credentials;

/// <summary>What somebody wants a policy to say. Null: what the next level up says.</summary>
/// <param name="Delivery"><c>environment</c>, <c>endpoint</c> or <c>web_identity_file</c>.</param>
/// <param name="Speculative"><c>allowed</c>, <c>separate_audience</c> or <c>refused</c>.</param>
/// <param name="AllowedRoles">Empty: this level allows any.</param>
public sealed record CredentialPolicyEdit(
    string? Delivery, string? Speculative, bool? ReadOnlyPlan, bool? SessionTags, IReadOnlyList<string> AllowedRoles)
{
    /// <summary>A <see cref="WorkloadIdentity.SubjectTemplate"/>, for an organisation only. Null: HCP Terraform's format.</summary>
    public string? SubjectTemplate { get; init; }

    public static CredentialPolicyEdit Of(CredentialPolicy? policy) => new(
        policy?.Delivery is { } delivery ? EnumText.Of(delivery) : null,
        policy?.Speculative is { } speculative ? EnumText.Of(speculative) : null,
        policy?.ReadOnlyPlan, policy?.SessionTags, policy?.AllowedRoles ?? [])
    {
        SubjectTemplate = policy?.SubjectTemplate,
    };
}

/// <summary>Why a policy may not be so.</summary>
/// <param name="Field">The attribute at fault, in the API's spelling.</param>
public sealed record CredentialPolicyRefusal(string Reason, string Field);

/// <summary>The rules for credential policies, for the API and the pages alike.</summary>
public static partial class CredentialPolicyEditor
{
    public const int MaxRoles = 100;
    public const int MaxRoleLength = 2048;

    public static CredentialPolicy NewPolicy(this PolicyOwner owner) => new()
    {
        Id = Identifier.New<CredentialPolicyId>(),
        OrganizationId = owner.Level == PolicyLevel.Organization ? owner.Organization : null,
        ProjectId = owner.Level == PolicyLevel.Project ? owner.Project : null,
        WorkspaceId = owner.Workspace,
    };

    /// <summary>Changes the policy in memory, all of it or nothing; the caller saves it.</summary>
    /// <param name="above">The levels above it.</param>
    /// <returns>Null when it was changed.</returns>
    public static CredentialPolicyRefusal? Update(this CredentialPolicy policy, CredentialPolicyEdit wanted, CredentialPolicyLevels above)
    {
        string[] roles = [.. wanted.AllowedRoles.Select(role => role.Trim()).Distinct(StringComparer.Ordinal)];
        if ((Find(wanted, roles, above) ?? FindInSubject(policy, wanted.SubjectTemplate)) is { } refusal)
        {
            return refusal;
        }
        policy.Delivery = Parse<CredentialDelivery>(wanted.Delivery);
        policy.Speculative = Parse<SpeculativeCredentials>(wanted.Speculative);
        policy.ReadOnlyPlan = wanted.ReadOnlyPlan;
        policy.SessionTags = wanted.SessionTags;
        policy.AllowedRoles = roles;
        policy.SubjectTemplate = wanted.SubjectTemplate;
        return null;
    }

    private static CredentialPolicyRefusal? FindInSubject(CredentialPolicy policy, string? template)
    {
        const string Field = "subject-template";
        if (template is null)
        {
            return null;
        }
        if (policy.OrganizationId is null)
        {
            return new CredentialPolicyRefusal("Only an organisation says how subjects are made, for all of its workspaces.", Field);
        }
        var check = SubjectTemplate.Check(template);
        return check.Template is null ? new CredentialPolicyRefusal(string.Join(' ', check.Problems), Field) : null;
    }

    private static CredentialPolicyRefusal? Find(CredentialPolicyEdit wanted, string[] roles, CredentialPolicyLevels above)
    {
        if (wanted.Delivery is { } how && Parse<CredentialDelivery>(how) is null)
        {
            return new CredentialPolicyRefusal("The delivery is 'environment', 'endpoint' or 'web_identity_file'.", "delivery");
        }
        if (wanted.Speculative is { } what && Parse<SpeculativeCredentials>(what) is null)
        {
            return new CredentialPolicyRefusal("For speculative plans, credentials are 'allowed', 'separate_audience' or 'refused'.", "speculative");
        }
        if (roles.Length > MaxRoles)
        {
            return new CredentialPolicyRefusal($"A list has {MaxRoles} roles at most; one pattern can stand for many.", "allowed-roles");
        }
        if (roles.FirstOrDefault(role => role.Length > MaxRoleLength || !RolePattern().IsMatch(role)) is { } wrong)
        {
            return new CredentialPolicyRefusal(
                $"'{(wrong.Length > 100 ? wrong[..100] + "…" : wrong)}' is neither an account nor a role's ARN. Write the account's 12 digits, or an ARN such as "
                + $"'arn:aws:iam::123456789012:role/team-*', in which '*' stands for any characters, with {MaxRoleLength} characters at most.",
                "allowed-roles");
        }
        return FindUnenforceable(wanted, above);
    }

    /// <summary>With a file, terraform assumes the role by itself, and nobody can ask for less than the whole of it.</summary>
    private static CredentialPolicyRefusal? FindUnenforceable(CredentialPolicyEdit wanted, CredentialPolicyLevels above)
    {
        var readOnlyAbove = above.ReadOnlyPlan is { Value: true, By: var level } ? level : (PolicyLevel?)null;
        var delivery = Parse<CredentialDelivery>(wanted.Delivery) ?? above.Delivery.Value;
        if (delivery != CredentialDelivery.WebIdentityFile || (readOnlyAbove is null && wanted.ReadOnlyPlan != true))
        {
            return null;
        }
        const string Because = "with a web identity file terraform assumes the whole role by itself, so a plan's credentials cannot be made read-only";
        return readOnlyAbove is { } by
            ? new CredentialPolicyRefusal($"The {EnumText.Of(by)} wants read-only plans, and {Because}. Choose another delivery.", "delivery")
            : new CredentialPolicyRefusal($"Choose another delivery, or leave read-only plans off: {Because}.", "read-only-plan");
    }

    private static T? Parse<T>(string? text) where T : struct, Enum => EnumText.TryParse<T>(text, out var value) ? value : null;

    [GeneratedRegex(@"\A([0-9]{12}|arn:aws[a-z*-]*:iam::([0-9]{12}|\*):role/[A-Za-z0-9_+=,.@/*-]+)\z")]
    private static partial Regex RolePattern();
}
