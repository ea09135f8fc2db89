using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Access;

/// <summary>Bounds how often one address may fail to prove something, so that nobody tries secrets by the thousand.</summary>
internal sealed class FailedAttempts(TimeProvider clock)
{
    /// <summary>A person does not get that far, and a program gets nowhere with it.</summary>
    public const int MaxInWindow = 60;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private const int MaxAddresses = 10_000;

    private readonly ConcurrentDictionary<string, Failures> _failures = new(StringComparer.Ordinal);

    public void Count(HttpContext context)
    {
        context.Audit().Refuse();
        var now = clock.GetUtcNow();
        if (_failures.Count >= MaxAddresses)
        {
            _failures.Clear();
        }
        _failures.AddOrUpdate(
            AddressOf(context),
            _ => new Failures(now + Window, 1),
            (_, known) => known.Until > now ? known with { Count = known.Count + 1 } : new Failures(now + Window, 1));
    }

    /// <returns>How long this address has to wait; null when it need not.</returns>
    public TimeSpan? WaitOf(HttpContext context) =>
        _failures.TryGetValue(AddressOf(context), out var known) && known.Count >= MaxInWindow && known.Until - clock.GetUtcNow() is var left
            && left > TimeSpan.Zero ? left : null;

    /// <summary>Whoever has one IPv6 address has 2⁶⁴ of them: the network counts as one.</summary>
    internal static string AddressOf(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress;
        if (address is not { AddressFamily: AddressFamily.InterNetworkV6 } || address.IsIPv4MappedToIPv6)
        {
            return address?.MapToIPv4().ToString() ?? "";
        }
        var network = address.GetAddressBytes();
        network.AsSpan(8).Clear();
        return new IPAddress(network).ToString();
    }

    private sealed record Failures(DateTimeOffset Until, int Count);
}

internal static class FailedAttemptsRoutes
{
    /// <summary>Refuses whoever has failed too often. The handlers say what is a failure.</summary>
    public static TBuilder LimitFailures<TBuilder>(this TBuilder routes) where TBuilder : IEndpointConventionBuilder =>
        routes.AddEndpointFilter(CheckAsync);

    private static ValueTask<object?> CheckAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        if (context.RequestServices.GetRequiredService<FailedAttempts>().WaitOf(context) is not { } wait)
        {
            return next(invocation);
        }
        context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return ValueTask.FromResult<object?>(Results.Text(
            "Too many attempts have failed. Wait a minute, then try again.\n", statusCode: StatusCodes.Status429TooManyRequests));
    }
}
