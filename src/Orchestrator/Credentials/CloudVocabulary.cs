namespace Orchestrator.Credentials;

/// <summary>The names of the environment variables with which a workspace says what a cloud's credentials shall be.</summary>
/// <remarks>The names are HCP Terraform's: <c>TFC_AWS_RUN_ROLE_ARN</c> for the default configuration, <c>TFC_AWS_RUN_ROLE_ARN_TAG</c>
/// for a further one, <c>TFC_DEFAULT_AWS_RUN_ROLE_ARN</c> for whatever a configuration leaves open.</remarks>
/// <param name="Cloud">As it stands in the names: <c>AWS</c>.</param>
public sealed record CloudVocabulary(string Cloud)
{
    public required IReadOnlyList<CloudSetting> Settings { get; init; }

    /// <summary>Variables that the cloud's clients would use in place of what the run is given.</summary>
    public IReadOnlyList<string> Rivals { get; init; } = [];

    /// <summary>What must be <c>true</c> for anything to happen. It has no form for all configurations.</summary>
    public string Switch => $"TFC_{Cloud}_PROVIDER_AUTH";

    /// <summary>Where a setting's value is looked for, first come first.</summary>
    /// <param name="phase"><c>plan</c> or <c>apply</c>.</param>
    /// <param name="tag">Null for the default configuration.</param>
    public IEnumerable<string> Candidates(CloudSetting setting, string phase, string? tag)
    {
        var suffix = tag is null ? "" : "_" + tag;
        var names = setting.Names(setting.PerPhase ? [phase.ToUpperInvariant() + "_", "RUN_"] : [""]).ToArray();
        return names.Select(name => $"TFC_{Cloud}_{name}{suffix}").Concat(names.Select(name => $"TFC_DEFAULT_{Cloud}_{name}"));
    }

    /// <summary>What a variable's name means here; null when it means nothing.</summary>
    public CloudVariable? Parse(string name)
    {
        if (Settings.FirstOrDefault(setting => AllNames(setting).Any(known => name == $"TFC_DEFAULT_{Cloud}_{known}")) is { } forAll)
        {
            return new CloudVariable(forAll, null, IsForAll: true);
        }
        return Settings
            .SelectMany(setting => AllNames(setting).Select(known => (Setting: (CloudSetting?)setting, Name: $"TFC_{Cloud}_{known}")))
            .Append((Setting: null, Name: Switch))
            .Where(known => name == known.Name || name.StartsWith(known.Name + "_", StringComparison.Ordinal))
            // TFC_X_NAME_SPACE may be a setting of its own and no tag of TFC_X_NAME.
            .OrderByDescending(known => known.Name.Length)
            .Select(known => new CloudVariable(known.Setting, name == known.Name ? null : name[(known.Name.Length + 1)..], IsForAll: false))
            .FirstOrDefault();
    }

    private static IEnumerable<string> AllNames(CloudSetting setting) =>
        setting.Names(setting.PerPhase ? ["PLAN_", "APPLY_", "RUN_"] : [""]);
}

/// <summary>One thing that a cloud's configuration consists of.</summary>
/// <param name="Name">As it stands in the variables' names: <c>ROLE_ARN</c>.</param>
/// <param name="What">As it is called in sentences: <c>role</c>.</param>
public sealed record CloudSetting(string Name, string What)
{
    private const int MaxAudience = 255;

    /// <summary>It may differ between plan and apply: the name is preceded by <c>PLAN_</c>, <c>APPLY_</c>, or <c>RUN_</c> for both.</summary>
    public bool PerPhase { get; init; }

    /// <summary>Whether it must have a value, which may depend on the configuration's other settings.</summary>
    public Func<CloudConfiguration, bool> Required { get; init; } = _ => false;

    /// <summary>The value when no variable gives one.</summary>
    public string? Default { get; init; }

    /// <summary>What is wrong with a value, to be read after "…, which"; null when it is right.</summary>
    public Func<string, string?> Fault { get; init; } = _ => null;

    /// <summary>What every cloud's configuration has: whom its token is for.</summary>
    public static CloudSetting Audience(string? byDefault) => new("WORKLOAD_IDENTITY_AUDIENCE", "audience")
    {
        Default = byDefault,
        Fault = value => value.Length <= MaxAudience ? null : $"is longer than the {MaxAudience} characters that an audience may have.",
    };

    internal IEnumerable<string> Names(IEnumerable<string> prefixes) => prefixes.Select(prefix => prefix + Name);
}

/// <summary>What a variable's name says.</summary>
/// <param name="Setting">Null: the switch.</param>
/// <param name="Tag">Null: the default configuration, or all of them.</param>
public sealed record CloudVariable(CloudSetting? Setting, string? Tag, bool IsForAll);
