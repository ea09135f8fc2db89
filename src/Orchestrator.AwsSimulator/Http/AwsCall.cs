using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Orchestrator.AwsSimulator.Http;

/// <summary>
/// A request as it was on the wire. ASP.NET Core decodes and normalises <c>Request.Path</c>, so a signature over it
/// would not be the one the client made; path and query here are untouched.
/// </summary>
internal sealed class AwsCall
{
    private readonly HttpRequest _request;
    private readonly Dictionary<string, StringValues> _query;

    public AwsCall(HttpContext context)
    {
        _request = context.Request;
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        // A proxy's client names the whole URL; OPTIONS may name "*", which has no path.
        var scheme = target.IndexOf("://", StringComparison.Ordinal);
        var pathStart = target.StartsWith('/') || scheme < 0 ? 0 : target.IndexOf('/', scheme + 3);
        var originForm = pathStart >= 0 && target[pathStart..] is ['/', ..] path ? path : "/";
        var mark = originForm.IndexOf('?');
        RawPath = mark < 0 ? originForm : originForm[..mark];
        RawQuery = mark < 0 ? "" : originForm[(mark + 1)..];
        _query = QueryHelpers.ParseQuery(RawQuery);
        RemoteAddress = context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped
            ? mapped.MapToIPv4().ToString()
            : context.Connection.RemoteIpAddress?.ToString();
    }

    public string RequestId { get; } = Guid.NewGuid().ToString();

    public string Method => _request.Method;

    public string RawPath { get; }

    public string RawQuery { get; }

    public string Host => _request.Headers.Host.ToString();

    public bool IsHttps => _request.IsHttps;

    public string? RemoteAddress { get; }

    public Stream Body => _request.Body;

    public IHeaderDictionary Headers => _request.Headers;

    public IReadOnlyDictionary<string, StringValues> Query => _query;

    /// <returns>Null when the header is absent; several lines of one name are joined by commas.</returns>
    public string? Header(string name) =>
        _request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    /// <returns>Null when the parameter is absent.</returns>
    public string? QueryValue(string name) => _query.TryGetValue(name, out var values) ? values.ToString() : null;
}
