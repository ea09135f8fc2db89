using Microsoft.AspNetCore.DataProtection;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;

namespace Orchestrator.Web.Access;

/// <summary>Who has shown a first factor in this browser, and owes a second one.</summary>
internal sealed record FirstFactor(UserId User, SignInMethod Method);

/// <summary>Remembers, between two forms, that a first factor was right.</summary>
internal sealed class SecondStep(IDataProtectionProvider protection)
{
    public const string Path = "/sign-in/second";
    public const string Cookie = "orchestrator-second";

    /// <summary>Time to fetch the phone.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly SealedCookie _cookie = new(protection, Cookie, "Orchestrator.SecondStep.v1", Lifetime, Path);

    public void Begin(HttpContext context, FirstFactor first) => _cookie.Set(context, $"{first.User}|{EnumText.Of(first.Method)}");

    /// <returns>Null when nobody has shown one, or too long ago.</returns>
    public FirstFactor? Of(HttpContext context) =>
        _cookie.Of(context)?.Split('|') is [var user, var method] ? new FirstFactor(new UserId(user), EnumText.Parse<SignInMethod>(method)) : null;

    public void End(HttpContext context) => _cookie.End(context);
}
