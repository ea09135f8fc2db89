using Orchestrator.Data;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Credentials;

/// <summary>Who decides about a workspace's credentials.</summary>
public enum PolicyLevel
{
    Workspace,
    Project,
    Organization,

    /// <summary>Nobody has said anything.</summary>
    Default,
}

/// <summary>A setting as it applies, and the level that decided it.</summary>
public sealed record Decided<T>(T Value, PolicyLevel By);

/// <summary>Whose policy is meant: the lowest that is named.</summary>
public sealed record PolicyOwner(OrganizationId Organization, ProjectId? Project = null, WorkspaceId? Workspace = null)
{
    public PolicyLevel Level => Workspace is not null ? PolicyLevel.Workspace : Project is not null ? PolicyLevel.Project : PolicyLevel.Organization;
}

/// <summary>The policies that apply together. What one leaves open, the next one up decides; what one forbids, nobody below can allow.</summary>
public sealed record CredentialPolicyLevels(CredentialPolicy? Workspace, CredentialPolicy? Project, CredentialPolicy? Organization)
{
    public EffectiveCredentialPolicy Effective => new(
        Delivery.Value, Speculative.Value, ReadOnlyPlan.Value, SessionTags.Value, [.. AllowedRoles.Select(list => list.Value)],
        // It was checked when it was saved.
        Organization?.SubjectTemplate is { } template ? SubjectTemplate.Check(template).Template! : SubjectTemplate.Names);

    public Decided<CredentialDelivery> Delivery => Nearest(policy => policy.Delivery, CredentialDelivery.Environment);

    public Decided<SpeculativeCredentials> Speculative => Strictest(policy => policy.Speculative, SpeculativeCredentials.Allowed);

    public Decided<bool> ReadOnlyPlan => Strictest(policy => policy.ReadOnlyPlan, false);

    public Decided<bool> SessionTags => Nearest(policy => policy.SessionTags, false);

    /// <summary>A role has to be on each of these lists. Without any, every role is allowed.</summary>
    public IReadOnlyList<Decided<IReadOnlyList<string>>> AllowedRoles =>
        [.. Given.Where(level => level.Policy.AllowedRoles.Count > 0).Select(level => new Decided<IReadOnlyList<string>>(level.Policy.AllowedRoles, level.Level))];

    /// <summary>The policy of one level; null when it has none.</summary>
    public CredentialPolicy? Of(PolicyLevel level) => level switch
    {
        PolicyLevel.Workspace => Workspace,
        PolicyLevel.Project => Project,
        PolicyLevel.Organization => Organization,
        _ => null,
    };

    /// <summary>With another policy, or none, at one level.</summary>
    public CredentialPolicyLevels With(PolicyLevel level, CredentialPolicy? policy) => level switch
    {
        PolicyLevel.Workspace => this with { Workspace = policy },
        PolicyLevel.Project => this with { Project = policy },
        _ => this with { Organization = policy },
    };

    private (PolicyLevel Level, CredentialPolicy Policy)[] Given =>
    [
        .. new[] { PolicyLevel.Workspace, PolicyLevel.Project, PolicyLevel.Organization }
            .Where(level => Of(level) is not null)
            .Select(level => (level, Of(level)!)),
    ];

    private Decided<T> Nearest<T>(Func<CredentialPolicy, T?> setting, T otherwise) where T : struct
    {
        foreach (var (level, policy) in Given)
        {
            if (setting(policy) is { } value)
            {
                return new Decided<T>(value, level);
            }
        }
        return new Decided<T>(otherwise, PolicyLevel.Default);
    }

    /// <summary>The highest of those who say the strictest: nobody below could change it.</summary>
    private Decided<T> Strictest<T>(Func<CredentialPolicy, T?> setting, T otherwise) where T : struct
    {
        var decided = new Decided<T>(otherwise, PolicyLevel.Default);
        foreach (var (level, policy) in Given)
        {
            if (setting(policy) is { } value && Comparer<T>.Default.Compare(value, decided.Value) >= 0)
            {
                decided = new Decided<T>(value, level);
            }
        }
        return decided;
    }
}
