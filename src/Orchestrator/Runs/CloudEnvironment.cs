using Orchestrator.Credentials;
using Orchestrator.RunLogs;
using Orchestrator.Variables;

namespace Orchestrator.Runs;

/// <summary>A workspace's environment variables, its variable sets' among them, as the clouds read them.</summary>
/// <param name="Sensitive">Those whose values are never told.</param>
internal sealed record CloudEnvironment(IReadOnlyDictionary<string, string> Values, IReadOnlySet<string> Sensitive)
{
    public static CloudEnvironment Of(IEnumerable<PlainVariable> variables)
    {
        var environment = variables.Where(variable => variable.Category == VariableCategory.Env).ToArray();
        return new CloudEnvironment(
            environment.ToDictionary(variable => variable.Key, variable => variable.Value, StringComparer.Ordinal),
            environment.Where(variable => variable.Sensitive).Select(variable => variable.Key).ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>For what is said by those who were given the values.</summary>
    public Redactor Redactor() => new(Sensitive.Select(name => Values[name]));

    public CloudReading Read(ICloud cloud, string phase) => CloudSettings.Read(cloud.Vocabulary, Values, phase, Sensitive);
}
