using System.Text.RegularExpressions;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Credentials.Aws.Trust;

/// <summary>A role for one phase of a workspace.</summary>
/// <param name="Phase"><c>plan</c> or <c>apply</c>.</param>
/// <param name="Name">1 to 64 of <c>A-Z a-z 0-9 _+=,.@-</c>.</param>
public sealed record TrustedRole(string Phase, string Name);

/// <summary>Which workspace an AWS account should trust, and with which roles.</summary>
public sealed partial record TrustRequest
{
    private static readonly TimeSpan LeastDuration = TimeSpan.FromHours(1);
    private static readonly TimeSpan GreatestDuration = TimeSpan.FromHours(12);

    /// <summary>The token's <c>iss</c>, an absolute URL without a closing slash.</summary>
    public required string Issuer { get; init; }

    /// <summary>The token's <c>aud</c>, which becomes the provider's client id.</summary>
    public required string Audience { get; init; }

    public required WorkspaceIdentity Workspace { get; init; }

    /// <summary>At most one for each phase. A phase without a role is not trusted.</summary>
    public required IReadOnlyList<TrustedRole> Roles { get; init; }

    /// <summary>Of the workspace's configuration whose roles these are; null for the default one.</summary>
    public string? Tag { get; init; }

    /// <summary>How the workspace's tokens make their subject.</summary>
    public SubjectTemplate Subject { get; init; } = SubjectTemplate.Names;

    /// <summary>Twelve digits; null leaves a placeholder where an id cannot be looked up.</summary>
    public string? AccountId { get; init; }

    /// <summary>The account has the provider already; there can be one for each issuer.</summary>
    public bool ProviderExists { get; init; }

    /// <summary>The tokens carry session tags.</summary>
    public bool SessionTags { get; init; }

    /// <summary>The tokens carry a source identity.</summary>
    public bool SourceIdentity { get; init; }

    /// <summary>The longest session the roles give: whole seconds, from 1 hour to 12.</summary>
    public TimeSpan MaxSessionDuration { get; init; } = LeastDuration;

    /// <summary>Why this cannot be written down; empty when it can.</summary>
    public IEnumerable<string> Problems()
    {
        if (!Uri.TryCreate(Issuer, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http") || Issuer.EndsWith('/'))
        {
            yield return $"The issuer '{Issuer}' is not an absolute URL without a closing slash.";
        }
        if (Audience.Length is 0 or > 255 || Audience.Any(char.IsControl))
        {
            yield return "The audience must have 1 to 255 characters, and no control characters.";
        }
        if (AccountId is not null && !AccountPattern().IsMatch(AccountId))
        {
            yield return $"'{AccountId}' is not an account id of twelve digits.";
        }
        if (MaxSessionDuration < LeastDuration || MaxSessionDuration > GreatestDuration || MaxSessionDuration.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            yield return "A role's sessions can be limited to whole seconds from 1 to 12 hours.";
        }
        if (Roles.Count == 0 || Roles.Any(role => role.Phase is not ("plan" or "apply")) || Roles.DistinctBy(role => role.Phase).Count() < Roles.Count)
        {
            yield return "Name a role for plan, for apply, or one for each.";
        }
        foreach (var role in Roles.Where(role => !RolePattern().IsMatch(role.Name)))
        {
            yield return $"'{role.Name}' is not a role's name: 1 to 64 letters, digits and characters of _+=,.@-";
        }
        // IAM takes names that differ only in case for the same.
        if (Roles.DistinctBy(role => role.Name.ToUpperInvariant()).Count() < Roles.Count)
        {
            yield return "Plan and apply need roles with different names; one role for both would let whoever may plan do what apply may.";
        }
    }

    [GeneratedRegex(@"\A[0-9]{12}\z")]
    private static partial Regex AccountPattern();

    [GeneratedRegex(@"\A[A-Za-z0-9_+=,.@-]{1,64}\z")]
    private static partial Regex RolePattern();
}
