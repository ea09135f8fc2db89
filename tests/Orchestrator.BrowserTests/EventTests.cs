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
