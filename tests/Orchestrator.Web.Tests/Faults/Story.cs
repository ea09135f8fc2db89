using System.Text.Json.Nodes;
using Orchestrator.Terraform;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Faults;

/// <summary>One run, what is done to it at one moment, and the oracle that looks afterwards: it has ended as what it is, nobody holds its
/// workspace's lock, its state has all that was said to be there, it was applied once, nothing of it is left, and its receipts are true.</summary>
internal sealed class Story(Cluster cluster)
{
    /// <summary>Three resources, a second each, one after the other.</summary>
    private const string Configuration = """
        resource "terraform_data" "one" {
          provisioner "local-exec" { command = "sleep 1" }
        }
        resource "terraform_data" "two" {
          depends_on = [terraform_data.one]
          provisioner "local-exec" { command = "sleep 1" }
        }
        resource "terraform_data" "three" {
          depends_on = [terraform_data.two]
          provisioner "local-exec" { command = "sleep 1" }
        }
        """;

    private static readonly string[] Order =
        ["pending", "plan_queued", "planning", "planned", "confirmed", "apply_queued", "applying", "applied", "errored", "canceled", "planned_and_finished"];

    private readonly List<string> _complaints = [];
    private TestWorkspace _workspace = null!;
    private TestRun _run = null!;
    private bool _hasShown;
    private readonly HashSet<int> _applies = [];
    private int _mostApplies;

    /// <returns>How the run ended (and why, unless it was applied), after how long, and what the oracle has to complain of.</returns>
    public async Task<(string Ending, TimeSpan After, IReadOnlyList<string> Complaints)> GoAsync(Victim victim, Moment moment)
    {
        _workspace = await TestWorkspace.CreateAsync(cluster.Api, organization: "faults");
        await _workspace.UploadAsync(Configuration);
        _run = await _workspace.StartAsync();
        if (moment.IsInApply)
        {
            await UntilAsync(async () => await IsAsync("planned"), "the plan");
            (await _run.ActAsync("apply")).Expect(202);
        }
        using var over = new CancellationTokenSource();
        var watching = Task.Run(() => CountAppliesAsync(over.Token));
        await UntilAsync(() => moment.HasCome(this), $"'{moment.Name}'");
        var began = TimeProvider.System.GetTimestamp();
        await cluster.HurtAsync(victim, await Oracle.TryAsync(() => cluster.AskAsync<string>("""SELECT "ClaimedBy" FROM "Runs" WHERE "Id" = @id""", _run.Id)));

        var ending = await EndAsync();
        var after = TimeProvider.System.GetElapsedTime(began);
        await over.CancelAsync();
        await watching;
        await LookAsync(ending);
        var outcome = ending == "applied" ? null : (await _run.ReadAsync()).Attributes["outcome"]?.GetValue<string>();
        return (outcome is null ? ending : $"{ending}: {outcome}", after, _complaints);
    }

    public async Task<bool> IsAsync(string status)
    {
        var now = await Oracle.TryAsync(_run.StatusAsync);
        return now == status || (now is not null && Array.IndexOf(Order, now) >= Array.IndexOf(Order, status));
    }

    /// <summary>Or it did, and is over.</summary>
    public async Task<bool> RunsAsync(string command) => Terraforms(command).Length > 0 || await IsAsync(command == "apply" ? "applied" : "planned");

    public async Task<bool> HasPassedShowAsync()
    {
        var shows = Terraforms("show").Length > 0;
        _hasShown |= shows;
        return (_hasShown && !shows) || await IsAsync("planned");
    }

    public async Task<bool> HasLoggedAsync(string text) =>
        (await Oracle.TryAsync(() => _run.LogAsync("apply")))?.Contains(text, StringComparison.Ordinal) == true || await IsAsync("applied");

    /// <summary>To its end, with a yes where it asks for one.</summary>
    private async Task<string> EndAsync()
    {
        var ending = "";
        await UntilAsync(async () =>
        {
            ending = await Oracle.TryAsync(_run.StatusAsync) ?? "";
            if (ending == "planned")
            {
                await Oracle.TryAsync(async () => await _run.ActAsync("apply"));
            }
            return TestRun.Settled.Contains(ending);
        }, "its end");
        return ending;
    }

    private async Task LookAsync(string ending)
    {
        Require(await TryForSureAsync(async () => !await _workspace.IsLockedAsync()), "the workspace is locked though nothing lives");
        var log = await _run.LogAsync("apply");
        var said = Oracle.MadeIn(log);
        var there = await _workspace.ResourcesAsync();
        Require(said.All(address => there.Contains(address)), $"the log says that {string.Join(", ", said.Except(there))} is there, and the state does not");
        Require(ending == "errored" || there.Count == 3, $"the run is {ending} with {there.Count} of 3 resources");
        Require(_applies.Count <= Oracle.AppliesIn(log), $"terraform applied it {_applies.Count} times");
        Require(_mostApplies <= 1, "two applies at once");
        _complaints.AddRange(await new Oracle(cluster).JudgeAsync(_run));

        // Whoever comes next finishes the work.
        var next = await _workspace.StartAsync(new JsonObject { ["auto-apply"] = true });
        var end = "";
        await UntilAsync(async () =>
        {
            end = await Oracle.TryAsync(next.StatusAsync) ?? "";
            return TestRun.Settled.Contains(end);
        }, "the next run");
        Require(end is "applied" or "planned_and_finished", $"the next run is {end}");
        Require((await _workspace.ResourcesAsync()).Count(address => !address.EndsWith('!')) == 3, "the next run has not finished the work");
    }

    private async Task CountAppliesAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            var applies = Terraforms("apply");
            _applies.UnionWith(applies);
            _mostApplies = Math.Max(_mostApplies, applies.Length);
            await Task.Delay(Oracle.Look, CancellationToken.None);
        }
    }

    private int[] Terraforms(string command) => [.. ProcessTree.Find(_run.Id).Where(process => LiveTerraform.Is(process, command))];

    private void Require(bool isTrue, string complaint)
    {
        if (!isTrue)
        {
            _complaints.Add(complaint);
        }
    }

    private async Task UntilAsync(Func<Task<bool>> condition, string what) =>
        Require(await Oracle.ComesAsync(condition), $"waited {Oracle.Limit.TotalSeconds:0} s in vain for {what}");

    private static async Task<bool> TryForSureAsync(Func<Task<bool>> condition)
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            if (await condition())
            {
                return true;
            }
            await Task.Delay(50);
        }
        return false;
    }
}
