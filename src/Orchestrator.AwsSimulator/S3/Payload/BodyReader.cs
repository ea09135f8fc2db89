using System.Globalization;
using System.Security.Cryptography;
using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Http;
using Orchestrator.AwsSimulator.Signing;

namespace Orchestrator.AwsSimulator.S3.Payload;

/// <summary>Reads a body the way <c>x-amz-content-sha256</c> announces it.</summary>
internal sealed class BodyReader(int mostBytes)
{
    // Chunk headers and trailers come on top of the content.
    private const int CodingAllowance = 1024 * 1024;

    public async Task<Checked<ReceivedBody>> ReadAsync(AwsCall call, SignedCaller caller, CancellationToken cancellationToken)
    {
        if (await BoundedBody.ReadAsync(call.Body, mostBytes + CodingAllowance, cancellationToken) is not { } raw)
        {
            return S3Errors.TooLarge();
        }

        if (!Decode(call, caller, raw).Passed(out var decoded, out var refusal))
        {
            return refusal;
        }

        return decoded.Content.Length > mostBytes ? S3Errors.TooLarge() : VerifyChecksums(call, decoded);
    }

    private static Checked<ChunkedBody> Decode(AwsCall call, SignedCaller caller, byte[] raw)
    {
        var announced = call.Header("x-amz-content-sha256")!;
        var coding = announced switch
        {
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => ChunkCoding.Unsigned,
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" or "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => ChunkCoding.Signed,
            _ => ChunkCoding.None,
        };
        if (coding == ChunkCoding.None)
        {
            var hash = Convert.ToHexStringLower(SHA256.HashData(raw));
            return announced == "UNSIGNED-PAYLOAD" || ConstantTime.Equal(hash, announced)
                ? new ChunkedBody(raw, new Dictionary<string, string>())
                : S3Errors.HashMismatch(hash, announced);
        }

        if (!ChunkedBody.Decode(raw, coding == ChunkCoding.Signed ? caller : null).Passed(out var body, out var refusal))
        {
            return refusal;
        }

        var length = call.Header("x-amz-decoded-content-length");
        return length == body.Content.Length.ToString(CultureInfo.InvariantCulture)
            ? body
            : S3Errors.IncompleteBody($"x-amz-decoded-content-length {length ?? "(absent)"}, content {body.Content.Length}");
    }

    private static Checked<ReceivedBody> VerifyChecksums(AwsCall call, ChunkedBody body)
    {
        var trailers = (call.Header("x-amz-trailer") ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var announced in trailers)
        {
            if (!body.Trailers.ContainsKey(announced))
            {
                return S3Errors.InvalidRequest($"The trailer {announced} was announced and did not come");
            }
        }

        var verified = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (header, compute) in Checksum.Known)
        {
            if ((call.Header(header) ?? body.Trailers.GetValueOrDefault(header)) is not { } stated)
            {
                continue;
            }

            var actual = compute(body.Content);
            if (actual != stated)
            {
                return S3Errors.BadDigest(header, actual, stated);
            }

            if (header != Checksum.ContentMd5)
            {
                verified[header] = stated;
            }
        }

        return new ReceivedBody(body.Content, verified);
    }

    private enum ChunkCoding
    {
        None,
        Unsigned,
        Signed,
    }
}
