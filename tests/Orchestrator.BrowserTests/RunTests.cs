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
    public async Task A_long_log_starts_near_its_end_and_earlier_lines_come_when_asked_for()
    {
        const int Lines = 30_000;
        await using var visitor = await site.VisitAsync();
        await visitor.ArriveAsync("long-logs");
        await visitor.UploadAsync(Archives.Of($$"""
            resource "terraform_data" "talkative" {
              provisioner "local-exec" { command = "seq 1 {{Lines}}" }
            }
            """), start: true);
        await visitor.SeeStatusAsync("Needs confirmation");
        await visitor.PressAsync("Confirm & apply");
        await visitor.SeeStatusAsync("Applied");
        await visitor.Page.ReloadAsync();

        var log = visitor.Console("apply");
        await Assertions.Expect(log).ToContainTextAsync($"(local-exec): {Lines}");
        await Assertions.Expect(log.GetByRole(AriaRole.Status)).ToHaveTextAsync("complete");
        var first = await FirstNumberAsync(log);
        Assert.InRange(first, Lines / 2, Lines);
        await log.GetByRole(AriaRole.Button, new() { Name = "Load earlier lines" }).ClickAsync();
        await Assertions.Expect(log.Locator($".log-line[data-n='{first - 1}']")).ToHaveCountAsync(1);
        // Each line tells which it is, so the numbers beside them can be checked.
        var (number, said) = (await FirstNumberAsync(log), await log.Locator(".log-line").First.TextContentAsync());
        var before = await log.Locator($".log-line[data-n='{first}']").TextContentAsync();
        Assert.Equal(first - number, Said(before) - Said(said));
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

    private static async Task<int> FirstNumberAsync(ILocator log) =>
        int.Parse((await log.Locator(".log-line").First.GetAttributeAsync("data-n"))!, System.Globalization.CultureInfo.InvariantCulture);

    private static int Said(string? line) =>
        int.Parse(line![(line!.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);

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
