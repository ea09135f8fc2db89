using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Runs;

public sealed class RunFilterTests
{
    [Theory]
    [EachDatabase("", "", "plain destroy saved refresh empty")]
    [EachDatabase("filter[operation]", "plan_only", "look")]
    [EachDatabase("filter[operation]", "plan_only,plan_and_apply", "plain look")]
    [EachDatabase("filter[operation]", "destroy", "destroy")]
    [EachDatabase("filter[operation]", "save_plan", "saved")]
    [EachDatabase("filter[operation]", "refresh_only", "refresh")]
    [EachDatabase("filter[operation]", "empty_apply", "empty")]
    [EachDatabase("filter[source]", "tfe-ui", "destroy")]
    [EachDatabase("filter[source]", "tfe-ui,terraform+cloud", "destroy")]
    [EachDatabase("filter[timeframe]", "2026", "plain destroy saved refresh empty")]
    [EachDatabase("filter[timeframe]", "2025", "")]
    [EachDatabase("filter[timeframe]", "year", "plain destroy saved refresh empty")]
    [EachDatabase("filter[workspace_names]", "nowhere", "")]
    [EachDatabase("search[user]", "ALI", "plain saved refresh empty")]
    [EachDatabase("search[user]", "b_b", "")]
    [EachDatabase("search[user]", "%", "")]
    [EachDatabase("search[commit]", "abc", "")]
    [EachDatabase("search[basic]", "DESTR", "destroy")]
    [EachDatabase("search[basic]", "bob", "destroy")]
    [EachDatabase("search[basic]", "100%", "")]
    public async Task A_list_holds_the_runs_that_are_wanted(DatabaseProvider provider, string name, string value, string expected)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        async Task QueueAsync(string message, Func<RunRequest, RunRequest> with) =>
            await installation.QueueAsync(workspace.Id, request => with(request with { Message = message }));
        await QueueAsync("plain", request => request);
        await QueueAsync("look", request => request with { PlanOnly = true });
        await QueueAsync("destroy", request => request with { IsDestroy = true, Source = RunSource.Pages, CreatedBy = Someone.Bob });
        await QueueAsync("saved", request => request with { SavePlan = true });
        await QueueAsync("refresh", request => request with { RefreshOnly = true });
        await QueueAsync("empty", request => request with { AllowEmptyApply = true });

        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), await MessagesAsync(installation, (name, value)));
    }

    [Theory, EachDatabase]
    public async Task Runs_are_found_by_their_status_their_id_and_their_workspaces_name(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        async Task<Run> QueueAsync(string message) => await installation.QueueAsync(workspace.Id, request => request with { Message = message });
        var over = await QueueAsync("over");
        await installation.PerformAsync(over.Id, hasChanges: false);
        var planned = await QueueAsync("planned");
        await installation.PerformAsync(planned.Id);
        await QueueAsync("pending");

        Assert.Equal(["over"], await MessagesAsync(installation, ("filter[status]", "planned_and_finished,force_canceled")));
        Assert.Equal(["planned", "pending"], await MessagesAsync(installation, ("filter[status]", "planned,pending")));
        Assert.Equal(["over"], await MessagesAsync(installation, ("filter[status_group]", "final")));
        Assert.Equal(["planned", "pending"], await MessagesAsync(installation, ("filter[status_group]", "non_final")));
        Assert.Equal(["planned", "pending"], await MessagesAsync(installation, ("filter[status_group]", "discardable")));
        Assert.Equal(["pending"], await MessagesAsync(installation, ("filter[status_group]", "discardable"), ("filter[status]", "pending,applied")));
        Assert.Equal(["planned"], await MessagesAsync(installation, ("search[basic]", planned.Id.Value)));
        Assert.Equal(["over", "planned", "pending"], await MessagesAsync(installation, ("filter[workspace_names]", $"other,{workspace.Name}")));
    }

    [Theory]
    [InlineData("filter[operation]", "plan")]
    [InlineData("filter[status]", "planned,done")]
    [InlineData("filter[status_group]", "some")]
    [InlineData("filter[timeframe]", "yesterday")]
    [InlineData("filter[timeframe]", "99999")]
    public void What_means_nothing_is_named(string name, string value) =>
        Assert.Equal(name, RunFilter.Read(asked => asked == name ? value : null, Installation.Start).Fault?.Name);

    private static async Task<IReadOnlyList<string>> MessagesAsync(Installation installation, params (string Name, string Value)[] wanted)
    {
        var (filter, fault) = RunFilter.Read(
            name => wanted.FirstOrDefault(pair => pair.Name == name).Value, installation.Clock.GetUtcNow());
        Assert.Null(fault);
        await using var db = installation.Open();
        return await filter.Of(db).OrderBy(run => run.CreatedAt).Select(run => run.Message!).ToListAsync();
    }
}
