using System.Text.Json.Nodes;

namespace Orchestrator.Web.Tests.Support;

/// <summary>A run, driven through the API alone.</summary>
public sealed class TestRun
{
    // A run that is there stays there until somebody asks for more.
    internal static readonly string[] Settled =
        ["applied", "discarded", "errored", "canceled", "planned_and_finished", "planned_and_saved", "policy_soft_failed"];

    private readonly ApiClient _api;

    public TestRun(ApiClient api, Answer created) : this(api, created.Data)
    {
    }

    public TestRun(ApiClient api, JsonNode resource)
    {
        _api = api;
        Id = resource["id"]!.GetValue<string>();
        PlanId = resource["relationships"]!["plan"]!["data"]!["id"]!.GetValue<string>();
        ApplyId = resource["relationships"]!["apply"]!["data"]!["id"]!.GetValue<string>();
    }

    public string Id { get; }

    public string PlanId { get; }

    public string ApplyId { get; }

    public async Task<Answer> ReadAsync() => (await _api.GetAsync($"runs/{Id}")).Expect(200);

    public async Task<string> StatusAsync() => (await ReadAsync()).Attributes["status"]!.GetValue<string>();

    /// <summary>Waits until the run is in that status, and says why it will not get there.</summary>
    public Task<Answer> ReachAsync(string status) => Wait.ForAsync($"run {Id} to be {status}", async () =>
    {
        var run = await ReadAsync();
        var now = run.Attributes["status"]!.GetValue<string>();
        if (now == status)
        {
            return run;
        }
        return Settled.Contains(now) && !(now == "planned_and_saved" && status == "applied")
            ? throw new Xunit.Sdk.XunitException(
                $"Run {Id} is {now}, not {status}: {run.Attributes["outcome"]}\n{await LogAsync("plan")}\n{await LogAsync("apply")}")
            : null;
    });

    /// <summary>Waits until it has ended, however.</summary>
    public Task<Answer> SettleAsync() => Wait.ForAsync($"run {Id} to end", async () =>
    {
        var run = await ReadAsync();
        return Settled.Contains(run.Attributes["status"]!.GetValue<string>()) ? run : null;
    });

    public Task<Answer> ActAsync(string action, string? comment = null) =>
        _api.PostAsync($"runs/{Id}/actions/{action}", new JsonObject { ["comment"] = comment });

    public async Task<Answer> PlanAsync() => (await _api.GetAsync($"plans/{PlanId}")).Expect(200);

    public async Task<Answer> ApplyAsync() => (await _api.GetAsync($"applies/{ApplyId}")).Expect(200);

    public async Task<Answer> PlanJsonAsync() => (await _api.GetAsync($"plans/{PlanId}/json-output")).Expect(200);

    public async Task<string> LogLinkAsync(string phase) =>
        (phase == "plan" ? await PlanAsync() : await ApplyAsync()).Attributes["log-read-url"]!.GetValue<string>();

    /// <summary>What is there of the log, without its frame.</summary>
    public async Task<string> LogAsync(string phase)
    {
        var link = await LogLinkAsync(phase);
        using var anonymous = new ApiClient(new Uri(link));
        return (await anonymous.GetAsync($"{link}?limit=1000000&offset=0")).Expect(200).Text.Trim('\u0002', '\u0003');
    }

    public Task WaitForLogAsync(string phase, string text) => Wait.ForAsync($"'{text}' in the {phase} log of {Id}", async () =>
        (await LogAsync(phase)).Contains(text, StringComparison.Ordinal) ? "" : null);

    /// <summary>The additions, changes and destructions of a phase.</summary>
    public async Task<(int Add, int Change, int Destroy)> CountsAsync(string phase = "plan")
    {
        var attributes = (phase == "plan" ? await PlanAsync() : await ApplyAsync()).Attributes;
        int Count(string name) => attributes[$"resource-{name}"]!.GetValue<int>();
        return (Count("additions"), Count("changes"), Count("destructions"));
    }
}
