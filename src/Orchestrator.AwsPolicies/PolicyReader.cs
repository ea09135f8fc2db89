using System.Text.Json;
using Orchestrator.AwsPolicies.Json;

namespace Orchestrator.AwsPolicies;

/// <summary>Reads IAM policy documents. The grammar is the one in the IAM user guide, "Grammar of the JSON policy
/// language"; what it does not know is refused, as IAM refuses it.</summary>
public static class PolicyReader
{
    /// <summary>Reads what somebody pasted.</summary>
    /// <exception cref="JsonException">It is not JSON, or names a member twice.</exception>
    /// <exception cref="JsonShapeException">It is not a policy, or one IAM would not take as a trust policy.</exception>
    public static PolicyDocument ReadTrustPolicy(string text, string name)
    {
        using var json = JsonDocument.Parse(text, JsonCursor.Strict);
        return ReadTrustPolicy(new JsonCursor(json.RootElement, "$"), name);
    }

    /// <exception cref="JsonShapeException">It is not a policy, or one IAM would not take as a trust policy.</exception>
    public static PolicyDocument ReadTrustPolicy(JsonCursor json, string name) => Read(json, name, trust: true);

    /// <exception cref="JsonShapeException">It is not a policy, or one IAM would not take as an identity's policy.</exception>
    public static PolicyDocument ReadPermissions(JsonCursor json, string name) => Read(json, name, trust: false);

    private static PolicyDocument Read(JsonCursor json, string name, bool trust)
    {
        json.KnowsOnly("Version", "Id", "Statement");
        var version = json.Optional("Version");
        if (version is { } stated && stated.Text() is not ("2012-10-17" or "2008-10-17"))
        {
            throw stated.Wrong("must be \"2012-10-17\" or \"2008-10-17\"");
        }

        var statements = json.Required("Statement").OneOrMore()
            .Select((statement, index) => ReadStatement(statement, index, trust))
            .ToList();
        return statements.Count > 0
            ? new PolicyDocument(name, AllowsVariables: version?.Text() == "2012-10-17", statements)
            : throw json.Required("Statement").Wrong("must hold a statement");
    }

    private static PolicyStatement ReadStatement(JsonCursor json, int index, bool trust)
    {
        json.KnowsOnly(
            trust
                ? ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Condition"]
                : ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"]);
        return new PolicyStatement
        {
            Path = json.Path,
            Label = json.Optional("Sid")?.Text() is { Length: > 0 } sid ? sid : $"Statement[{index}]",
            Effect = json.Required("Effect").Text() switch
            {
                "Allow" => Effect.Allow,
                "Deny" => Effect.Deny,
                _ => throw json.Required("Effect").Wrong("must be \"Allow\" or \"Deny\""),
            },
            Principals = trust ? ReadElement(json, "Principal", ReadPrincipals) : null,
            Actions = ReadElement(json, "Action", ReadActions),
            Resources = trust ? null : ReadElement(json, "Resource", ReadResources),
            Conditions = json.Optional("Condition") is { } conditions ? [.. ReadConditions(conditions)] : [],
        };
    }

    private static PolicyElement ReadElement(
        JsonCursor json, string name, Func<JsonCursor, IEnumerable<string>> read)
    {
        var element = (json.Optional(name), json.Optional("Not" + name)) switch
        {
            ({ } plain, null) => new PolicyElement([.. read(plain)], Inverted: false),
            (null, { } inverted) => new PolicyElement([.. read(inverted)], Inverted: true),
            (null, null) => throw json.Wrong($"\"{name}\" or \"Not{name}\" is missing"),
            _ => throw json.Wrong($"has both \"{name}\" and \"Not{name}\""),
        };
        return element.Values.Count > 0 ? element : throw json.Wrong($"\"{name}\" is empty");
    }

    private static IEnumerable<string> ReadPrincipals(JsonCursor json)
    {
        if (json.Kind == JsonValueKind.String)
        {
            return json.Text() == "*" ? ["*"] : throw json.Wrong("must be \"*\" or an object such as {\"Federated\": …}");
        }

        json.KnowsOnly("AWS", "Federated", "Service", "CanonicalUser");
        return json.Members().SelectMany(member => member.Value.OneOrMore().Select(value => $"{member.Name}:{value.Text()}"));
    }

    private static IEnumerable<string> ReadActions(JsonCursor json) => json.OneOrMore().Select(action =>
        action.Text() == "*" || action.Text().IndexOf(':') > 0
            ? action.Text()
            : throw action.Wrong("must be \"*\" or service:action"));

    private static IEnumerable<string> ReadResources(JsonCursor json) => json.OneOrMore().Select(resource =>
        resource.Text() == "*" || resource.Text().StartsWith("arn:", StringComparison.Ordinal)
            ? resource.Text()
            : throw resource.Wrong("must be \"*\" or an ARN"));

    private static IEnumerable<PolicyCondition> ReadConditions(JsonCursor json)
    {
        foreach (var (name, keys) in json.Members())
        {
            var found = ConditionOperator.Find(name) ?? throw keys.Wrong("is not a condition operator");
            foreach (var (key, values) in keys.Members())
            {
                yield return new PolicyCondition(found, key, [.. values.OneOrMore().Select(ReadValue)], values.Path);
            }
        }
    }

    private static string ReadValue(JsonCursor json) => json.Kind switch
    {
        JsonValueKind.String => json.Text(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => json.Element.GetRawText(),
        _ => throw json.Wrong("must be a string, a number or a boolean"),
    };
}
