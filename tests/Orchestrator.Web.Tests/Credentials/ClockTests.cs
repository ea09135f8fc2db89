using Orchestrator.Data;
using Orchestrator.Terraform;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Credentials;

/// <summary>The server's clock is wrong, and AWS's is right.</summary>
public sealed class ClockTests : IDisposable
{
    private readonly string _data = Path.Combine(Directory.CreateTempSubdirectory("orchestrator-clock-").FullName, "data");

    [Theory]
    [InlineData(-7, "7 minutes behind AWS's", "applied")]
    [InlineData(7, "7 minutes ahead of AWS's", "errored")]
    public async Task A_clock_that_is_more_than_five_minutes_wrong_is_told_at_the_start_and_on_the_run(int minutes, string told, string status)
    {
        TestWorkspace workspace;
        await using (var right = await StartAsync(TimeProvider.System))
        {
            workspace = await TestWorkspace.CreateAsync(right.Api, organization: "acme");
            await AwsTests.SetUpAsync(workspace, ("TFC_AWS_RUN_ROLE_ARN", Accounts.Trusting));
            await workspace.UploadSampleAsync("hello");
            Assert.DoesNotContain(right.LoggedWarnings, warning => warning.Contains("clock", StringComparison.Ordinal));
        }
        await using var wrong = await StartAsync(new WrongClock(TimeSpan.FromMinutes(minutes)));

        await Wait.UntilAsync("the warning at the start", () =>
            wrong.LoggedWarnings.Any(warning => warning.Contains($"The clock of this server is {told}", StringComparison.Ordinal)));
        var run = await workspace.Through(wrong.Api).StartAsync(new() { ["auto-apply"] = true });
        var ended = await run.ReachAsync(status);

        Assert.Contains(told, await run.LogAsync("plan"), StringComparison.Ordinal);
        Assert.Contains("let the server keep its time by NTP", await run.LogAsync("plan"), StringComparison.Ordinal);
        if (status == "errored")
        {
            // AWS does not take a token from the future, and without the hint that reads like a wrong token.
            Assert.Contains(told, ended.Attributes["outcome"]!.GetValue<string>(), StringComparison.Ordinal);
        }
    }

    public void Dispose() => DirectoryRemoval.Remove(Path.GetDirectoryName(_data)!);

    private Task<Platform> StartAsync(TimeProvider clock) =>
        Platform.StartAsync(DatabaseProvider.Sqlite, clock, ("Orchestrator:DataDirectory", _data));

    private sealed class WrongClock(TimeSpan ahead) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
    }
}
