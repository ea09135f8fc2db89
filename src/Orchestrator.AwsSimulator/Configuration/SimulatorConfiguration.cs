using System.Text.Json;
using Orchestrator.AwsPolicies.Json;
using Orchestrator.AwsSimulator.Iam;

namespace Orchestrator.AwsSimulator.Configuration;

/// <summary>The accounts, roles and buckets the simulator starts with; the format is in <c>accounts.json</c>.</summary>
public sealed class SimulatorConfiguration
{
    // People write remarks into the file; the policies inside are checked as strictly as AWS does.
    private static readonly JsonDocumentOptions FileOptions = JsonCursor.Strict with
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        MaxDepth = 128,
    };

    internal SimulatorConfiguration(IReadOnlyList<Account> accounts, Relaxations relaxations, Faults faults)
    {
        (Accounts, Relaxations, Faults) = (accounts, relaxations, faults);
    }

    internal IReadOnlyList<Account> Accounts { get; }

    internal Relaxations Relaxations { get; }

    internal Faults Faults { get; }

    /// <summary>The trust policy of a role, as it was written; null when there is no such role.</summary>
    public string? TrustPolicyOf(string roleArn) =>
        Accounts.SelectMany(account => account.Roles).FirstOrDefault(role => role.Arn == roleArn)?.TrustPolicyText;

    /// <summary>Reads a configuration file.</summary>
    /// <param name="issuer">Replaces <c>${issuer}</c> and <c>${issuer_host}</c>; null when the file names none.</param>
    /// <exception cref="InvalidConfigurationException">The file is missing, not JSON, or describes the impossible.</exception>
    public static SimulatorConfiguration Load(string path, string? issuer = null)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new InvalidConfigurationException($"{path}: cannot be read: {unreadable.Message}");
        }

        return Parse(text, issuer, path);
    }

    /// <summary>Reads a configuration from JSON text.</summary>
    /// <param name="source">Named in error messages.</param>
    /// <exception cref="InvalidConfigurationException">As for <see cref="Load"/>.</exception>
    public static SimulatorConfiguration Parse(string json, string? issuer = null, string source = "configuration")
    {
        var text = Placeholders.Replace(json, issuer, source);
        try
        {
            using var document = JsonDocument.Parse(text, FileOptions);
            return ConfigurationReader.Read(new JsonCursor(document.RootElement, "$"));
        }
        catch (JsonException notJson)
        {
            throw new InvalidConfigurationException($"{source}: {notJson.Message}");
        }
        catch (JsonShapeException wrong)
        {
            throw new InvalidConfigurationException($"{source}: {wrong.Message}");
        }
    }
}
