using Orchestrator.AwsSimulator.Tests.Drivers;

namespace Orchestrator.AwsSimulator.Tests.Signing;

/// <summary>Requests that were changed after they were signed, or signed with the wrong thing.</summary>
public sealed class TamperingTests : IAsyncLifetime
{
    private static readonly byte[] Content = "content"u8.ToArray();

    private Simulation _simulation = null!;
    private S3Client _s3 = null!;

    public async ValueTask InitializeAsync()
    {
        _simulation = await Simulation.StartAsync();
        _s3 = await _simulation.S3Async();
    }

    public ValueTask DisposeAsync() => _simulation.DisposeAsync();

    [Fact]
    public async Task A_signed_request_passes() => Assert.Equal(200, (await _s3.GetAsync("/data/hello.txt")).Status);

    [Theory]
    [InlineData("/data/with%20space.txt")]
    [InlineData("/data/plus+and%2Fslash")]
    [InlineData("/data/a//b/../c/./d")]
    [InlineData("/data/%C3%BC%E2%82%AC")]
    [InlineData("/data/env%3A/prod/state")]
    [InlineData("/data/~tilde'(quote)!*")]
    public async Task The_path_is_taken_as_it_was_sent(string path)
    {
        Assert.Equal(200, (await _s3.PutAsync(path, "content")).Status);
        Assert.Equal("content", (await _s3.GetAsync(path)).Body);
    }

    [Fact]
    public async Task Query_parameters_are_covered_in_any_order() =>
        Assert.Equal(200, (await _s3.GetAsync("/data?prefix=a%2Fb&max-keys=10&list-type=2&delimiter=%2F&start-after=")).Status);

    [Fact]
    public async Task Inner_spaces_of_a_header_count_once()
    {
        var answer = await _s3.SendAsync(
            HttpMethod.Get, "/data/hello.txt",
            headers: [("x-amz-meta-note", "two words")],
            spoil: request =>
            {
                request.Headers.Remove("x-amz-meta-note");
                request.Headers.TryAddWithoutValidation("x-amz-meta-note", "two    words");
            });

        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task A_changed_header_is_noticed() => Mismatch(
        await _s3.SendAsync(HttpMethod.Get, "/data/hello.txt", headers: [("x-amz-meta-note", "a")], spoil: request =>
        {
            request.Headers.Remove("x-amz-meta-note");
            request.Headers.TryAddWithoutValidation("x-amz-meta-note", "b");
        }));

    [Fact]
    public async Task A_changed_path_is_noticed() => Mismatch(
        await _s3.SendAsync(HttpMethod.Get, "/data/hello.txt", spoil: request =>
            request.RequestUri = new Uri(_simulation.Address, "/data/other.txt")));

    [Fact]
    public async Task A_changed_query_is_noticed() => Mismatch(
        await _s3.SendAsync(HttpMethod.Get, "/data?list-type=2", spoil: request =>
            request.RequestUri = new Uri(_simulation.Address, "/data?list-type=2&prefix=secret")));

    [Fact]
    public async Task A_changed_method_is_noticed() => Mismatch(
        await _s3.SendAsync(HttpMethod.Get, "/data/hello.txt", spoil: request => request.Method = HttpMethod.Delete));

    [Fact]
    public async Task A_changed_body_is_noticed()
    {
        var answer = await _s3.SendAsync(
            HttpMethod.Put, "/data/file", Content, bodyAfterSigning: _ => "changed"u8.ToArray());

        Assert.Equal((400, "XAmzContentSHA256Mismatch"), (answer.Status, answer.Code));
        Assert.Equal(404, (await _s3.GetAsync("/data/file")).Status);
    }

    [Fact]
    public async Task A_changed_body_with_its_own_hash_is_noticed() => Mismatch(
        await _s3.SendAsync(HttpMethod.Put, "/data/file", Content, spoil: request =>
        {
            request.Headers.Remove("x-amz-content-sha256");
            request.Headers.TryAddWithoutValidation("x-amz-content-sha256", RequestSigner.Hash("changed"u8.ToArray()));
            request.Content = new ByteArrayContent("changed"u8.ToArray());
        }));

    [Fact]
    public async Task A_changed_signature_is_noticed() => Mismatch(
        await _s3.SendAsync(HttpMethod.Get, "/data/hello.txt", spoil: request => Change(request, "Signature=", "Signature=0")));

    [Fact]
    public async Task A_header_added_after_signing_is_noticed()
    {
        var answer = await _s3.SendAsync(HttpMethod.Get, "/data/hello.txt", spoil: request =>
            request.Headers.TryAddWithoutValidation("x-amz-meta-added", "later"));

        Assert.Equal((403, "AccessDenied"), (answer.Status, answer.Code));
        Assert.StartsWith("There were headers present in the request which were not signed", answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("host")]
    [InlineData("x-amz-date")]
    [InlineData("x-amz-security-token")]
    public async Task Headers_that_must_be_signed_are_missed(string header)
    {
        var answer = await _s3.SendAsync(HttpMethod.Get, "/data/hello.txt", unsigned: [header]);

        Assert.Equal((403, "AccessDenied"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Another_token_is_refused()
    {
        var other = await _simulation.AssumeAsync();
        var answer = await _s3.SendAsync(HttpMethod.Get, "/data/hello.txt", spoil: request =>
        {
            request.Headers.Remove("x-amz-security-token");
            request.Headers.TryAddWithoutValidation("x-amz-security-token", other.SessionToken);
        });

        Assert.Equal((400, "InvalidToken"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task A_missing_token_is_refused()
    {
        var answer = await _s3.SendAsync(
            HttpMethod.Get, "/data/hello.txt", spoil: request => request.Headers.Remove("x-amz-security-token"));

        Assert.Equal((403, "InvalidAccessKeyId"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task An_unknown_key_is_refused()
    {
        var answer = await _s3.SendAsync(HttpMethod.Get, "/data/hello.txt", spoil: request =>
            Change(request, _s3.Credentials.AccessKeyId, "AKIAIOSFODNN7EXAMPLE"));

        Assert.Equal((403, "InvalidAccessKeyId"), (answer.Status, answer.Code));
    }

    [Theory]
    [InlineData(-16)]
    [InlineData(16)]
    public async Task A_date_far_from_now_is_refused(int minutes)
    {
        var answer = await _s3.SendAsync(
            HttpMethod.Get, "/data/hello.txt", signedAt: _simulation.Clock.GetUtcNow().AddMinutes(minutes));

        Assert.Equal((403, "RequestTimeTooSkewed"), (answer.Status, answer.Code));
    }

    [Theory]
    [InlineData(-14)]
    [InlineData(14)]
    public async Task A_date_near_now_is_accepted(int minutes) => Assert.Equal(200, (await _s3.SendAsync(
        HttpMethod.Get, "/data/hello.txt", signedAt: _simulation.Clock.GetUtcNow().AddMinutes(minutes))).Status);

    [Fact]
    public async Task A_changed_date_is_noticed() => Mismatch(
        await _s3.SendAsync(HttpMethod.Get, "/data/hello.txt", spoil: request =>
        {
            request.Headers.Remove("x-amz-date");
            var minuteAgo = _simulation.Clock.GetUtcNow().AddSeconds(-1);
            // Midnight would change the day too, which is another refusal.
            var at = minuteAgo.Date == _simulation.Clock.GetUtcNow().Date ? minuteAgo : _simulation.Clock.GetUtcNow().AddSeconds(1);
            request.Headers.TryAddWithoutValidation("x-amz-date", RequestSigner.Stamp(at));
        }));

    [Fact]
    public async Task A_credential_for_another_day_is_refused()
    {
        var answer = await _s3.SendAsync(HttpMethod.Get, "/data/hello.txt", day: "20200101");

        Assert.Equal((400, "AuthorizationHeaderMalformed"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task A_credential_for_another_service_is_refused()
    {
        var sts = new S3Client(_simulation.Address, _s3.Credentials, _simulation.Clock) { Service = "sts" };

        var answer = await sts.GetAsync("/data/hello.txt");

        Assert.Equal((400, "AuthorizationHeaderMalformed"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task An_unsigned_request_is_refused()
    {
        using var response = await _simulation.Http.GetAsync(new Uri("/data/hello.txt", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal("AccessDenied", (await S3Answer.ReadAsync(response)).Code);
    }

    [Fact]
    public async Task A_session_that_is_over_is_refused()
    {
        _simulation.Clock.Advance(TimeSpan.FromHours(1));

        var answer = await _s3.GetAsync("/data/hello.txt");

        Assert.Equal((400, "ExpiredToken"), (answer.Status, answer.Code));
    }

    private static void Change(HttpRequestMessage request, string from, string to)
    {
        var header = request.Headers.GetValues("Authorization").Single();
        request.Headers.Remove("Authorization");
        var changed = header.Replace(from, to, StringComparison.Ordinal);
        request.Headers.TryAddWithoutValidation("Authorization", to.StartsWith("Signature", StringComparison.Ordinal) ? changed[..^1] : changed);
    }

    private void Mismatch(S3Answer answer)
    {
        Assert.Equal((403, "SignatureDoesNotMatch"), (answer.Status, answer.Code));
        var canonical = Assert.Single(_simulation.LastExplanation.Comparisons).Expected!;
        Assert.Contains("(session token)", canonical, StringComparison.Ordinal);
        Assert.DoesNotContain(_s3.Credentials.SessionToken, canonical, StringComparison.Ordinal);
    }
}
