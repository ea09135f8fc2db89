using Orchestrator.Data;

namespace Orchestrator.Terraform;

/// <summary>Builds the environment of a run's terraform from nothing: what the system needs, what the workspace sets, and what
/// the platform itself decides. Later layers win, so no workspace variable can take the platform's controls.</summary>
public sealed class ChildEnvironment
{
    /// <summary>What is taken over from the server's own environment when it is there: where programs and certificates are, how
    /// text is written, and the way through a proxy. Nothing that could be a secret.</summary>
    private static readonly string[] FromServer =
    [
        "PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
    ];

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _controls = new(StringComparer.Ordinal);

    public ChildEnvironment(RunDirectory directory, RunId run)
    {
        foreach (var name in FromServer)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                _values[name] = value;
            }
        }
        Control("HOME", directory.Home);
        Control("TMPDIR", directory.Temporary);
        Control(ProcessTree.Marker, run.Value);
        Control("TF_CLI_CONFIG_FILE", directory.CliConfiguration);
        Control("TF_IN_AUTOMATION", "1");
        Control("TF_INPUT", "0");
        Control("CHECKPOINT_DISABLE", "1");
        // No shared credentials of this machine, and no metadata service: only what the run was given.
        Control("AWS_EC2_METADATA_DISABLED", "true");
        Control("AWS_CONFIG_FILE", Path.Combine(directory.Home, ".aws", "config"));
        Control("AWS_SHARED_CREDENTIALS_FILE", Path.Combine(directory.Home, ".aws", "credentials"));
    }

    private ChildEnvironment(Dictionary<string, string> values, Dictionary<string, string> controls)
    {
        _values = new Dictionary<string, string>(values, StringComparer.Ordinal);
        _controls = new Dictionary<string, string>(controls, StringComparer.Ordinal);
    }

    public ChildEnvironment Set(string name, string value)
    {
        _values[name] = value;
        return this;
    }

    /// <summary>Sets a value unless there is one: a workspace variable wins.</summary>
    public ChildEnvironment Default(string name, string value)
    {
        _values.TryAdd(name, value);
        return this;
    }

    /// <summary>Sets a value that no workspace variable may change.</summary>
    public ChildEnvironment Control(string name, string value)
    {
        _controls[name] = value;
        return this;
    }

    /// <summary>A copy to which more is added for some commands only.</summary>
    public ChildEnvironment Fork() => new(_values, _controls);

    public IReadOnlyDictionary<string, string> Build()
    {
        var result = new Dictionary<string, string>(_values, StringComparer.Ordinal);
        foreach (var (name, value) in _controls)
        {
            result[name] = value;
        }
        return result;
    }
}
