using Orchestrator.AwsPolicies;

namespace Orchestrator.Credentials.Aws.Trust;

/// <summary>Whom an Allow is for, what it allows, and which conditions it lacks.</summary>
internal static class StatementRules
{
    private static readonly string[] TokenActions = [TrustEvaluator.AssumeRole, TrustEvaluator.TagSession, TrustEvaluator.SetSourceIdentity];

    public static bool Grants(PolicyStatement statement, string action) =>
        statement.Actions.Values.Any(value => ValuePattern.WithoutVariables(value).Matches(action, ignoreCase: true)) != statement.Actions.Inverted;

    public static IEnumerable<TrustFinding> Check(PolicyStatement statement, string? trusted, string? accountId) =>
        Principals(statement, trusted, accountId).Concat(Actions(statement));

    /// <summary>What an Allow for tokens must not be without.</summary>
    public static IEnumerable<TrustFinding> Missing(PolicyStatement statement, string? host)
    {
        var shown = host ?? "ISSUER";
        if (!Requires(statement, host, "sub"))
        {
            yield return new TrustFinding(
                TrustSeverity.Danger, "missing-sub", statement.Path,
                "Nothing is asked of the subject: every workspace of every organisation of this issuer gets the role.",
                $"Add StringEquals on {shown}:sub with the whole subject of one workspace and phase.");
        }
        if (!Requires(statement, host, "aud", "oaud"))
        {
            yield return new TrustFinding(
                TrustSeverity.Warning, "missing-aud", statement.Path,
                "Nothing is asked of the audience: a token made for any client id of the provider will do.",
                $"Add StringEquals on {shown}:aud, usually with 'aws.workload.identity'.");
        }
    }

    /// <summary>A condition that names values for the claim. A <c>Null</c> or <c>Not…</c> names nobody.</summary>
    public static bool Requires(PolicyStatement statement, string? host, params string[] claims) =>
        statement.Conditions.Any(condition =>
            condition.Operator is { IsNull: false, Negated: false } && TrustKey.Of(condition.Key, host).Is(claims));

    private static IEnumerable<TrustFinding> Principals(PolicyStatement statement, string? trusted, string? accountId)
    {
        var principals = statement.Principals!;
        var place = $"{statement.Path}.{(principals.Inverted ? "NotPrincipal" : "Principal")}";
        if (principals.Inverted)
        {
            yield return new TrustFinding(
                TrustSeverity.Danger, "not-principal", place, "An Allow with NotPrincipal is for everybody else in the world.",
                "Name the provider under Principal.Federated.");
            yield break;
        }
        if (principals.Values.Any(value => value is "*" or "AWS:*" or "Federated:*"))
        {
            yield return new TrustFinding(
                TrustSeverity.Danger, "any-principal", place, "The statement trusts everybody: '*' is every account and every issuer.",
                "Name the provider: {\"Federated\": \"arn:aws:iam::ACCOUNT:oidc-provider/HOST\"}.");
        }
        if (!Grants(statement, TrustEvaluator.AssumeRole))
        {
            yield break;
        }
        foreach (var provider in TrustPolicyText.Federated(statement).Where(value => value != "*"))
        {
            foreach (var finding in Provider(provider, $"{place}.Federated", trusted, accountId))
            {
                yield return finding;
            }
        }
    }

    private static IEnumerable<TrustFinding> Provider(string written, string place, string? trusted, string? accountId)
    {
        var mend = $"Write arn:aws:iam::{accountId ?? "ACCOUNT"}:oidc-provider/{trusted ?? "HOST"}.";
        if (OidcProviderArn.Find(written) is not { } provider)
        {
            yield return new TrustFinding(
                TrustSeverity.Warning, "wrong-provider", place, $"'{written}' is not the ARN of an OIDC provider.", mend);
            yield break;
        }
        if (trusted is not null && provider.Host != trusted)
        {
            yield return new TrustFinding(
                TrustSeverity.Warning, "wrong-provider", place,
                $"The provider is for {provider.Host}, and this server's issuer is {trusted}, to the letter.", mend);
        }
        if (!provider.HasAccount)
        {
            yield return new TrustFinding(
                TrustSeverity.Note, "placeholder", place, $"'{provider.Account}' is not an account id.", "Put in the twelve digits of the role's account.");
        }
        else if (accountId is not null && provider.Account != accountId)
        {
            yield return new TrustFinding(
                TrustSeverity.Warning, "foreign-account", place,
                $"The provider is of account {provider.Account}, and the role of {accountId}: STS looks for the provider in the role's own account.", mend);
        }
        if (IssuerRules.HasPort(provider.Host))
        {
            yield return IssuerRules.PortInProvider(place, provider.Host);
        }
    }

    private static IEnumerable<TrustFinding> Actions(PolicyStatement statement)
    {
        var place = $"{statement.Path}.{(statement.Actions.Inverted ? "NotAction" : "Action")}";
        var providers = TrustPolicyText.Federated(statement).Any(value => OidcProviderArn.Find(value) is not null);
        if (providers && !TokenActions.Any(action => Grants(statement, action)))
        {
            yield return new TrustFinding(
                TrustSeverity.Warning, "wrong-action", place,
                $"A token is never asked about {string.Join(", ", statement.Actions.Values)}: it needs {TrustEvaluator.AssumeRole}.",
                $"Write {TrustEvaluator.AssumeRole}.");
        }
        if (providers && (statement.Actions.Inverted || statement.Actions.Values.Any(value => value.Contains('*'))))
        {
            yield return new TrustFinding(
                TrustSeverity.Warning, "wide-action", place, "The statement allows more than a token needs.",
                $"Write {TrustEvaluator.AssumeRole}, and {TrustEvaluator.TagSession} or {TrustEvaluator.SetSourceIdentity} where tokens carry such.");
        }
    }
}
