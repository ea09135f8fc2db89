using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Http;
using Orchestrator.AwsSimulator.Sessions;

namespace Orchestrator.AwsSimulator.Signing;

/// <summary>Verifies Signature Version 4 by recomputing it (AWS "Signature Version 4 signing process").</summary>
internal sealed class SignatureVerifier(SessionStore sessions, TimeProvider clock)
{
    private const string Check = "signature";

    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(15);

    /// <param name="payloadHash">What the signature covers in place of the body.</param>
    public Checked<SignedCaller> Verify(AwsCall call, SignedService service, string payloadHash)
    {
        if (call.Header("Authorization") is not { Length: > 0 } text)
        {
            return Fault(SignatureFault.Unsigned, "");
        }

        if (AuthorizationHeader.Parse(text) is not { } header)
        {
            return Fault(SignatureFault.Malformed, "The Authorization header is not of the form AWS4-HMAC-SHA256 "
                + "Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders=..., Signature=...");
        }

        if (call.Header("X-Amz-Date") is not { } date
            || !AwsTime.TryParseCompact(date, out var signedAt))
        {
            return Fault(SignatureFault.Malformed, "The X-Amz-Date header is missing or not of the form YYYYMMDD'T'HHMMSS'Z'");
        }

        if (!FindSession(call, header, Fault).Passed(out var session, out var refusal))
        {
            return refusal;
        }

        if (CheckScope(header, service, date, signedAt, Fault) is { } badScope)
        {
            return badScope;
        }

        if (FirstUnsigned(call, header) is { } unsigned)
        {
            return Fault(SignatureFault.UnsignedHeader, unsigned);
        }

        var canonical = CanonicalRequest.Build(call, header.SignedHeaders, payloadHash);
        var canonicalHash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
        var key = new SigningKey(session.SecretAccessKey, header);
        var signature = key.Sign($"{AuthorizationHeader.Algorithm}\n{date}\n{header.Scope}\n{canonicalHash}");
        return ConstantTime.Equal(signature, header.Signature)
            ? new SignedCaller(session, header.Region, header.Scope, date, signature, key)
            // The expected signature stays here: with it the next attempt would pass.
            : Fault(
                SignatureFault.Mismatch,
                "",
                new Comparison(
                    "canonical request", canonical.Replace(session.SessionToken, "(session token)", StringComparison.Ordinal), null));

        Refusal Fault(SignatureFault fault, string detail, params Comparison[] comparisons) =>
            new(service.Describe(fault, detail), Check) { Comparisons = comparisons };
    }

    private Checked<Session> FindSession(AwsCall call, AuthorizationHeader header, FaultReport report)
    {
        var session = sessions.Find(header.AccessKeyId);
        var token = call.Header("X-Amz-Security-Token");
        if (session is null || token is null)
        {
            return report(
                SignatureFault.UnknownKey,
                header.AccessKeyId,
                new Comparison("access key id", "a session of this simulator", session is null ? "unknown" : "known"),
                new Comparison("x-amz-security-token", "present", token is null ? "absent" : "present"));
        }

        if (!ConstantTime.Equal(session.SessionToken, token))
        {
            return report(SignatureFault.WrongToken, "", new Comparison("session token", "the one issued with the key", "another"));
        }

        var now = clock.GetUtcNow();
        return session.EndsAt <= now
            ? report(
                SignatureFault.ExpiredSession,
                "",
                new Comparison("session's end", $"after {now:O}", session.EndsAt.ToString("O", CultureInfo.InvariantCulture)))
            : session;
    }

    private Refusal? CheckScope(
        AuthorizationHeader header, SignedService service, string date, DateTimeOffset signedAt, FaultReport report)
    {
        if (header.Service != service.Name)
        {
            return report(
                SignatureFault.WrongScope,
                $"Credential should be scoped to correct service: '{service.Name}'",
                new Comparison("service in the credential scope", service.Name, header.Service));
        }

        if (!date.StartsWith(header.Date, StringComparison.Ordinal))
        {
            return report(
                SignatureFault.WrongScope,
                $"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                    + $"'{header.Date}' != '{date[..8]}', from '{date}'",
                new Comparison("date in the credential scope", date[..8], header.Date));
        }

        var now = clock.GetUtcNow();
        return (now - signedAt).Duration() > MaxSkew
            ? report(
                SignatureFault.Skewed,
                signedAt < now
                    ? $"Signature expired: {date} is now earlier than {AwsTime.Compact(now - MaxSkew)} ({AwsTime.Compact(now)} - 15 min.)"
                    : $"Signature not yet current: {date} is still later than {AwsTime.Compact(now + MaxSkew)} ({AwsTime.Compact(now)} + 15 min.)",
                new Comparison("x-amz-date", $"within 15 minutes of {AwsTime.Compact(now)}", date))
            : null;
    }

    private static string? FirstUnsigned(AwsCall call, AuthorizationHeader header) =>
        call.Headers.Keys
            .Select(name => name.ToLowerInvariant())
            .Where(name => name.StartsWith("x-amz-", StringComparison.Ordinal))
            .Prepend("host")
            .FirstOrDefault(name => !header.SignedHeaders.Contains(name));

    private delegate Refusal FaultReport(SignatureFault fault, string detail, params Comparison[] comparisons);
}
