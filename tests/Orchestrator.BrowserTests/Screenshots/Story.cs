using System.Globalization;
using System.Text.Json.Nodes;

namespace Orchestrator.BrowserTests.Screenshots;

/// <summary>What an installation looks like where people have worked for a while: every state a run can be left in, and every kind of change
/// a plan can have.</summary>
internal sealed class Story(Installation installation, string gate)
{
    public const string Organization = "acme";
    public const string Star = "aws-remote-state";

    private static readonly (string Key, string Value)[] Aws =
    [
        ("TFC_AWS_PROVIDER_AUTH", "true"),
        ("TFC_AWS_PLAN_ROLE_ARN", "arn:aws:iam::123456789012:role/orchestrator-plan"),
        ("TFC_AWS_APPLY_ROLE_ARN", "arn:aws:iam::123456789012:role/orchestrator-apply"),
        ("AWS_REGION", "eu-central-1"),
    ];

    /// <summary>The runs that the pictures are of, by what is worth seeing in each.</summary>
    public Dictionary<string, string> Runs { get; } = [];

    public string VariableSet { get; private set; } = "";

    /// <summary>One that differs from the state before it.</summary>
    public string State { get; private set; } = "";

    public string Team { get; private set; } = "";

    public string Project { get; private set; } = "";

    /// <summary>Of a team to the workspace that most pictures are of.</summary>
    public string Access { get; private set; } = "";

    public async Task TellAsync()
    {
        await installation.CreateAsync("organizations", new { name = Organization });
        await installation.CreateAsync("organizations", new { name = "umbrella-research" });
        var platform = await installation.CreateAsync($"organizations/{Organization}/projects", new { name = "Platform", description = "What all teams build on." });
        var payments = await installation.CreateAsync($"organizations/{Organization}/projects", new { name = "Payments" });
        var payers = await TeamsAsync();
        await installation.CreateAsync($"organizations/{Organization}/agent-pools", new Dictionary<string, object> { ["name"] = "data-centre", ["organization-scoped"] = true });
        Project = payments;

        var production = await WorkspaceAsync(Star, "The network of every region.", null, "env=prod, team=network");
        foreach (var (key, value) in Aws)
        {
            await installation.CreateAsync($"workspaces/{production}/vars", new { key, value, category = "env" });
        }
        await VariablesAsync(production);
        Access = await installation.CreateAsync("team-workspaces", new Dictionary<string, object>
        {
            ["access"] = "custom", ["runs"] = "plan", ["variables"] = "read", ["state-versions"] = "read-outputs", ["workspace-locking"] = true, ["run-with-credentials"] = false,
        }, ("team", "teams", payers), ("workspace", "workspaces", production));
        await installation.CreateAsync("team-projects", new { access = "maintain" }, ("team", "teams", payers), ("project", "projects", payments));
        await installation.CreateAsync("team-projects", new { access = "write" }, ("team", "teams", Team), ("project", "projects", payments));
        await installation.CreateAsync($"workspaces/{production}/notification-configurations", new Dictionary<string, object>
        {
            ["name"] = "On-call channel", ["destination-type"] = "slack", ["enabled"] = false, ["url"] = "https://hooks.example.com/services/T0/B0/x", ["triggers"] = new[] { "run:needs_attention", "run:errored" },
        });
        await installation.CreateAsync($"workspaces/{production}/notification-configurations", new Dictionary<string, object>
        {
            ["name"] = "Deployment log", ["destination-type"] = "generic", ["enabled"] = false, ["url"] = "https://log.example.com/in", ["token"] = "signs", ["triggers"] = new[] { "run:completed" },
        });
        Runs["credentials"] = await installation.ApplyAsync(production, Configurations.OfSample("aws-remote-state"), "Read the network's state, publish a report");
        var staging = await WorkspaceAsync("network-staging", "Where changes to the network are tried first.", platform, "env=staging, team=network");
        for (var week = 1; week <= 9; week++)
        {
            await installation.ApplyAsync(staging, Configurations.Growing(week), string.Create(CultureInfo.InvariantCulture, $"Add the subnets of zone {week}"));
        }
        await installation.RunAsync(staging, Configurations.Broken, "Use the new address ranges");
        await installation.ApplyAsync(staging, Configurations.Growing(10), "Use the new address ranges, mended");

        State = (await installation.GetAsync(HttpMethod.Get, $"workspaces/{staging}/current-state-version")).GetProperty("id").GetString()!;

        await installation.CreateAsync($"workspaces/{production}/run-triggers", new { }, ("sourceable", "workspaces", staging));

        var shop = await WorkspaceAsync("payments-production", "The shop's payments.", payments, "env=prod, team=payments, pci");
        await installation.CreateAsync($"workspaces/{shop}/vars", new { key = "api_key", value = "s3cr3t-value-of-the-bank", category = "terraform", sensitive = true });
        Runs["applied"] = await installation.ApplyAsync(shop, Configurations.Before, "First version of the payments stack");
        (Runs["review"], _) = await installation.RunAsync(shop, Configurations.After, "Move sessions to the new store, retire the old ledger\n\nCloses PAY-1841.");
        await installation.CreateAsync($"runs/{Runs["review"]}/comments", new { body = "The ledger was exported on Monday; it may go." });

        var failing = await WorkspaceAsync("billing-reports", null, payments, "env=prod, team=payments");
        (Runs["failed"], _) = await installation.RunAsync(failing, Configurations.Broken, "Report by cost centre");
        var slow = await WorkspaceAsync("search-cluster", "Slow to build.", platform, "env=prod, team=search");
        (Runs["running"], _) = await installation.RunAsync(slow, Archives.Waiting(gate), "Grow the cluster to nine nodes");
        await installation.ActAsync($"runs/{Runs["running"]}/actions/apply", "Go.");
        await installation.RunAsync(slow, Archives.Waiting(gate), "And to twelve", wait: false);
        var large = await WorkspaceAsync("data-lake", "Two thousand tables.", platform, "team=data");
        (Runs["large"], _) = await installation.RunAsync(large, Configurations.Large(300), "Create the tables of the new warehouse");
        var talkative = await WorkspaceAsync("certificates", null, platform, "team=network");
        Runs["talkative"] = await installation.ApplyAsync(talkative, Configurations.Talkative(30_000), "Renew what ends this year");
        var locked = await WorkspaceAsync("dns", "Zones and records.", platform, "env=prod, team=network");
        await installation.ApplyAsync(locked, Configurations.Growing(4), "Zones of the new brand");
        await installation.SendAsync(HttpMethod.Post, $"workspaces/{locked}/actions/lock", new JsonObject { ["reason"] = "Moving records by hand until Friday" });
        await WorkspaceAsync("sandbox", null, platform, "");
    }

    private async Task<string> TeamsAsync()
    {
        Team = await installation.CreateAsync($"organizations/{Organization}/teams", new Dictionary<string, object>
        {
            ["name"] = "network", ["visibility"] = "organization", ["sso-team-id"] = "grp-network",
            ["organization-access"] = new Dictionary<string, bool> { ["read-workspaces"] = true, ["manage-vcs-settings"] = true, ["manage-agent-pools"] = true },
        });
        var payments = await installation.CreateAsync($"organizations/{Organization}/teams", new { name = "payments", visibility = "organization" });
        await installation.CreateAsync($"organizations/{Organization}/teams", new Dictionary<string, object>
        {
            ["name"] = "auditors", ["organization-access"] = new Dictionary<string, bool> { ["read-projects"] = true, ["access-secret-teams"] = true },
        });
        foreach (var (person, team) in new[] { ("ada@example.com", Team), ("grace@example.com", payments) })
        {
            await installation.SendAsync(HttpMethod.Post, $"organizations/{Organization}/organization-memberships", new JsonObject
            {
                ["data"] = new JsonObject
                {
                    ["attributes"] = new JsonObject { ["email"] = person },
                    ["relationships"] = new JsonObject { ["teams"] = new JsonObject { ["data"] = new JsonArray(new JsonObject { ["type"] = "teams", ["id"] = team }) } },
                },
            });
        }
        return payments;
    }

    private async Task VariablesAsync(string workspace)
    {
        await installation.CreateAsync($"workspaces/{workspace}/vars", new { key = "cidr_blocks", value = "[\"10.0.0.0/16\", \"10.1.0.0/16\"]", category = "terraform", hcl = true, description = "What the network spans." });
        await installation.CreateAsync($"workspaces/{workspace}/vars", new { key = "LOG_LEVEL", value = "info", category = "env" });
        await installation.CreateAsync($"workspaces/{workspace}/vars", new { key = "peering_secret", value = "never-to-be-seen", category = "terraform", sensitive = true });
        VariableSet = await installation.CreateAsync($"organizations/{Organization}/varsets", new { name = "Company defaults", description = "Tags and regions that everybody has.", global = true });
        await installation.CreateAsync($"varsets/{VariableSet}/relationships/vars", new { key = "LOG_LEVEL", value = "warning", category = "env" });
        await installation.CreateAsync($"varsets/{VariableSet}/relationships/vars", new { key = "COST_CENTRE", value = "4711", category = "env" });
        var priority = await installation.CreateAsync($"organizations/{Organization}/varsets", new { name = "Guard rails", description = "Nobody may choose otherwise.", global = true, priority = true });
        await installation.CreateAsync($"varsets/{priority}/relationships/vars", new { key = "AWS_REGION", value = "eu-central-1", category = "env" });
    }

    private async Task<string> WorkspaceAsync(string name, string? description, string? project, string tags)
    {
        var id = await installation.CreateAsync($"organizations/{Organization}/workspaces", new { name, description },
            project is null ? [] : [("project", "projects", project)]);
        var bindings = tags.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(tag => tag.Split('='))
            .Select(tag => new JsonObject
            {
                ["type"] = "tag-bindings",
                ["attributes"] = new JsonObject { ["key"] = tag[0], ["value"] = tag.ElementAtOrDefault(1) ?? "" },
            }).ToArray<JsonNode?>();
        if (bindings.Length > 0)
        {
            await installation.GetAsync(HttpMethod.Patch, $"workspaces/{id}/tag-bindings", new JsonObject { ["data"] = new JsonArray(bindings) });
        }
        return id;
    }
}
