namespace Orchestrator.Runs;

/// <summary>The front doors that runs come through, as the API calls them.</summary>
public static class RunSource
{
    public const string Api = "tfe-api";
    public const string Pages = "tfe-ui";
    public const string Upload = "tfe-configuration-version";

    /// <summary>The CLI with a <c>cloud</c> block.</summary>
    public const string Cli = "terraform+cloud";

    /// <summary>The CLI with the <c>remote</c> backend.</summary>
    public const string RemoteBackend = "terraform";

    public const string RunTrigger = "tfe-run-trigger";

    /// <summary>What a run says that was given no message.</summary>
    internal static string Message(string source) => source switch
    {
        Cli or RemoteBackend => "Queued manually using Terraform",
        Pages => "Queued manually in the browser",
        Upload => "Queued by the upload of a configuration",
        _ => "Queued manually via the API",
    };
}
