using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Hosting;

namespace Orchestrator.Web.Demo;

/// <summary>What the demo does: makes an organisation with a workspace for each sample, and takes one of them from upload to wipe on
/// credentials of the simulator's AWS.</summary>
internal sealed class DemoStory(IServiceProvider services)
{
    private const string Organization = "acme";
    private const string Star = "aws-remote-state";

    private static readonly string[] Others = ["hello", "failing", "long-running"];
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private static readonly (string Key, string Value)[] AwsVariables =
    [
        ("TFC_AWS_PROVIDER_AUTH", "true"),
        ("TFC_AWS_PLAN_ROLE_ARN", "arn:aws:iam::123456789012:role/orchestrator-plan"),
        ("TFC_AWS_APPLY_ROLE_ARN", "arn:aws:iam::123456789012:role/orchestrator-apply"),
        ("AWS_REGION", "eu-central-1"),
    ];

    /// <returns>True when the run was applied and everything of it is gone.</returns>
    public async Task<bool> TellAsync(CancellationToken cancellationToken)
    {
        using var api = new DemoApi(services.GetRequiredService<ServerAddresses>().Local);
        var workspace = await DemoDisplay.PrepareAsync(async step =>
        {
            step($"organisation {Organization}");
            await api.CreateAsync("organizations", new JsonObject { ["name"] = Organization }, cancellationToken);
            foreach (var sample in Others)
            {
                step($"workspace {sample}");
                await MakeWorkspaceAsync(api, sample, [], cancellationToken);
            }
            step($"workspace {Star}");
            return await MakeWorkspaceAsync(api, Star, AwsVariables, cancellationToken);
        });
        var run = await StartAsync(api, workspace, cancellationToken);
        var id = run.GetProperty("id").GetString()!;

        await FollowAsync(api, run, "plan", cancellationToken);
        if (await StatusAsync(api, id, cancellationToken) == RunStatus.Planned)
        {
            await api.ActAsync($"runs/{id}/actions/apply", "Confirmed by the demo", cancellationToken);
            await FollowAsync(api, run, "apply", cancellationToken);
        }
        return await CloseAsync(new RunId(id), cancellationToken);
    }

    private static async Task<string> MakeWorkspaceAsync(
        DemoApi api, string sample, (string Key, string Value)[] variables, CancellationToken cancellationToken)
    {
        var workspace = await api.CreateAsync($"organizations/{Organization}/workspaces", new JsonObject { ["name"] = sample }, cancellationToken);
        var id = workspace.GetProperty("id").GetString()!;
        foreach (var (key, value) in variables)
        {
            await api.CreateAsync($"workspaces/{id}/vars",
                new JsonObject { ["key"] = key, ["value"] = value, ["category"] = "env" }, cancellationToken);
        }
        var version = await api.CreateAsync($"workspaces/{id}/configuration-versions", new JsonObject { ["auto-queue-runs"] = false }, cancellationToken);
        var link = version.GetProperty("attributes").GetProperty("upload-url").GetString()!;
        await api.UploadAsync(link, Path.Combine(AppContext.BaseDirectory, "samples", sample), cancellationToken);
        return id;
    }

    private static Task<JsonElement> StartAsync(DemoApi api, string workspace, CancellationToken cancellationToken) => api.CreateAsync(
        "runs",
        new JsonObject { ["message"] = "Read the network's state, publish a report" },
        cancellationToken,
        new JsonObject { ["workspace"] = new JsonObject { ["data"] = new JsonObject { ["type"] = "workspaces", ["id"] = workspace } } });

    private static async Task<RunStatus> StatusAsync(DemoApi api, string id, CancellationToken cancellationToken) => EnumText.Parse<RunStatus>(
        (await api.GetAsync($"runs/{id}", cancellationToken)).GetProperty("attributes").GetProperty("status").GetString()!);

    /// <summary>Shows a phase's log while it grows, to the end mark.</summary>
    private static async Task FollowAsync(DemoApi api, JsonElement run, string phase, CancellationToken cancellationToken)
    {
        var (path, relationship) = phase == "plan" ? ("plans", "plan") : ("applies", "apply");
        var id = run.GetProperty("relationships").GetProperty(relationship).GetProperty("data").GetProperty("id").GetString();
        var document = await api.GetAsync($"{path}/{id}", cancellationToken);
        var link = document.GetProperty("attributes").GetProperty("log-read-url").GetString()!;
        DemoDisplay.Phase(phase);
        var offset = 0L;
        while (true)
        {
            var piece = await api.ReadLogAsync(link, offset, cancellationToken);
            offset += piece.Length;
            if (DemoDisplay.Log(piece))
            {
                return;
            }
            if (piece.Length == 0)
            {
                await Task.Delay(Look, cancellationToken);
            }
        }
    }

    private async Task<bool> CloseAsync(RunId id, CancellationToken cancellationToken)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<OrchestratorDbContext>>().CreateDbContextAsync(cancellationToken);
        var run = await db.Runs.AsNoTracking().FirstAsync(row => row.Id == id, cancellationToken);
        var plan = await db.Plans.AsNoTracking().FirstAsync(row => row.RunId == id, cancellationToken);
        var apply = await db.Applies.AsNoTracking().FirstAsync(row => row.RunId == id, cancellationToken);
        var grants = await db.CredentialGrants.AsNoTracking().Where(row => row.RunId == id).ToListAsync(cancellationToken);
        DemoDisplay.Close(run, [plan, apply], grants);
        return run.Status == RunStatus.Applied && plan.WipeReceipt is { IsClean: true } && apply.WipeReceipt is { IsClean: true };
    }
}
