using System.Text.Json;

namespace Orchestrator.BrowserTests;

public sealed class EventTests(Site site)
{
    [Fact]
    public async Task A_log_stream_that_was_cut_goes_on_at_the_same_byte()
    {
        await using var visitor = await site.VisitAsync();
        await visitor.ArriveAsync("cut-streams");
        await visitor.UploadAsync(Archives.Of("""
            resource "terraform_data" "talkative" {
              provisioner "local-exec" { command = "seq 1 6000 | sed 's/$/ größer/'" }
            }
            """), start: true);
        await visitor.SeeStatusAsync("Needs confirmation");
        await visitor.PressAsync("Confirm & apply");
        await visitor.SeeStatusAsync("Applied");
        var address = await visitor.Console("apply").GetAttributeAsync("data-log");

        var whole = await ReadAsync(visitor, address!, lastEventId: null);
        Assert.True(whole.Count(each => each.Name == "lines") > 2, "The log came in fewer batches than this test needs.");
        var seen = whole.Take(3).ToList();
        var rest = await ReadAsync(visitor, address!, seen[^1].Id);
        Assert.Equal(Lines(whole), [.. Lines(seen), .. Lines(rest)]);
        Assert.Equal("end", rest[^1].Name);
        Assert.Contains(Lines(whole), line => line.EndsWith("(local-exec):</span> 6000 größer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Lists_and_the_queue_follow_a_run_without_a_reload_and_rest_while_nobody_looks()
    {
        using var gate = new Gate();
        await using var actor = await site.VisitAsync();
        await using var list = await site.VisitAsync();
        await using var queue = await site.VisitAsync();
        await actor.ArriveAsync("live-lists", "alpha");
        await list.Page.GotoAsync("/app/live-lists");
        await queue.Page.GotoAsync("/app/live-lists/settings/queue");
        foreach (var watcher in new[] { list, queue })
        {
            await watcher.Page.EvaluateAsync("window.wasNotReloaded = true");
        }

        await actor.UploadAsync(Archives.Of($$"""
            resource "terraform_data" "waiting" {
              provisioner "local-exec" { command = "until test -e {{gate.File}}; do sleep 0.05; done" }
            }
            """), start: true);
        await Assertions.Expect(list.Page.Locator("#workspace-results .chip")).ToHaveTextAsync("Needs confirmation");
        await LookAwayAsync(list, isHidden: true);
        await actor.SeeStatusAsync("Needs confirmation");
        await actor.PressAsync("Confirm & apply");
        await Assertions.Expect(queue.Page.Locator("[data-live=queue] tbody .chip")).ToHaveTextAsync("Applying");
        await Assertions.Expect(queue.Page.Locator("[data-live=queue] tbody td").First).ToHaveTextAsync("now");
        await Assertions.Expect(list.Page.Locator("#workspace-results .chip")).ToHaveTextAsync("Needs confirmation");

        gate.Open();
        await Assertions.Expect(queue.Page.GetByText("Nothing waits")).ToBeVisibleAsync();
        await LookAwayAsync(list, isHidden: false);
        await Assertions.Expect(list.Page.Locator("#workspace-results .chip")).ToHaveTextAsync("Applied");
        foreach (var watcher in new[] { list, queue })
        {
            Assert.True(await watcher.Page.EvaluateAsync<bool>("window.wasNotReloaded === true"));
            watcher.SeeNoComplaints();
        }

        static Task LookAwayAsync(Visitor watcher, bool isHidden) => watcher.Page.EvaluateAsync(
            "isHidden => { Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true }); document.dispatchEvent(new Event('visibilitychange')); }",
            isHidden);
    }

    /// <summary>1 MB a second (a test server compresses nothing) with a third of a second to each answer, and a script that does not come at all until the decision is made.</summary>
    [Fact]
    public async Task On_a_slow_network_a_plan_is_read_and_decided_before_the_script_has_come()
    {
        await using var visitor = await site.VisitAsync();
        await visitor.ArriveAsync("slow-network");
        await visitor.UploadAsync(Archives.Of("resource \"terraform_data\" \"far_away\" {}"), start: true);
        await visitor.SeeStatusAsync("Needs confirmation");
        await using var traveller = await site.VisitAsync();
        var connection = await traveller.Page.Context.NewCDPSessionAsync(traveller.Page);
        await connection.SendAsync("Network.emulateNetworkConditions", new Dictionary<string, object>
        {
            ["offline"] = false, ["latency"] = 300, ["downloadThroughput"] = 1_000_000, ["uploadThroughput"] = 1_000_000,
        });
        var script = new TaskCompletionSource();
        await traveller.Page.RouteAsync("**/app*.js*", async route =>
        {
            await script.Task;
            await route.ContinueAsync();
        });

        await traveller.Page.GotoAsync(new Uri(visitor.Page.Url).AbsolutePath, new() { WaitUntil = WaitUntilState.Commit });
        await Assertions.Expect(traveller.Page.GetByText("terraform_data.far_away").First).ToBeVisibleAsync();
        await traveller.Page.GetByRole(AriaRole.Button, new() { Name = "Confirm & apply", Exact = true }).ClickAsync();
        await visitor.SeeStatusAsync("Applied");
        script.SetResult();
        await traveller.SeeStatusAsync("Applied");
        traveller.SeeNoComplaints();
    }

    [Fact]
    public async Task Who_is_not_signed_in_sees_no_event()
    {
        await using var stranger = await site.VisitAsync(signedIn: false);
        foreach (var address in new[] { "", "/logs/plan", "/logs/plan/raw", "/logs/plan/stretch?from=0&to=1", "/logs/plan/search?q=x" })
        {
            var answer = await stranger.Page.APIRequest.GetAsync($"/app/events/runs/run-AAAAAAAAAAAAAAAA{address}", new() { MaxRedirects = 0 });
            Assert.Contains(answer.Status, new[] { 302, 401 });
        }
    }

    private static async Task<List<(string Name, string Id, string Data)>> ReadAsync(Visitor visitor, string address, string? lastEventId)
    {
        var answer = await visitor.Page.APIRequest.GetAsync(address, new APIRequestContextOptions
        {
            Headers = lastEventId is null ? [] : [KeyValuePair.Create("Last-Event-ID", lastEventId)],
        });
        return [.. (await answer.TextAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(Event)];
    }

    private static (string Name, string Id, string Data) Event(string text)
    {
        var fields = text.Split('\n').Select(line => line.Split(": ", 2)).ToDictionary(field => field[0], field => field[1]);
        return (fields["event"], fields["id"], fields["data"]);
    }

    private static List<string> Lines(IEnumerable<(string Name, string Id, string Data)> events) =>
        [.. events.Where(each => each.Name == "lines")
            .SelectMany(each => JsonDocument.Parse(each.Data).RootElement.GetProperty("lines").EnumerateArray())
            .Select(line => line.GetString()!)];
}
