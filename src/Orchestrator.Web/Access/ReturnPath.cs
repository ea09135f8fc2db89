namespace Orchestrator.Web.Access;

/// <summary>Where somebody wanted to go before they were asked to sign in. It lasts while they look for their link, which knows
/// nothing of it.</summary>
internal static class ReturnPath
{
    public const string Cookie = "orchestrator-return";

    /// <summary>Browsers drop larger cookies.</summary>
    private const int MaxLength = 3000;

    private const string Home = "/";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    /// <summary>Only a path of this site; anything else leads home.</summary>
    public static string LocalOf(string? path) =>
        path is not null && path.StartsWith('/') && !path.StartsWith("//", StringComparison.Ordinal) && !path.StartsWith("/\\", StringComparison.Ordinal)
            && !path.Any(char.IsControl) ? path : Home;

    /// <summary>Remembers it in the browser that is about to sign in.</summary>
    public static void Keep(HttpContext context, string? path)
    {
        if (LocalOf(path) is not Home and { Length: <= MaxLength } local)
        {
            context.Response.Cookies.Append(Cookie, Uri.EscapeDataString(local), new CookieOptions
            {
                HttpOnly = true,
                SameSite = SameSiteMode.Lax,
                Secure = context.Request.IsHttps,
                MaxAge = Lifetime,
                IsEssential = true,
            });
        }
    }

    /// <summary>Where to go after the sign-in: what the form says, else what the browser remembers, which it forgets now.</summary>
    /// <returns>Null when there is neither.</returns>
    public static string? Take(HttpContext context, string? said)
    {
        var kept = context.Request.Cookies[Cookie];
        if (kept is not null)
        {
            context.Response.Cookies.Delete(Cookie);
        }
        return LocalOf(said) is not Home and var path ? path
            : LocalOf(Uri.UnescapeDataString(kept ?? "")) is not Home and var remembered ? remembered
            : null;
    }
}
