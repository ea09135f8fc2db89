using System.Globalization;
using System.Text;
using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Signing;

namespace Orchestrator.AwsSimulator.S3.Payload;

/// <summary>
/// The <c>aws-chunked</c> coding (S3 API reference, "Signature calculations: transferring payload in multiple chunks"):
/// <c>size[;chunk-signature=…]\r\n data \r\n</c>, a chunk of size 0, trailers, an empty line.
/// </summary>
internal sealed record ChunkedBody(byte[] Content, IReadOnlyDictionary<string, string> Trailers)
{
    private const string SignatureExtension = ";chunk-signature=";
    private const string TrailerSignature = "x-amz-trailer-signature";

    /// <param name="signer">Null when chunks are not signed.</param>
    public static Checked<ChunkedBody> Decode(ReadOnlySpan<byte> raw, SignedCaller? signer)
    {
        using var content = new MemoryStream(raw.Length);
        var rest = raw;
        var previous = signer?.Signature ?? "";
        while (true)
        {
            if (ReadLine(ref rest) is not { } line || ReadSize(line, out var signature) is not { } size || size > rest.Length)
            {
                return S3Errors.IncompleteBody("a chunk is missing or its size is wrong");
            }

            var data = rest[..size];
            if (signer is not null)
            {
                var expected = signer.SignChunk(previous, data);
                if (!ConstantTime.Equal(expected, signature))
                {
                    return S3Errors.ChunkSignature();
                }

                previous = expected;
            }

            rest = rest[size..];
            if (size == 0)
            {
                break;
            }

            content.Write(data);
            if (ReadLine(ref rest) is not "")
            {
                return S3Errors.IncompleteBody("a chunk does not end where its size says");
            }
        }

        var trailers = ReadTrailers(rest);
        if (signer is not null && trailers.Remove(TrailerSignature, out var trailerSignature))
        {
            var signed = string.Concat(trailers.Select(trailer => $"{trailer.Key}:{trailer.Value}\n"));
            return ConstantTime.Equal(signer.SignTrailer(previous, signed), trailerSignature)
                ? new ChunkedBody(content.ToArray(), trailers)
                : S3Errors.ChunkSignature();
        }

        return signer is not null && trailers.Count > 0 ? S3Errors.ChunkSignature() : new ChunkedBody(content.ToArray(), trailers);
    }

    private static int? ReadSize(string line, out string signature)
    {
        var extension = line.IndexOf(SignatureExtension, StringComparison.Ordinal);
        signature = extension < 0 ? "" : line[(extension + SignatureExtension.Length)..].Trim();
        var digits = extension < 0 ? line : line[..extension];
        return int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size) && size >= 0
            ? size
            : null;
    }

    private static Dictionary<string, string> ReadTrailers(ReadOnlySpan<byte> rest)
    {
        var trailers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (ReadLine(ref rest) is { Length: > 0 } line && line.IndexOf(':') is var colon and > 0)
        {
            trailers[line[..colon].Trim().ToLowerInvariant()] = line[(colon + 1)..].Trim();
        }

        return trailers;
    }

    private static string? ReadLine(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf("\r\n"u8);
        if (end < 0)
        {
            return null;
        }

        var line = Encoding.ASCII.GetString(rest[..end]);
        rest = rest[(end + 2)..];
        return line;
    }
}
