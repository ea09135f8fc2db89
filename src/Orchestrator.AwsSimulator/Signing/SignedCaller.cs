using System.Security.Cryptography;
using System.Text;
using Orchestrator.AwsSimulator.Sessions;

namespace Orchestrator.AwsSimulator.Signing;

/// <summary>Someone who proved to hold a session's secret.</summary>
/// <param name="Date">The request's <c>x-amz-date</c>.</param>
/// <param name="Signature">Of the request; the first link of a chain when the body is signed in chunks.</param>
internal sealed record SignedCaller(
    Session Session, string Region, string Scope, string Date, string Signature, SigningKey Key)
{
    private static readonly string EmptyHash = Convert.ToHexStringLower(SHA256.HashData([]));

    /// <summary>The signature of one chunk of a body, which covers the one before it.</summary>
    public string SignChunk(string previousSignature, ReadOnlySpan<byte> data) => Key.Sign(
        $"AWS4-HMAC-SHA256-PAYLOAD\n{Date}\n{Scope}\n{previousSignature}\n{EmptyHash}\n{Hash(data)}");

    /// <summary>The signature of the headers that follow the last chunk.</summary>
    public string SignTrailer(string previousSignature, string trailer) => Key.Sign(
        $"AWS4-HMAC-SHA256-TRAILER\n{Date}\n{Scope}\n{previousSignature}\n{Hash(Encoding.UTF8.GetBytes(trailer))}");

    private static string Hash(ReadOnlySpan<byte> data) => Convert.ToHexStringLower(SHA256.HashData(data));
}
