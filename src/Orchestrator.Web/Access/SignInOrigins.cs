using Orchestrator.Access.SignIn;

namespace Orchestrator.Web.Access;

internal static class SignInOrigins
{
    /// <summary>Where the request comes from.</summary>
    public static SignInOrigin Origin(this HttpContext context) =>
        new(context.AddressOfCaller(), context.Request.Headers.UserAgent.ToString() is { Length: > 0 } agent ? agent : null);

    /// <summary>Null when there is none, as in a test server.</summary>
    public static string? AddressOfCaller(this HttpContext context) => context.Connection.RemoteIpAddress switch
    {
        null => null,
        { IsIPv4MappedToIPv6: true } mapped => mapped.MapToIPv4().ToString(),
        var address => address.ToString(),
    };
}
