namespace Orchestrator.AwsSimulator.Configuration;

/// <summary>The rules IAM has for the URL of an OpenID Connect provider.</summary>
internal static class OidcProviderUrl
{
    public static string? Problem(string text, Relaxations relaxations)
    {
        if (text.Length > 255 || !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            return $"'{text}' is not an https URL of at most 255 characters";
        }

        if (url.Query.Length > 0 || url.Fragment.Length > 0 || url.UserInfo.Length > 0)
        {
            return "a provider's URL has no user, query or fragment";
        }

        if (url.Scheme == "http" && !relaxations.AllowHttpIssuer)
        {
            return "AWS accepts https issuers only; relaxations.allowHttpIssuer lifts that here";
        }

        if (!url.IsDefaultPort && !relaxations.AllowPortInIssuer)
        {
            return "AWS accepts no port in an issuer; relaxations.allowPortInIssuer lifts that here";
        }

        return null;
    }
}
