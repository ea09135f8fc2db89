using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amazon.SecurityToken.Model;

namespace Orchestrator.AwsSimulator.Tests.Drivers;

/// <summary>Signature Version 4 from the client's side, written from AWS's description and not from the simulator.</summary>
internal sealed class RequestSigner(Credentials credentials, string service)
{
    public string Region { get; init; } = "eu-central-1";

    public byte[] Key(string day)
    {
        var key = Encoding.UTF8.GetBytes("AWS4" + credentials.SecretAccessKey);
        return new[] { day, Region, service, "aws4_request" }.Aggregate(key, Hmac);
    }

    /// <summary>Adds date, token and signature. All headers present are signed except <paramref name="unsigned"/>.</summary>
    /// <returns>The signature.</returns>
    public string Sign(
        HttpRequestMessage request, string payloadHash, DateTimeOffset at, string? day = null, params string[] unsigned)
    {
        var stamp = Stamp(at);
        day ??= stamp[..8];
        request.Headers.TryAddWithoutValidation("x-amz-date", stamp);
        request.Headers.TryAddWithoutValidation("x-amz-security-token", credentials.SessionToken);

        var headers = request.Headers.Concat(request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>())
            .Select(header => (Name: header.Key.ToLowerInvariant(), Value: string.Join(",", header.Value)))
            .Append((Name: "host", Value: request.Headers.Host ?? request.RequestUri!.Authority))
            .Where(header => !unsigned.Contains(header.Name))
            .DistinctBy(header => header.Name)
            .OrderBy(header => header.Name, StringComparer.Ordinal)
            .ToList();
        var names = string.Join(';', headers.Select(header => header.Name));
        var query = string.Join('&', request.RequestUri!.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Contains('=', StringComparison.Ordinal) ? pair : pair + "=")
            .Order(StringComparer.Ordinal));
        var canonical = string.Join('\n',
        [
            request.Method.Method,
            request.RequestUri.AbsolutePath,
            query,
            .. headers.Select(header => $"{header.Name}:{header.Value.Trim()}"),
            "",
            names,
            payloadHash,
        ]);
        var scope = $"{day}/{Region}/{service}/aws4_request";
        var signature = Convert.ToHexStringLower(
            Hmac(Key(day), $"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{Hash(Encoding.UTF8.GetBytes(canonical))}"));
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"AWS4-HMAC-SHA256 Credential={credentials.AccessKeyId}/{scope}, SignedHeaders={names}, Signature={signature}");
        return signature;
    }

    public static string Hash(byte[] data) => Convert.ToHexStringLower(SHA256.HashData(data));

    public static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    public static string Stamp(DateTimeOffset at) => at.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
}
