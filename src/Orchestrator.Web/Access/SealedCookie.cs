using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Orchestrator.Web.Access;

/// <summary>What a browser carries from one request to one of the next: encrypted, for one purpose, for a while. It opens nothing by itself.</summary>
/// <param name="path">Where it is sent to.</param>
/// <param name="comesFromElsewhere">Whether it is set where another site has led the browser, and read on the way on.</param>
internal sealed class SealedCookie(
    IDataProtectionProvider protection, string name, string purpose, TimeSpan lifetime, string path = "/", bool comesFromElsewhere = false)
{
    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector(purpose).ToTimeLimitedDataProtector();

    public void Set(HttpContext context, string content) => context.Response.Cookies.Append(
        name, _protector.Protect(content, lifetime), new CookieOptions
        {
            HttpOnly = true,
            SameSite = comesFromElsewhere ? SameSiteMode.Lax : SameSiteMode.Strict,
            Secure = context.Request.IsHttps,
            Path = path,
            MaxAge = lifetime,
            IsEssential = true,
        });

    /// <returns>Null when there is none, it is too old, or nobody here has made it.</returns>
    public string? Of(HttpContext context)
    {
        try
        {
            return context.Request.Cookies[name] is { Length: > 0 } cookie && _protector.Unprotect(cookie) is { Length: > 0 } content ? content : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public void End(HttpContext context) => context.Response.Cookies.Delete(name, new CookieOptions { Path = path });
}
