using Microsoft.Extensions.Options;
using Orchestrator.Credentials.Aws;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Web.Hosting;

/// <summary><c>Orchestrator__Issuer</c> as it was set, before the server listens and a default takes the place of none.</summary>
internal sealed partial class IssuerSetting(IOptionsMonitor<IssuerOptions> issuer, ILogger<IssuerSetting> logger)
{
    /// <summary>The options by this name have no default.</summary>
    public const string AsConfigured = "as configured";

    private const string WhatToSet =
        "Set Orchestrator__Issuer to an https URL without a port, such as https://orchestrator.example.com, where this server or a copy of "
        + "its documents ('issuer export') can be reached.";

    /// <summary>Empty when it is not set.</summary>
    public string Address => issuer.Get(AsConfigured).Issuer;

    /// <summary>The address's path, such as <c>/tenants/one</c>; empty when there is none.</summary>
    public string Path => Address.Length > 0 ? new Uri(Address).AbsolutePath.TrimEnd('/') : "";

    public void Warn()
    {
        if (Address.Length > 0 && IssuerAddress.FaultForAws(Address) is { } fault)
        {
            Log.OnlyLocal(logger, Address, fault, WhatToSet);
        }
    }

    public void WarnSeparateWorker()
    {
        if (Address.Length == 0)
        {
            Log.NotSet(logger);
        }
    }

    /// <summary>Refuses an address that no relying party could accept, and, where AWS itself is asked, one that AWS never does.</summary>
    public sealed class Rules(IOptions<AwsOptions> aws, IOptions<SimulatorOptions> simulator) : IValidateOptions<IssuerOptions>
    {
        private bool AsksAwsItself => !simulator.Value.Enabled && aws.Value.StsEndpoint is null or "";

        public ValidateOptionsResult Validate(string? name, IssuerOptions options)
        {
            if (name != AsConfigured || options.Issuer.Length == 0)
            {
                return ValidateOptionsResult.Skip;
            }
            if (IssuerAddress.Fault(options.Issuer) is { } fault)
            {
                return ValidateOptionsResult.Fail($"'{options.Issuer}' cannot be the issuer: {fault}. {WhatToSet}");
            }
            return AsksAwsItself && !new Uri(options.Issuer).IsLoopback && IssuerAddress.FaultForAws(options.Issuer) is { } faultForAws
                ? ValidateOptionsResult.Fail($"AWS would never accept '{options.Issuer}' as an issuer: {faultForAws}. {WhatToSet}")
                : ValidateOptionsResult.Success;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The issuer {Issuer} is good for a simulator, but AWS would never accept it: {Fault}. {WhatToSet}")]
        public static partial void OnlyLocal(ILogger logger, string issuer, string fault, string whatToSet);

        [LoggerMessage(2, LogLevel.Warning, "This worker signs run tokens in its own name, which nobody trusts. Set Orchestrator__Issuer to the server's.")]
        public static partial void NotSet(ILogger logger);
    }
}

internal static class IssuerSettingServices
{
    public static void AddIssuerSetting(this IServiceCollection services, IConfigurationSection section)
    {
        services.AddOptions<IssuerOptions>(IssuerSetting.AsConfigured).Bind(section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<IssuerOptions>, IssuerSetting.Rules>();
        services.AddSingleton<IssuerSetting>();
    }
}
