namespace Orchestrator.Credentials;

/// <summary>What somebody wants one configuration of a cloud to be. It comes to variables.</summary>
/// <param name="Tag">Null for the default configuration.</param>
/// <param name="Values">For each setting the plan's value and the apply's; the same for one that knows no phases. Empty: none.</param>
public sealed record CloudSetup(CloudVocabulary Cloud, string? Tag, IReadOnlyDictionary<CloudSetting, (string Plan, string Apply)> Values)
{
    /// <summary>Each variable that has to do with the configuration, and what it must be for the configuration to be as it is wanted; null: it
    /// must not be there, since it would say something else.</summary>
    public IReadOnlyDictionary<string, string?> Variables()
    {
        var variables = new SortedDictionary<string, string?>(StringComparer.Ordinal) { [Tag is null ? Cloud.Switch : $"{Cloud.Switch}_{Tag}"] = "true" };
        foreach (var (setting, value) in Values)
        {
            string[] plan = [.. Cloud.Candidates(setting, "plan", Tag)], apply = [.. Cloud.Candidates(setting, "apply", Tag)];
            if (!setting.PerPhase)
            {
                variables[plan[0]] = Given(value.Plan);
                continue;
            }
            // First comes the phase's own name, then the one for both.
            var isSame = value.Plan == value.Apply;
            variables[plan[0]] = isSame ? null : Given(value.Plan);
            variables[apply[0]] = isSame ? null : Given(value.Apply);
            variables[plan[1]] = isSame ? Given(value.Plan) : null;
        }
        return variables;
    }

    private static string? Given(string value) => value.Trim() is { Length: > 0 } trimmed ? trimmed : null;
}
