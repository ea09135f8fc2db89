using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Pages.Forms;

/// <summary>What became of a form, for the page that the browser is sent to next. It travels in a cookie, so that no link can
/// put words into our mouth.</summary>
internal sealed record Notice(string Text, bool IsProblem)
{
    private const string Cookie = "orchestrator-notice";
    private const int MaxLength = 800;
    private const char Problem = '!';
    private const char Success = '.';

    public static Notice Done(string text) => new(text, IsProblem: false);

    public static Notice Refused(string text) => new(text, IsProblem: true);

    public void Leave(HttpContext context)
    {
        if (IsProblem)
        {
            context.Audit().Fail();
        }
        var text = Text.Length > MaxLength ? Text[..MaxLength] + "…" : Text;
        context.Response.Cookies.Append(Cookie, Uri.EscapeDataString((IsProblem ? Problem : Success) + text), new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            Secure = context.Request.IsHttps,
            MaxAge = TimeSpan.FromMinutes(1),
            IsEssential = true,
        });
    }

    /// <summary>Reads it, once.</summary>
    public static Notice? Take(HttpContext context)
    {
        if (context.Request.Cookies[Cookie] is not { Length: > 0 } cookie || !HttpMethods.IsGet(context.Request.Method))
        {
            return null;
        }
        context.Response.Cookies.Delete(Cookie);
        var said = Uri.UnescapeDataString(cookie);
        return new Notice(said[1..], said[0] == Problem);
    }
}
