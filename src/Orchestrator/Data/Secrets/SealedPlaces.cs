namespace Orchestrator.Data.Secrets;

/// <summary>Where each encrypted value rests. Whoever seals it, opens it, or encrypts it anew says the same.</summary>
public static class SealedPlaces
{
    internal const string AllVariables = "/all";
    internal const string OwnVariables = "/own";
    internal const string Url = "/url";
    internal const string Token = "/token";
    internal const string Password = "/password";
    internal const string TimeCode = "/time-code";
    internal const string AppKey = "/app-key";
    internal const string SshKey = "/ssh-key";
    internal const string WebhookSecret = "/webhook-secret";
    internal const string Body = "/body";

    public static string Of(VariableId id) => id.Value;

    /// <summary>What terraform will see of a run's variables.</summary>
    public static string OfVariables(RunId id) => id.Value + AllVariables;

    /// <summary>What a run brought along.</summary>
    public static string OfOwnVariables(RunId id) => id.Value + OwnVariables;

    public static string Of(StateOutputId id) => id.Value;

    public static string Of(SshKeyId id) => id.Value;

    public static string OfChunk(RunId run, string phase, long offset) => FormattableString.Invariant($"{run.Value}/{phase}/{offset}");

    public static string OfUrl(NotificationConfigurationId id) => id.Value + Url;

    public static string OfPassword(UserId id) => id.Value + Password;

    public static string OfTimeCode(UserId id) => id.Value + TimeCode;

    public static string OfToken(NotificationConfigurationId id) => id.Value + Token;

    public static string OfToken(OAuthClientId id) => id.Value + Token;

    public static string OfAppKey(OAuthClientId id) => id.Value + AppKey;

    public static string OfSshKey(OAuthClientId id) => id.Value + SshKey;

    public static string OfWebhookSecret(OAuthClientId id) => id.Value + WebhookSecret;

    public static string OfBody(VcsDeliveryId id) => id.Value + Body;
}
