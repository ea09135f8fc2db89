using System.Security.Cryptography;
using System.Text;
using Orchestrator.AwsSimulator.Tests.Drivers;

namespace Orchestrator.AwsSimulator.Tests.S3;

/// <summary>The ways a client may send and vouch for a body.</summary>
public sealed class PayloadTests : IAsyncLifetime
{
    private const string UnsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    private const string SignedChunks = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    private const string SignedChunksTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";

    private Simulation _simulation = null!;
    private S3Client _s3 = null!;

    public async ValueTask InitializeAsync()
    {
        _simulation = await Simulation.StartAsync();
        _s3 = await _simulation.S3Async();
    }

    public ValueTask DisposeAsync() => _simulation.DisposeAsync();

    [Fact]
    public async Task An_unsigned_payload_is_taken()
    {
        var answer = await _s3.SendAsync(HttpMethod.Put, "/data/file", "content"u8.ToArray(), payloadHash: "UNSIGNED-PAYLOAD");

        Assert.Equal(200, answer.Status);
        Assert.Equal("content", (await _s3.GetAsync("/data/file")).Body);
    }

    // The check value of every CRC catalogue: the checksum of "123456789".
    [Theory]
    [InlineData("x-amz-checksum-crc32", "y/Q5Jg==")]
    [InlineData("x-amz-checksum-crc32c", "4waSgw==")]
    [InlineData("x-amz-checksum-crc64nvme", "rosUhgp5mIg=")]
    [InlineData("x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE=")]
    [InlineData("x-amz-checksum-sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=")]
    public async Task A_checksum_is_verified_kept_and_given_back(string header, string value)
    {
        var good = await _s3.PutAsync("/data/file", "123456789", (header, value));
        var bad = await _s3.PutAsync("/data/other", "123456780", (header, value));

        Assert.Equal((200, value), (good.Status, good.Headers[header]));
        Assert.Equal((400, "BadDigest"), (bad.Status, bad.Code));
        Assert.Equal(value, (await _s3.GetAsync("/data/file", ("x-amz-checksum-mode", "ENABLED"))).Headers[header]);
        Assert.Equal(404, (await _s3.GetAsync("/data/other")).Status);
    }

    [Theory]
    [InlineData("mgNkuembtIDdJeHwKEyFVQ==", 200)]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA==", 400)]
    public async Task A_content_MD5_is_verified(string md5, int status) =>
        Assert.Equal(status, (await _s3.PutAsync("/data/file", "content", ("Content-MD5", md5))).Status);

    [Fact]
    public async Task An_unsigned_chunked_body_is_put_together()
    {
        var answer = await ChunkedAsync(
            UnsignedTrailer, _ => $"5\r\nHello\r\n8\r\n, world!\r\n0\r\nx-amz-checksum-sha256:{Sha256("Hello, world!")}\r\n\r\n",
            length: 13, trailer: "x-amz-checksum-sha256");

        Assert.Equal(200, answer.Status);
        Assert.Equal("Hello, world!", (await _s3.GetAsync("/data/file")).Body);
        Assert.False((await _s3.GetAsync("/data/file")).Headers.ContainsKey("Content-Encoding"));
    }

    [Theory]
    [InlineData("5\r\nHello\r\n0\r\nx-amz-checksum-sha256:AAAA\r\n\r\n", "BadDigest")]
    [InlineData("5\r\nHello\r\n0\r\n\r\n", "InvalidRequest")]
    [InlineData("5\r\nHello", "IncompleteBody")]
    [InlineData("FFFFFF\r\nHello\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("FFFFFFFF\r\nHello\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("4\r\nHello\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("4\r\nHell\r\n0\r\nx-amz-checksum-sha256:AAAA\r\n\r\n", "IncompleteBody")]
    [InlineData("Hello", "IncompleteBody")]
    public async Task A_chunked_body_of_the_wrong_form_is_refused(string body, string code)
    {
        var answer = await ChunkedAsync(UnsignedTrailer, _ => body, length: 5, trailer: "x-amz-checksum-sha256");

        Assert.Equal((400, code), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Signed_chunks_are_verified_one_by_one()
    {
        var answer = await ChunkedAsync(SignedChunks, seed => Chunks(seed, "Hello", ", world!") + "\r\n", length: 13);

        Assert.Equal(200, answer.Status);
        Assert.Equal("Hello, world!", (await _s3.GetAsync("/data/file")).Body);
    }

    [Fact]
    public async Task A_changed_chunk_is_noticed()
    {
        var answer = await ChunkedAsync(
            SignedChunks,
            seed => (Chunks(seed, "Hello", ", world!") + "\r\n").Replace("world", "there", StringComparison.Ordinal),
            length: 13);

        Assert.Equal((403, "SignatureDoesNotMatch"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task A_chunk_that_was_left_out_is_noticed()
    {
        var answer = await ChunkedAsync(
            SignedChunks,
            seed =>
            {
                var body = Chunks(seed, "Hello", ", world!") + "\r\n";
                return body[body.IndexOf("8;", StringComparison.Ordinal)..];
            },
            length: 8);

        Assert.Equal("SignatureDoesNotMatch", answer.Code);
    }

    [Theory]
    [InlineData(true, 200)]
    [InlineData(false, 403)]
    public async Task A_trailer_of_signed_chunks_is_signed_as_well(bool honest, int status)
    {
        var answer = await ChunkedAsync(
            SignedChunksTrailer,
            seed =>
            {
                var trailer = $"x-amz-checksum-sha256:{Sha256("Hello")}";
                var chunks = Chunks(seed, out var last, "Hello");
                var signature = Sign("TRAILER", last, RequestSigner.Hash(Encoding.ASCII.GetBytes((honest ? trailer : "other") + "\n")));
                return $"{chunks}{trailer}\r\nx-amz-trailer-signature:{signature}\r\n\r\n";
            },
            length: 5,
            trailer: "x-amz-checksum-sha256");

        Assert.Equal(status, answer.Status);
    }

    private Task<S3Answer> ChunkedAsync(string announced, Func<string, string> body, int length, string? trailer = null)
    {
        (string, string)[] headers = [("x-amz-decoded-content-length", $"{length}"), .. trailer is null ? [] : new[] { ("x-amz-trailer", trailer) }];
        return _s3.SendAsync(
            HttpMethod.Put, "/data/file", payloadHash: announced, headers: headers,
            bodyAfterSigning: signature => Encoding.ASCII.GetBytes(body(signature)));
    }

    private string Chunks(string seed, params string[] parts) => Chunks(seed, out _, parts);

    private string Chunks(string seed, out string last, params string[] parts)
    {
        var body = new StringBuilder();
        last = seed;
        foreach (var part in parts.Append(""))
        {
            var data = Encoding.ASCII.GetBytes(part);
            last = Sign("PAYLOAD", last, $"{RequestSigner.Hash([])}\n{RequestSigner.Hash(data)}");
            body.Append($"{data.Length:x};chunk-signature={last}\r\n{part}{(part.Length > 0 ? "\r\n" : "")}");
        }

        return body.ToString();
    }

    private string Sign(string kind, string previous, string hashes)
    {
        var stamp = RequestSigner.Stamp(_simulation.Clock.GetUtcNow());
        var signer = new RequestSigner(_s3.Credentials, "s3");
        return Convert.ToHexStringLower(RequestSigner.Hmac(
            signer.Key(stamp[..8]),
            $"AWS4-HMAC-SHA256-{kind}\n{stamp}\n{stamp[..8]}/{signer.Region}/s3/aws4_request\n{previous}\n{hashes}"));
    }

    private static string Sha256(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes(text)));
}
