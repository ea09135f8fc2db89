using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Data;

public sealed class EnumTextTests
{
    [Theory]
    [InlineData(RunStatus.Pending, "pending")]
    [InlineData(RunStatus.PlanQueued, "plan_queued")]
    [InlineData(RunStatus.PlannedAndFinished, "planned_and_finished")]
    [InlineData(RunStatus.PrePlanAwaitingDecision, "pre_plan_awaiting_decision")]
    public void A_status_is_written_as_the_api_writes_it(RunStatus status, string text)
    {
        Assert.Equal(text, EnumText.Of(status));
        Assert.Equal(status, EnumText.Parse<RunStatus>(text));
    }

    [Fact]
    public void Every_status_can_be_read_back() =>
        Assert.All(Enum.GetValues<RunStatus>(), status => Assert.Equal(status, EnumText.Parse<RunStatus>(EnumText.Of(status))));

    [Theory]
    [InlineData("Pending")]
    [InlineData("plan-queued")]
    [InlineData("")]
    [InlineData("1")]
    public void Any_other_text_is_no_status(string text)
    {
        Assert.False(EnumText.TryParse<RunStatus>(text, out _));
        Assert.Throws<FormatException>(() => EnumText.Parse<RunStatus>(text));
    }

    [Theory, EachDatabase]
    public async Task The_database_holds_the_apis_spelling(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        var run = await installation.QueueAsync(workspace.Id);

        await using var db = installation.Open();
        var stored = await db.Database.SqlQueryRaw<string>("SELECT \"Status\" AS \"Value\" FROM \"Runs\"").SingleAsync();

        Assert.Equal("plan_queued", stored);
        Assert.Equal(RunStatus.PlanQueued, (await installation.ReadAsync(run.Id)).Status);
    }
}
