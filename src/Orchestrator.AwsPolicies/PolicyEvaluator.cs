namespace Orchestrator.AwsPolicies;

/// <param name="Action">E.g. <c>s3:PutObject</c>.</param>
/// <param name="Resource">An ARN; null for trust policies.</param>
/// <param name="FederatedPrincipal">The provider that vouches for the caller; null outside trust policies.</param>
public sealed record AuthorizationRequest(
    string Action, string? Resource, string? FederatedPrincipal, RequestContext Context);

/// <summary>What one policy says: a Deny is final, an Allow is a vote.</summary>
public sealed record PolicyVerdict(bool Allows, bool Denies, PolicyFinding Finding);

/// <summary>Holds one request against one policy. Every element is looked at, also after the first that does not
/// match, because the findings are what a person reads afterwards.</summary>
public static class PolicyEvaluator
{
    public static PolicyVerdict Evaluate(PolicyDocument policy, AuthorizationRequest request)
    {
        var findings = policy.Statements.Select(statement => Evaluate(policy, statement, request)).ToList();
        return new PolicyVerdict(
            Allows: findings.Any(finding => finding is { Applies: true, Effect: nameof(Effect.Allow) }),
            Denies: findings.Any(finding => finding is { Applies: true, Effect: nameof(Effect.Deny) }),
            new PolicyFinding(policy.Name, request.Action, findings));
    }

    private static StatementFinding Evaluate(
        PolicyDocument policy, PolicyStatement statement, AuthorizationRequest request)
    {
        List<ElementFinding> elements = [];
        if (statement.Principals is { } principals)
        {
            var actual = $"Federated:{request.FederatedPrincipal}";
            elements.Add(Find("Principal", principals, actual, value => value is "*" or "AWS:*" || value == actual));
        }

        elements.Add(Find("Action", statement.Actions, request.Action, value => Like(value, request.Action, ignoreCase: true)));

        if (statement.Resources is { } resources)
        {
            var actual = request.Resource ?? "";
            elements.Add(Find("Resource", resources, actual, value => Like(value, actual, ignoreCase: false)));
        }

        elements.AddRange(statement.Conditions
            .Select(condition => ConditionEvaluator.Evaluate(condition, request.Context, policy.AllowsVariables)));
        return new StatementFinding(
            statement.Label, statement.Effect.ToString(), elements.TrueForAll(element => element.Matched), elements);

        bool Like(string value, string actual, bool ignoreCase) =>
            ValuePattern.Create(value, request.Context, policy.AllowsVariables)?.Matches(actual, ignoreCase) == true;
    }

    private static ElementFinding Find(string name, PolicyElement element, string actual, Predicate<string> matches) =>
        new(
            element.Inverted ? "Not" + name : name,
            Operator: null,
            Key: null,
            element.Values.Any(value => matches(value)) != element.Inverted,
            element.Values,
            [actual],
            Note: null);
}
