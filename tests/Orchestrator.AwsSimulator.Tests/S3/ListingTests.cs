using System.Xml.Linq;
using Orchestrator.AwsSimulator.Tests.Drivers;

namespace Orchestrator.AwsSimulator.Tests.S3;

public sealed class ListingTests : IAsyncLifetime
{
    private Simulation _simulation = null!;
    private S3Client _s3 = null!;

    public async ValueTask InitializeAsync()
    {
        _simulation = await Simulation.StartAsync();
        _s3 = await _simulation.S3Async();
        foreach (var key in (string[])["a/1", "a/2", "a/deep/3", "b/1", "env%3A/prod/state", "top"])
        {
            await _s3.PutAsync($"/data/{key}", key);
        }
    }

    public ValueTask DisposeAsync() => _simulation.DisposeAsync();

    [Fact]
    public async Task Keys_come_in_order()
    {
        var page = await ListAsync("");

        Assert.Equal(["a/1", "a/2", "a/deep/3", "b/1", "env:/prod/state", "hello.txt", "top"], Keys(page));
        Assert.Equal("false", Value(page, "IsTruncated"));
        Assert.Equal("7", Value(page, "KeyCount"));
    }

    [Fact]
    public async Task A_prefix_selects() => Assert.Equal(["env:/prod/state"], Keys(await ListAsync("&max-keys=1000&prefix=env%3A%2F")));

    [Fact]
    public async Task A_delimiter_groups()
    {
        var page = await ListAsync("&delimiter=%2F&prefix=a%2F");

        Assert.Equal(["a/1", "a/2"], Keys(page));
        Assert.Equal(["a/deep/"], Groups(page));
    }

    [Fact]
    public async Task Pages_join_without_gap_or_repeat()
    {
        var (names, token) = (new List<string>(), "");
        do
        {
            var page = await ListAsync($"&delimiter=%2F&max-keys=1{token}");
            names.AddRange(Keys(page).Concat(Groups(page)));
            token = Value(page, "NextContinuationToken") is { } next ? $"&continuation-token={next}" : null;
        }
        while (token is not null);

        Assert.Equal(["a/", "b/", "env:/", "hello.txt", "top"], names);
    }

    [Fact]
    public async Task A_listing_can_start_in_the_middle() =>
        Assert.Equal(["hello.txt", "top"], Keys(await ListAsync("&start-after=env%3A%2Fprod%2Fstate")));

    [Fact]
    public async Task Keys_can_be_encoded() =>
        Assert.Equal(["env%3A/prod/state"], Keys(await ListAsync("&encoding-type=url&prefix=env%3A%2F")));

    [Theory]
    [InlineData("&max-keys=many")]
    [InlineData("&continuation-token=%21")]
    public async Task A_parameter_of_the_wrong_form_is_refused(string parameter) =>
        Assert.Equal("InvalidArgument", (await _s3.GetAsync($"/data?list-type=2{parameter}")).Code);

    private async Task<XElement> ListAsync(string parameters)
    {
        var answer = await _s3.GetAsync($"/data?list-type=2{parameters}");
        Assert.Equal(200, answer.Status);
        return XElement.Parse(answer.Body);
    }

    private static string? Value(XElement page, string name) => page.Element(page.Name.Namespace + name)?.Value;

    private static IEnumerable<string> Keys(XElement page) =>
        page.Elements(page.Name.Namespace + "Contents").Select(entry => entry.Element(page.Name.Namespace + "Key")!.Value);

    private static IEnumerable<string> Groups(XElement page) =>
        page.Elements(page.Name.Namespace + "CommonPrefixes").Select(entry => entry.Value);
}
