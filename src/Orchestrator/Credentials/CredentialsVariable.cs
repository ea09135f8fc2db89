using System.Text.Json;

namespace Orchestrator.Credentials;

/// <summary>The terraform variable <c>tfc_CLOUD_dynamic_credentials</c>, which tells a configuration's providers whose credentials are
/// where: <c>default</c>, null when there is no such configuration, and <c>aliases</c> by tag.</summary>
internal static class CredentialsVariable
{
    /// <returns>For the environment: a variable that no configuration declares is passed over in silence when it comes by there.</returns>
    public static (string Name, string Value) Of(
        string cloud, IReadOnlyList<CloudConfiguration> configurations, Func<CloudConfiguration, IReadOnlyDictionary<string, string>> fields)
    {
        var byDefault = configurations.FirstOrDefault(configuration => configuration.Tag is null);
        return ($"TF_VAR_tfc_{cloud}_dynamic_credentials", JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["default"] = byDefault is null ? null : fields(byDefault),
            ["aliases"] = configurations.Where(configuration => configuration.Tag is not null)
                .ToDictionary(configuration => configuration.Tag!, fields),
        }));
    }
}
