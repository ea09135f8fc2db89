using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Runs;

public sealed class LogTests
{
    private const byte StartOfText = 2;
    private const byte EndOfText = 3;

    [Theory, EachDatabase]
    public async Task A_log_is_served_byte_by_byte_between_its_marks(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync("""resource "terraform_data" "one" { input = "Ä€𝄞, of several bytes each" }""");
        var run = await workspace.StartAsync();
        await run.ReachAsync("planned");
        var link = await run.LogLinkAsync("plan");

        var whole = await ReadAsync(platform, link, 0, 1_000_000);

        Assert.Equal(StartOfText, whole[0]);
        Assert.Equal(EndOfText, whole[^1]);
        Assert.DoesNotContain(StartOfText, whole[1..]);
        Assert.DoesNotContain(EndOfText, whole[..^1]);
        Assert.Contains("Ä€𝄞, of several bytes each", System.Text.Encoding.UTF8.GetString(whole), StringComparison.Ordinal);
        int[] offsets = [0, 1, 2, 3, 7, whole.Length / 2, whole.Length - 3, whole.Length - 2, whole.Length - 1, whole.Length, whole.Length + 1, whole.Length + 1000];
        int[] limits = [0, 1, 2, 3, 13, 101, whole.Length - 2, whole.Length - 1, whole.Length, whole.Length + 1];
        foreach (var offset in offsets)
        {
            foreach (var limit in limits)
            {
                var expected = whole.Skip(offset).Take(limit).ToArray();
                var actual = await ReadAsync(platform, link, offset, limit);
                Assert.True(expected.AsSpan().SequenceEqual(actual), $"offset {offset}, limit {limit}, of {whole.Length}: {expected.Length} bytes expected, {actual.Length} came");
            }
        }
    }

    [Theory, EachDatabase]
    public async Task A_log_that_is_followed_is_whole_and_ends_only_when_the_run_is_where_it_goes_on(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/lock")).Expect(200);
        var run = await workspace.StartAsync();
        var link = await run.LogLinkAsync("plan");
        Assert.DoesNotContain(EndOfText, await ReadAsync(platform, link, 0, 1000));
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/unlock")).Expect(200);

        var followed = new List<byte>();
        await Wait.ForAsync("the end of the log", async () =>
        {
            // An odd limit, as it comes about when the client's buffer is partly full.
            var piece = await ReadAsync(platform, link, followed.Count, 97);
            followed.AddRange(piece);
            return piece is [.., EndOfText] ? "" : null;
        });

        Assert.Equal("planned", await run.StatusAsync());
        Assert.Equal("finished", (await run.PlanAsync()).Attributes["status"]!.GetValue<string>());
        Assert.Equal(await ReadAsync(platform, link, 0, 1_000_000), followed);
    }

    [Fact]
    public async Task An_applys_log_begins_with_the_three_lines_that_clients_drop()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        var run = await workspace.ApplyAsync();

        var lines = (await run.LogAsync("apply")).Split('\n');

        Assert.StartsWith("Terraform v1.11.", lines[0], StringComparison.Ordinal);
        Assert.Equal("on linux_amd64", lines[1]);
        Assert.Equal("Initializing plugins and modules...", lines[2]);
    }

    [Fact]
    public async Task Every_line_of_a_provisioner_is_there_in_order()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync("""
            resource "terraform_data" "one" {
              provisioner "local-exec" { command = "seq -f 'line %.0f of'' many' 1 5000" }
            }
            """);
        var run = await workspace.ApplyAsync();

        // Where a program stops in the middle of a line, terraform makes two of it.
        var said = (await run.LogAsync("apply")).Replace("\n\u001b[0m\u001b[1mterraform_data.one (local-exec):\u001b[0m \u001b[0m", "", StringComparison.Ordinal);
        var numbers = Regex.Matches(said, "line ([0-9]+) of many").Select(line => int.Parse(line.Groups[1].ValueSpan, CultureInfo.InvariantCulture));

        Assert.Equal(Enumerable.Range(1, 5000), numbers);
    }

    [Theory]
    [InlineData("CfDJ8forged")]
    [InlineData("x")]
    [InlineData("%00")]
    public async Task A_forged_log_link_opens_nothing(string forged)
    {
        var platform = await SharedPlatforms.OfAsync();

        Assert.InRange((await platform.Anonymous.GetAsync($"logs/plans/{forged}?limit=10&offset=0")).Status, 400, 404);
    }

    [Fact]
    public async Task A_plans_link_does_not_open_the_applys_log()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        var run = await workspace.StartAsync();

        var link = (await run.LogLinkAsync("plan")).Replace("/logs/plans/", "/logs/applies/", StringComparison.Ordinal);

        (await platform.Anonymous.GetAsync($"{link}?limit=10&offset=0")).Expect(404);
    }

    private static async Task<byte[]> ReadAsync(Platform platform, string link, int offset, int limit) =>
        (await platform.Anonymous.GetAsync($"{link}?limit={limit}&offset={offset}")).Expect(200).Bytes;
}
