using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Data;
using Orchestrator.RunLogs;
using Orchestrator.Runs;

namespace Orchestrator.BrowserTests;

public sealed class RunTests(Site site)
{
    [Fact]
    public async Task A_run_is_started_followed_and_confirmed_on_one_page_while_a_second_viewer_sees_it_too()
    {
        using var gate = new Gate();
        await using var visitor = await site.VisitAsync();
        var address = await visitor.CreateWorkspaceAsync("whole-way", "network");
        await AddVariableAsync(visitor, address, "colour", "blue");
        await visitor.Page.GotoAsync(address);
        await visitor.UploadAsync(Archives.Of($$"""
            variable "colour" { type = string }
            resource "terraform_data" "gate" {
              input = var.colour
              provisioner "local-exec" {
                command = "echo 'before the gate'; while [ ! -e {{gate.File}} ]; do sleep 0.05; done; echo 'after the gate'"
              }
            }
            """));
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status).First).ToContainTextAsync("Uploaded");
        await visitor.Page.GetByLabel("Message").FillAsync("Paint it blue");
        await visitor.PressAsync("Start run");

        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Paint it blue");
        await StayAsync(visitor);
        await using var second = await site.VisitAsync();
        await second.Page.GotoAsync(visitor.Page.Url);
        await StayAsync(second);

        await visitor.SeeStatusAsync("Needs confirmation");
        await Assertions.Expect(visitor.Console("plan")).ToContainTextAsync("1 to add, 0 to change, 0 to destroy");
        await Assertions.Expect(visitor.Page.Locator(".change-create")).ToContainTextAsync("terraform_data.gate");
        await second.SeeStatusAsync("Needs confirmation");

        await visitor.Page.GetByLabel("Comment (optional)").FillAsync("looks right");
        await Task.WhenAll(
            visitor.Page.WaitForURLAsync("**/runs/*"),
            visitor.PressAsync("Confirm & apply"));
        await StayAsync(visitor);
        await Assertions.Expect(visitor.Console("apply")).ToContainTextAsync("before the gate", new() { Timeout = 30_000 });
        await Assertions.Expect(second.Console("apply")).ToContainTextAsync("before the gate");
        gate.Open();
        await Assertions.Expect(visitor.Console("apply")).ToContainTextAsync("after the gate");
        await visitor.SeeStatusAsync("Applied");
        await second.SeeStatusAsync("Applied");
        await Assertions.Expect(second.Page).ToHaveTitleAsync(new System.Text.RegularExpressions.Regex("^Applied"));
        await Assertions.Expect(second.Page.Locator(".timeline-list")).ToContainTextAsync("looks right");
        await Assertions.Expect(second.Page.GetByRole(AriaRole.Heading, new() { Name = "Apply clean" })).ToBeVisibleAsync();
        await SeeThatItStayedAsync(visitor);
        await SeeThatItStayedAsync(second);
        visitor.SeeNoComplaints();
        second.SeeNoComplaints();
    }

    [Fact]
    public async Task A_discarded_run_changes_nothing_and_can_not_be_confirmed_any_more()
    {
        using var gate = new Gate();
        await using var visitor = await site.VisitAsync();
        await visitor.ArriveAsync("discarding");
        await visitor.UploadAsync(Archives.Waiting(gate.File), start: true);
        await visitor.SeeStatusAsync("Needs confirmation");
        await using var second = await site.VisitAsync();
        await second.Page.GotoAsync(visitor.Page.Url);

        await visitor.PressAsync("Discard");
        await visitor.SeeStatusAsync("Discarded");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Confirm & apply" })).ToHaveCountAsync(0);
        await second.SeeStatusAsync("Discarded");
        await Assertions.Expect(second.Page.GetByRole(AriaRole.Button, new() { Name = "Confirm & apply" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Of_two_who_decide_at_once_one_learns_that_the_other_was_faster()
    {
        using var gate = new Gate();
        await using var fast = await site.VisitAsync();
        await fast.ArriveAsync("two-deciders");
        await fast.UploadAsync(Archives.Waiting(gate.File), start: true);
        await fast.SeeStatusAsync("Needs confirmation");
        // Without script, this page goes on showing the buttons.
        await using var slow = await site.VisitAsync(options: new BrowserNewContextOptions { JavaScriptEnabled = false });
        await slow.Page.GotoAsync(fast.Page.Url);

        await fast.PressAsync("Discard");
        await fast.SeeStatusAsync("Discarded");
        await slow.PressAsync("Confirm & apply");
        await Assertions.Expect(slow.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The run is discarded, so it cannot be confirmed.");
    }

    [Fact]
    public async Task A_long_apply_is_canceled_and_the_page_says_how_it_ended()
    {
        using var gate = new Gate();
        await using var visitor = await site.VisitAsync();
        await visitor.ArriveAsync("canceling");
        await visitor.UploadAsync(Archives.Waiting(gate.File), start: true);
        await visitor.SeeStatusAsync("Needs confirmation");
        await visitor.PressAsync("Confirm & apply");
        await Assertions.Expect(visitor.Console("apply")).ToContainTextAsync("before the gate", new() { Timeout = 30_000 });

        await visitor.PressAsync("Cancel run");
        await visitor.SeeStatusAsync("Canceled");
        await Assertions.Expect(visitor.Page.Locator(".page-head")).ToContainTextAsync("canceled");
        await Assertions.Expect(visitor.Page.Locator(".decision")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Html_script_and_escape_sequences_in_a_log_are_shown_as_text()
    {
        const string Line = "<img src=x onerror=alert(1)><script>document.title='taken'</script>";
        await using var visitor = await site.VisitAsync();
        await visitor.ArriveAsync("hostile-log");
        await visitor.UploadAsync(Archives.Of($$"""
            resource "terraform_data" "hostile" {
              provisioner "local-exec" {
                command = "printf '%s\\n' \"{{Line}}\"; printf '\\033[31mred\\033[0m \\033]0;title\\007 \\033[1;32mgreen\\n'"
              }
            }
            """), start: true);
        await visitor.SeeStatusAsync("Needs confirmation");
        await visitor.PressAsync("Confirm & apply");
        await visitor.SeeStatusAsync("Applied");

        var log = visitor.Console("apply");
        await Assertions.Expect(log.Locator(".log-line", new() { HasTextString = Line }).Last).ToBeVisibleAsync();
        await Assertions.Expect(log.Locator("img, script")).ToHaveCountAsync(0);
        await Assertions.Expect(log.Locator(".ansi-red").First).ToHaveTextAsync("red");
        await Assertions.Expect(visitor.Page).ToHaveTitleAsync(new System.Text.RegularExpressions.Regex("^Applied"));
        visitor.SeeNoComplaints();
    }

    [Fact]
    public async Task A_log_of_two_hundred_thousand_lines_is_read_searched_and_linked_without_being_loaded()
    {
        const int Lines = 200_000;
        await using var visitor = await site.VisitAsync();
        await visitor.ArriveAsync("long-logs");
        await visitor.UploadAsync(Archives.Of("""resource "terraform_data" "talkative" { input = "much" }"""), start: true);
        await visitor.SeeStatusAsync("Needs confirmation");
        await visitor.PressAsync("Confirm & apply");
        await visitor.SeeStatusAsync("Applied");
        await AddLinesAsync(new RunId(new Uri(visitor.Page.Url).Segments[^1]), Lines);
        await visitor.Page.ReloadAsync();

        var log = visitor.Console("apply");
        await Assertions.Expect(log).ToContainTextAsync($"(local-exec): {Lines}");
        await Assertions.Expect(log.GetByRole(AriaRole.Status)).ToHaveTextAsync("complete");
        await log.GetByRole(AriaRole.Button, new() { Name = "Top" }).ClickAsync();
        var first = log.Locator(".log-line[data-n='1']");
        await Assertions.Expect(first).ToBeInViewportAsync();
        Assert.InRange(await log.Locator(".log-line").CountAsync(), 100, 10_000);

        // Each line tells which it is, so the numbers beside them can be checked.
        await log.GetByRole(AriaRole.Searchbox).FillAsync("(local-exec): 123456");
        await log.GetByRole(AriaRole.Searchbox).PressAsync("Enter");
        var found = log.Locator(".log-target");
        await Assertions.Expect(found).ToBeInViewportAsync();
        await Assertions.Expect(found).ToContainTextAsync("(local-exec): 123456");
        await Assertions.Expect(log.Locator("[data-log-hits]")).ToHaveTextAsync("1 of 1");
        var number = int.Parse((await found.GetAttributeAsync("data-n"))!, System.Globalization.CultureInfo.InvariantCulture);

        await visitor.Page.GotoAsync($"{new Uri(visitor.Page.Url).AbsolutePath}#apply-L{number - 100_000}");
        await visitor.Page.ReloadAsync();
        await Assertions.Expect(log.Locator(".log-target")).ToContainTextAsync("(local-exec): 23456");
        await Assertions.Expect(log.Locator(".log-target")).ToBeInViewportAsync();
        Assert.InRange(await log.Locator(".log-line").CountAsync(), 100, 10_000);
        visitor.SeeNoComplaints();
    }

    [Fact]
    public async Task Destroys_stand_first_and_are_counted_loudly()
    {
        await using var visitor = await site.VisitAsync();
        var address = await visitor.ArriveAsync("destroying");
        await visitor.UploadAsync(Archives.Of("""
            resource "terraform_data" "old" { input = "old" }
            """), start: true);
        await visitor.SeeStatusAsync("Needs confirmation");
        await visitor.PressAsync("Confirm & apply");
        await visitor.SeeStatusAsync("Applied");

        await visitor.Page.GotoAsync(address);
        await visitor.UploadAsync(Archives.Of("""
            resource "terraform_data" "aaa_new" { input = "new" }
            """), start: true);
        await visitor.SeeStatusAsync("Needs confirmation");
        await Assertions.Expect(visitor.Page.Locator(".count-destroy")).ToHaveTextAsync("1 to destroy");
        await Assertions.Expect(visitor.Page.Locator(".change").First).ToContainTextAsync("terraform_data.old");
        await Assertions.Expect(visitor.Page.Locator(".decision")).ToContainTextAsync("This plan destroys 1 resource. Apply it?");
    }

    [Fact]
    public async Task A_plan_is_filtered_searched_and_drawn_also_without_script()
    {
        const string Configuration = """
            resource "terraform_data" "base" { input = "base" }
            resource "terraform_data" "table" {
              count = 150
              input = "${terraform_data.base.id} ${count.index}"
            }
            """;
        await using var visitor = await site.VisitAsync();
        await visitor.ArriveAsync("filtered");
        await visitor.UploadAsync(Archives.Of(Configuration), start: true);
        await visitor.SeeStatusAsync("Needs confirmation");
        var changes = visitor.Page.Locator("#change-results .change");
        await Assertions.Expect(changes).ToHaveCountAsync(100);
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Next" }).ClickAsync();
        await Assertions.Expect(changes).ToHaveCountAsync(51);

        await visitor.Page.GetByLabel("Search in the changes").FillAsync("TABLE[14");
        await Assertions.Expect(changes).ToHaveCountAsync(11);
        Assert.EndsWith("?q=TABLE%5B14", visitor.Page.Url, StringComparison.Ordinal);
        await visitor.Page.GetByText("Graph of what changes").ClickAsync();
        await Assertions.Expect(visitor.Page.Locator(".graph-node")).ToHaveCountAsync(2);
        await Assertions.Expect(visitor.Page.Locator(".graph-edge")).ToHaveCountAsync(1);
        await visitor.Page.Locator(".graph-node", new() { HasTextString = "base" }).ClickAsync();
        await Assertions.Expect(changes).ToHaveCountAsync(1);
        visitor.SeeNoComplaints();

        await using var reader = await site.VisitAsync(options: new BrowserNewContextOptions { JavaScriptEnabled = false });
        await reader.Page.GotoAsync(new Uri(visitor.Page.Url).AbsolutePath);
        await reader.Page.GetByLabel("Search in the changes").FillAsync("nothing-like-it");
        await reader.PressAsync("Search");
        await Assertions.Expect(reader.Page.GetByText("No change matches.")).ToBeVisibleAsync();
        await reader.Page.GetByRole(AriaRole.Link, new() { Name = "Show all 151" }).ClickAsync();
        await Assertions.Expect(reader.Page.Locator("#change-results .change")).ToHaveCountAsync(100);
    }

    [Fact]
    public async Task A_run_is_talked_about_confirmed_by_keyboard_alone_and_started_again()
    {
        await using var visitor = await site.VisitAsync();
        await using var other = await site.VisitAsync();
        await visitor.ArriveAsync("talked-about");
        await visitor.UploadAsync(Archives.Of("""resource "terraform_data" "one" { input = "one" }"""), start: true);
        await visitor.SeeStatusAsync("Needs confirmation");
        await SeeIconAsync(visitor, "ask");
        await other.Page.GotoAsync(visitor.Page.Url);
        await Assertions.Expect(other.Page.Locator("[data-live-state]")).ToHaveTextAsync("live");
        await other.Page.GetByLabel("Say something about it").FillAsync("Wait for Monday?");

        await visitor.Page.GetByLabel("Say something about it").FillAsync("Looks <b>fine</b> to me.\nReally.");
        await visitor.PressAsync("Comment");
        await Assertions.Expect(other.Page.Locator(".timeline-comment")).ToHaveTextAsync("Looks <b>fine</b> to me.\nReally.");
        await Assertions.Expect(other.Page.GetByLabel("Say something about it")).ToHaveValueAsync("Wait for Monday?");

        // From the top of the page: no mouse, and no more stops than a reader would put up with.
        await visitor.Page.GotoAsync(visitor.Page.Url);
        for (var stops = 0; await visitor.Page.EvaluateAsync<string>("() => document.activeElement.textContent.trim()") != "Confirm & apply"; stops++)
        {
            Assert.InRange(stops, 0, 25);
            await visitor.Page.Keyboard.PressAsync("Tab");
        }
        await visitor.Page.Keyboard.PressAsync("Enter");
        await visitor.SeeStatusAsync("Applied");
        await other.SeeStatusAsync("Applied");
        await SeeIconAsync(other, "ok");

        await visitor.PressAsync("Run again");
        await visitor.SeeStatusAsync("Planned and finished");
        Assert.NotEqual(other.Page.Url, visitor.Page.Url);
        visitor.SeeNoComplaints();
        other.SeeNoComplaints();
    }

    /// <summary>To the log of an apply that is over: terraform would take a minute to say as much.</summary>
    private async Task AddLinesAsync(RunId run, int lines)
    {
        await using var writer = await site.Services.GetRequiredService<RunLogStore>().OpenAsync(
            run, "apply", site.Services.GetRequiredService<WorkerIdentity>().Name, CancellationToken.None);
        for (var line = 1; line <= lines; line += 1000)
        {
            await writer.WriteAsync(
                Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(line, 1000).Select(number => $"terraform_data.talkative (local-exec): {number}\n"))), CancellationToken.None);
        }
        await writer.CompleteAsync();
        await using var db = await site.Services.GetRequiredService<IDbContextFactory<OrchestratorDbContext>>().CreateDbContextAsync();
        await db.Applies.Where(apply => apply.RunId == run).ExecuteUpdateAsync(set => set.SetProperty(apply => apply.LogLength, writer.Length));
    }

    private static Task SeeIconAsync(Visitor visitor, string state) => Assertions.Expect(visitor.Page.Locator("[data-live-icon]"))
        .ToHaveAttributeAsync("href", new System.Text.RegularExpressions.Regex($"^/icon-{state}\\."));

    private static async Task AddVariableAsync(Visitor visitor, string address, string key, string value)
    {
        await visitor.Page.GotoAsync($"{address}/variables");
        await visitor.Page.GetByLabel("Key").FillAsync(key);
        await visitor.Page.GetByLabel("Value", new() { Exact = true }).FillAsync(value);
        await visitor.PressAsync("Add variable");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Region, new() { Name = "Variables", Exact = true }).GetByRole(AriaRole.Rowheader, new() { Name = key })).ToBeVisibleAsync();
    }

    // A mark that a reload would wipe.
    private static async Task StayAsync(Visitor visitor) => await visitor.Page.EvaluateAsync("() => { window.stayed = true; }");

    private static async Task SeeThatItStayedAsync(Visitor visitor) =>
        Assert.True(await visitor.Page.EvaluateAsync<bool>("() => window.stayed === true"), "The page was loaded again.");
}
