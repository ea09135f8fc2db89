using System.Xml.Linq;
using Orchestrator.AwsSimulator.Tests.Drivers;

namespace Orchestrator.AwsSimulator.Tests.S3;

public sealed class ObjectTests : IAsyncLifetime
{
    private Simulation _simulation = null!;
    private S3Client _s3 = null!;

    public async ValueTask InitializeAsync()
    {
        _simulation = await Simulation.StartAsync();
        _s3 = await _simulation.S3Async();
    }

    public ValueTask DisposeAsync() => _simulation.DisposeAsync();

    [Fact]
    public async Task An_object_comes_back_as_it_was_put()
    {
        var put = await _s3.PutAsync("/data/dir/file", "content", ("Content-Type", "text/plain"), ("x-amz-meta-owner", "alice"));
        var got = await _s3.GetAsync("/data/dir/file");

        Assert.Equal("\"9a0364b9e99bb480dd25e1f0284c8555\"", put.Headers["ETag"]);
        Assert.Equal("content", got.Body);
        Assert.Equal(put.Headers["ETag"], got.Headers["ETag"]);
        Assert.Equal("text/plain", got.Headers["Content-Type"]);
        Assert.Equal("alice", got.Headers["x-amz-meta-owner"]);
    }

    [Fact]
    public async Task A_head_tells_all_but_the_content()
    {
        var head = await _s3.SendAsync(HttpMethod.Head, "/data/hello.txt");

        Assert.Equal(200, head.Status);
        Assert.Equal("13", head.Headers["Content-Length"]);
        Assert.Empty(head.Body);
    }

    [Theory]
    [InlineData("bytes=0-4", "Hello", "bytes 0-4/13")]
    [InlineData("bytes=7-", "world!", "bytes 7-12/13")]
    [InlineData("bytes=-6", "world!", "bytes 7-12/13")]
    [InlineData("bytes=7-1000", "world!", "bytes 7-12/13")]
    public async Task A_range_is_a_part(string range, string content, string contentRange)
    {
        var part = await _s3.GetAsync("/data/hello.txt", ("Range", range));

        Assert.Equal((206, content, contentRange), (part.Status, part.Body, part.Headers["Content-Range"]));
    }

    [Fact]
    public async Task A_range_behind_the_end_is_refused() =>
        Assert.Equal("InvalidRange", (await _s3.GetAsync("/data/hello.txt", ("Range", "bytes=13-"))).Code);

    [Fact]
    public async Task A_missing_object_has_its_own_error()
    {
        var missing = await _s3.GetAsync("/data/nothing");

        Assert.Equal((404, "NoSuchKey"), (missing.Status, missing.Code));
        Assert.Equal((404, ""), ((await _s3.SendAsync(HttpMethod.Head, "/data/nothing")).Status, ""));
        Assert.Equal("/data/nothing", XElement.Parse(missing.Body).Element("Resource")!.Value);
    }

    [Fact]
    public async Task A_missing_bucket_has_its_own_error()
    {
        var missing = await _s3.GetAsync("/no-such-bucket/key");

        Assert.Equal((404, "NoSuchBucket"), (missing.Status, missing.Code));
    }

    [Fact]
    public async Task Only_the_first_of_two_exclusive_puts_succeeds()
    {
        var first = await _s3.PutAsync("/data/lock", "mine", ("If-None-Match", "*"));
        var second = await _s3.PutAsync("/data/lock", "also mine", ("If-None-Match", "*"));

        Assert.Equal(200, first.Status);
        Assert.Equal((412, "PreconditionFailed"), (second.Status, second.Code));
        Assert.Equal("mine", (await _s3.GetAsync("/data/lock")).Body);
    }

    [Fact]
    public async Task Of_many_exclusive_puts_at_once_one_succeeds()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(number => _s3.PutAsync("/data/lock", $"{number}", ("If-None-Match", "*"))));

        Assert.Single(answers, answer => answer.Status == 200);
        Assert.Equal(19, answers.Count(answer => answer.Status == 412));
    }

    [Fact]
    public async Task A_put_can_ask_for_the_version_it_replaces()
    {
        var tag = (await _s3.PutAsync("/data/file", "one")).Headers["ETag"];

        Assert.Equal(200, (await _s3.PutAsync("/data/file", "two", ("If-Match", tag))).Status);
        Assert.Equal(412, (await _s3.PutAsync("/data/file", "three", ("If-Match", tag))).Status);
        Assert.Equal(404, (await _s3.PutAsync("/data/absent", "three", ("If-Match", tag))).Status);
    }

    [Fact]
    public async Task A_get_can_ask_for_another_version()
    {
        var tag = (await _s3.GetAsync("/data/hello.txt")).Headers["ETag"];

        Assert.Equal(304, (await _s3.GetAsync("/data/hello.txt", ("If-None-Match", tag))).Status);
        Assert.Equal(412, (await _s3.GetAsync("/data/hello.txt", ("If-Match", "\"other\""))).Status);
    }

    [Fact]
    public async Task Deleting_twice_is_no_error()
    {
        Assert.Equal(204, (await _s3.DeleteAsync("/data/hello.txt")).Status);
        Assert.Equal(204, (await _s3.DeleteAsync("/data/hello.txt")).Status);
        Assert.Equal(404, (await _s3.GetAsync("/data/hello.txt")).Status);
    }

    [Fact]
    public async Task A_bucket_is_made_once()
    {
        Assert.Equal(404, (await _s3.SendAsync(HttpMethod.Head, "/brand-new")).Status);
        Assert.Equal(200, (await _s3.SendAsync(HttpMethod.Put, "/brand-new")).Status);
        Assert.Equal(200, (await _s3.SendAsync(HttpMethod.Head, "/brand-new")).Status);
        Assert.Equal("BucketAlreadyOwnedByYou", (await _s3.SendAsync(HttpMethod.Put, "/brand-new")).Code);
        Assert.Equal("InvalidBucketName", (await _s3.SendAsync(HttpMethod.Put, "/Not_A_Name")).Code);
    }

    [Fact]
    public async Task A_bucket_of_another_account_is_closed_whatever_the_role_may() =>
        Assert.Equal("AccessDenied", (await _s3.GetAsync("/foreign-data/secret.txt")).Code);

    [Fact]
    public async Task A_bucket_can_be_a_host_name() => Assert.Equal("Hello, world!", (await _s3.GetAsync(
        "/hello.txt", ("Host", $"data.localhost:{_simulation.Address.Port}"))).Body);

    [Theory]
    [InlineData("GET", "/data?versioning")]
    [InlineData("GET", "/data")]
    [InlineData("GET", "/")]
    [InlineData("POST", "/data/hello.txt?uploads")]
    [InlineData("DELETE", "/data")]
    [InlineData("GET", "/data/hello.txt?versionId=1")]
    public async Task What_is_not_there_says_so(string method, string path)
    {
        var answer = await _s3.SendAsync(new HttpMethod(method), path);

        Assert.Equal((501, "NotImplemented"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task An_object_that_is_too_large_is_refused()
    {
        await using var simulation = await Simulation.StartAsync(new Setup { MaxObjectBytes = 10 });
        var s3 = await simulation.S3Async();

        Assert.Equal("EntityTooLarge", (await s3.PutAsync("/data/large", "12345678901")).Code);
        Assert.Equal(200, (await s3.PutAsync("/data/fits", "1234567890")).Status);
    }
}
