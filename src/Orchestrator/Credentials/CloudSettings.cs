using System.Text.RegularExpressions;

namespace Orchestrator.Credentials;

/// <summary>What a workspace's variables say about one cloud for one phase.</summary>
/// <param name="SwitchedOn">Also when they cannot work: the default one first, then by tag.</param>
/// <param name="Problems">Why it cannot work, each with what to change.</param>
/// <param name="Warnings">What has no effect, though somebody may think it has.</param>
public sealed record CloudReading(
    IReadOnlyList<CloudConfiguration> SwitchedOn, IReadOnlyList<string> Problems, IReadOnlyList<string> Warnings)
{
    /// <summary>What the phase asks for; nothing when it cannot work.</summary>
    public IReadOnlyList<CloudConfiguration> Configurations => Problems.Count > 0 ? [] : SwitchedOn;

    public bool IsOn => SwitchedOn.Count > 0 || Problems.Count > 0;
}

/// <summary>One set of credentials that a phase is to have.</summary>
/// <param name="Tag">Null for the default one.</param>
public sealed record CloudConfiguration(string? Tag, IReadOnlyList<ChosenSetting> Settings)
{
    /// <summary>For a file's or a path's name; a tag may be called "default", too.</summary>
    public string Label => Tag is null ? "default" : $"tag-{Tag}";

    public ChosenSetting Of(CloudSetting setting) => Settings.First(chosen => chosen.Setting == setting);

    public string? this[CloudSetting setting] => Of(setting).Value;

    /// <summary>Of a setting that is required, or has a default.</summary>
    public string Need(CloudSetting setting) => this[setting]
        ?? throw new InvalidOperationException($"{setting.Name} was not checked.");
}

/// <summary>A setting's value, and how it came to it.</summary>
/// <param name="Variable">The variable whose value won; null when none gave one.</param>
/// <param name="Candidates">Every variable that was looked at, first come first.</param>
public sealed record ChosenSetting(CloudSetting Setting, string? Value, string? Variable, IReadOnlyList<SettingCandidate> Candidates)
{
    public bool IsSensitive => Candidates.Any(candidate => candidate is { Won: true, IsSensitive: true });

    /// <summary>For people.</summary>
    public string? Shown => IsSensitive ? "(sensitive)" : Value;

    public override string ToString() => $"{Setting.Name} by {Variable ?? "default"}";
}

/// <summary>A variable that could give a setting its value.</summary>
/// <param name="Value">Null when it is not set, or empty.</param>
/// <param name="IsSensitive">The value is for the run, and for nobody's eyes.</param>
public sealed record SettingCandidate(string Variable, string? Value, bool Won, bool IsSensitive = false)
{
    /// <summary>Whose value it is, where a variable may have several: <c>the workspace</c>, <c>the variable set 'accounts'</c>. Null when nobody
    /// has looked.</summary>
    public string? From { get; init; }


    public override string ToString() => $"{Variable}{(Won ? ", won" : "")}";
}

/// <summary>Reads a cloud's variables. The same variables always give the same answer, whatever their order.</summary>
public static partial class CloudSettings
{
    // HCP Terraform keeps it for itself: TFC_VAULT_BACKED_AWS_AUTH_TYPE is no configuration with the tag TYPE.
    private const string ReservedTag = "TYPE";

    /// <param name="environment">The workspace's environment variables. An empty value counts as unset.</param>
    /// <param name="phase"><c>plan</c> or <c>apply</c>.</param>
    /// <param name="sensitive">Variables whose values are never told.</param>
    public static CloudReading Read(
        CloudVocabulary cloud, IReadOnlyDictionary<string, string> environment, string phase, IReadOnlySet<string>? sensitive = null)
    {
        var mentioned = environment.Keys.Order(StringComparer.Ordinal)
            .Where(name => Value(environment, name) is not null)
            .Select(name => (Name: name, Means: cloud.Parse(name)))
            .Where(variable => variable.Means is not null)
            .Select(variable => (variable.Name, Means: variable.Means!))
            .ToArray();
        var switches = mentioned.Where(variable => variable.Means.Setting is null).ToArray();
        string?[] on = [.. switches.Where(variable => Value(environment, variable.Name) == "true").Select(variable => variable.Means.Tag)];
        var settings = mentioned.Where(variable => variable.Means.Setting is not null);
        // Where nothing is switched on, only a switch can be wrong.
        List<string> problems =
            [.. (on.Length > 0 ? mentioned : switches)
                .Select(variable => Fault(cloud, variable.Name, environment[variable.Name], sensitive?.Contains(variable.Name) == true)).OfType<string>()];
        if (on.Length == 0)
        {
            return new CloudReading([], problems, [.. settings
                .Where(variable => !switches.Any(known => known.Means.Tag == variable.Means.Tag))
                .Select(variable => $"{variable.Name} has no effect, because {SwitchOf(cloud, variable.Means.Tag)} is not 'true'.")]);
        }
        problems.AddRange(cloud.Rivals.Where(name => Value(environment, name) is not null).Select(name =>
            $"The workspace sets {name} and {SwitchOf(cloud, on[0])}. Clients would use {name} and ignore the dynamic credentials. "
            + $"Remove {name}, or set {SwitchOf(cloud, on[0])} to 'false'."));
        problems.AddRange(settings
            .Where(variable => !variable.Means.IsForAll && variable.Means.Tag is { } tag && !switches.Any(known => known.Means.Tag == tag))
            .Select(variable => $"{variable.Name} belongs to a configuration '{variable.Means.Tag}', and there is none. Set "
                + $"{SwitchOf(cloud, variable.Means.Tag)} to 'true', or remove {variable.Name}."));
        CloudConfiguration[] configurations =
            [.. on.Select(tag => new CloudConfiguration(tag, [.. cloud.Settings.Select(setting => Choose(cloud, environment, setting, phase, tag, sensitive))]))];
        problems.AddRange(
            from configuration in configurations
            from chosen in configuration.Settings
            where chosen.Value is null && chosen.Setting.Required(configuration)
            select $"{SwitchOf(cloud, configuration.Tag)} is 'true', but no {chosen.Setting.What} is set{(chosen.Setting.PerPhase ? $" for the {phase} phase" : "")}. Set "
                + $"{string.Join(" or ", chosen.Candidates.Select(candidate => candidate.Variable))} as an environment variable of the workspace.");
        return new CloudReading(configurations, [.. problems.Distinct()], []);
    }

    /// <summary>What is wrong with a variable by itself; null when nothing is, or when its name means nothing to the cloud.</summary>
    /// <param name="sensitive">The value is not told.</param>
    public static string? Fault(CloudVocabulary cloud, string name, string value, bool sensitive = false)
    {
        if (name == $"TFC_DEFAULT_{cloud.Cloud}_PROVIDER_AUTH")
        {
            return $"There is no {name}. Each configuration is switched on by itself, with {cloud.Switch} or {cloud.Switch}_TAG.";
        }
        if (cloud.Parse(name) is not { } means || value.Trim() is not { Length: > 0 } given)
        {
            return null;
        }
        if (means.Tag is { } tag && (tag == ReservedTag || !Tag().IsMatch(tag)))
        {
            return tag == ReservedTag
                ? $"'{ReservedTag}' is reserved, so {name} cannot be. Choose another tag."
                : $"'{tag}' in {name} is no tag. A tag consists of letters, digits and '_'.";
        }
        var told = $"The variable {name} {(sensitive ? "has a sensitive value" : $"is '{given}'")}";
        return means.Setting is null
            ? given is "true" or "false" ? null : $"{told}. Set it to 'true' or 'false'."
            : means.Setting.Fault(given) is { } fault ? $"{told}, which {fault}" : null;
    }

    /// <summary>A setting's value, whether or not the configuration is switched on.</summary>
    public static ChosenSetting Choose(
        CloudVocabulary cloud, IReadOnlyDictionary<string, string> environment, CloudSetting setting, string phase, string? tag,
        IReadOnlySet<string>? sensitive = null)
    {
        string[] names = [.. cloud.Candidates(setting, phase, tag)];
        var winner = Array.Find(names, name => Value(environment, name) is not null);
        return new ChosenSetting(
            setting,
            winner is null ? setting.Default : Value(environment, winner),
            winner,
            [.. names.Select(name => new SettingCandidate(
                name, Value(environment, name), name == winner, Value(environment, name) is not null && sensitive?.Contains(name) == true))]);
    }

    private static string SwitchOf(CloudVocabulary cloud, string? tag) => tag is null ? cloud.Switch : $"{cloud.Switch}_{tag}";

    private static string? Value(IReadOnlyDictionary<string, string> environment, string name) =>
        environment.TryGetValue(name, out var value) && value.Trim() is { Length: > 0 } trimmed ? trimmed : null;

    [GeneratedRegex(@"\A[A-Za-z0-9_]+\z")]
    private static partial Regex Tag();
}
