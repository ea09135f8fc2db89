using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;

namespace Orchestrator.Web.Access;

/// <summary>Who has shown a first factor in this browser, and owes a second one.</summary>
internal sealed record FirstFactor(UserId User, SignInMethod Method);

/// <summary>Remembers, between two forms, that a first factor was right. It travels encrypted in the browser, and opens nothing.</summary>
internal sealed class SecondStep(IDataProtectionProvider protection)
{
    public const string Path = "/sign-in/second";
    public const string Cookie = "orchestrator-second";

    /// <summary>Time to fetch the phone.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("Orchestrator.SecondStep.v1").ToTimeLimitedDataProtector();

    public void Begin(HttpContext context, FirstFactor first) => context.Response.Cookies.Append(
        Cookie, _protector.Protect($"{first.User}|{EnumText.Of(first.Method)}", Lifetime), new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = context.Request.IsHttps,
            Path = Path,
            MaxAge = Lifetime,
            IsEssential = true,
        });

    /// <returns>Null when nobody has shown one, or too long ago.</returns>
    public FirstFactor? Of(HttpContext context)
    {
        try
        {
            return context.Request.Cookies[Cookie] is { Length: > 0 } cookie
                && _protector.Unprotect(cookie).Split('|') is [var user, var method]
                ? new FirstFactor(new UserId(user), EnumText.Parse<SignInMethod>(method))
                : null;
        }
        catch (Exception forged) when (forged is CryptographicException or FormatException)
        {
            return null;
        }
    }

    public static void End(HttpContext context) => context.Response.Cookies.Delete(Cookie, new CookieOptions { Path = Path });
}
