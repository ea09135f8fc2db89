using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Credentials;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;
using Orchestrator.Web.Tests.Credentials;
using Orchestrator.Web.Tests.Faults;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Isolation;

/// <summary>Every attack of <c>samples/threats</c>, carried out by the real terraform. In the sandbox none succeeds. Without it some do, and
/// SECURITY.md names them: no more and no fewer.</summary>
public sealed partial class ThreatTests(ThreatTests.Servers servers) : IClassFixture<ThreatTests.Servers>
{
    /// <summary>Only in a network of its own has it somebody to ask that is nobody else's: <c>NetworkBlockTests</c>.</summary>
    private const string NeedsItsOwnNetwork = "metadata";

    private static readonly string Samples = Path.Combine(Repository.Root, "samples", "threats");

    public static TheoryData<string> Attacks =>
        [.. Directory.GetDirectories(Samples).Select(path => Path.GetFileName(path)!).Where(name => name != NeedsItsOwnNetwork).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Attacks))]
    public async Task In_the_sandbox_no_attack_succeeds(string attack)
    {
        var server = await servers.Sandboxed.Value;
        Assert.SkipUnless(server.Get<Sandbox>().IsActive, "bubblewrap does not work here: apt-get install bubblewrap.");

        Assert.Null(await CarryOutAsync(server, attack));
    }

    [Theory, MemberData(nameof(Attacks))]
    public async Task Without_a_sandbox_those_attacks_succeed_that_the_security_page_names(string attack)
    {
        var server = await servers.Open.Value;

        var success = await CarryOutAsync(server, attack);

        Assert.True(success is not null == NamedInSecurityPage().Contains(attack), $"SECURITY.md is wrong about {attack}: {success ?? "it did not succeed"}");
    }

    [Fact]
    public async Task A_run_without_a_sandbox_says_so_in_its_log_on_its_page_and_in_readyz()
    {
        var server = await servers.Open.Value;
        var workspace = await TestWorkspace.CreateAsync(server.Api);
        await workspace.UploadSampleAsync("hello");

        var run = await workspace.ApplyAsync();

        const string warning = "The sandbox is switched off (Orchestrator__Sandbox=off): terraform can read what this server can read.";
        Assert.Contains($"Initializing plugins and modules...\n\u001b[33mWarning: {warning}", await run.LogAsync("apply"), StringComparison.Ordinal);
        using var browser = await Browser.SignedInAsync(server);
        var page = (await browser.GetAsync($"/app/{workspace.Organization}/{workspace.Name}/runs/{run.Id}")).Expect(200).Text;
        Assert.Contains(warning, page, StringComparison.Ordinal);
        Assert.Contains("It ran without the sandbox, and could read what the server can read", page, StringComparison.Ordinal);
        var ready = (await server.Anonymous.GetAsync("/readyz")).Expect(200).Json;
        Assert.Equal(("off", "open"), (ready["sandbox"]!.GetValue<string>(), ready["metadata"]!.GetValue<string>()));

        var sandboxed = await servers.Sandboxed.Value;
        var other = await TestWorkspace.CreateAsync(sandboxed.Api);
        await other.UploadSampleAsync("hello");
        Assert.DoesNotContain("Warning", await (await other.ApplyAsync()).LogAsync("apply"), StringComparison.Ordinal);
    }

    [Fact]
    public void There_are_at_least_25_and_each_is_told_of()
    {
        var told = File.ReadAllText(Path.Combine(Samples, "README.md"));

        Assert.InRange(Attacks.Count, 25, 1000);
        Assert.All(Attacks, attack => Assert.Contains($"| `{attack.Data}` |", told, StringComparison.Ordinal));
        Assert.Empty(NamedInSecurityPage().Except(Attacks.Select(attack => attack.Data.ToString())));
    }

    /// <returns>How it succeeded; null when it did not.</returns>
    private static async Task<string?> CarryOutAsync(Platform server, string attack)
    {
        var workspace = await DeliveryTests.SetUpAsync(server, _ => { });
        var other = await TestWorkspace.CreateAsync(server.Api, organization: workspace.Organization);
        var neighbour = await SetUpAsync(workspace, other, attack);
        await workspace.UploadSampleAsync($"threats/{attack}");

        var run = await workspace.StartAsync(new JsonObject { ["auto-apply"] = true });
        await run.SettleAsync();
        var log = await run.LogAsync("plan") + await run.LogAsync("apply");
        if (attack == "next-run")
        {
            run = await workspace.StartAsync(new JsonObject { ["auto-apply"] = true });
            await run.SettleAsync();
            log = await run.LogAsync("apply");
        }

        if (neighbour is not null)
        {
            (await neighbour.ActAsync("cancel")).Expect(202);
        }
        string[] secrets = [.. server.Sts.Of(run.Id, "plan").All, .. (await run.LogAsync("apply")).Length > 0 ? server.Sts.Of(run.Id, "apply").All : []];
        Assert.NotEmpty(secrets);
        // What a run has tried must have been tried: an attack that does not start proves nothing.
        Assert.True(log.Contains("local-exec", StringComparison.Ordinal) || log.Contains("environment", StringComparison.Ordinal)
            || log.Contains("Error", StringComparison.Ordinal), log);
        return Won().Match(log) is { Success: true } won ? won.Groups[1].Value.Trim()
            : secrets.Any(secret => log.Contains(secret, StringComparison.Ordinal)) ? "a secret is in the log"
            : attack switch
            {
                "next-run" when log.Contains("\u001b[0mfound in", StringComparison.Ordinal) => "found what the run before it had left",
                "loader" when Leftover(server.DirectoryPath, "loader.*") => "the loader wrote to the data directory",
                "state-link" when (await server.Api.GetAsync($"applies/{run.ApplyId}/errored-state")).Text.Contains("planted", StringComparison.Ordinal)
                    || (await workspace.StateAsync())?.ToJsonString().Contains("planted", StringComparison.Ordinal) == true => "got another's state",
                "shared-memory" when Leftover("/dev/shm", $"threat-{run.Id}") => "left a file in /dev/shm",
                "daemon" when KillDaemons() => "left a process behind",
                _ => null,
            };
    }

    /// <returns>A run that is to be ended afterwards.</returns>
    private static async Task<TestRun?> SetUpAsync(TestWorkspace workspace, TestWorkspace other, string attack)
    {
        switch (attack)
        {
            case "path":
                await workspace.SetEnvironmentAsync("PATH", ".:/usr/local/bin:/usr/bin:/bin");
                break;
            case "loader":
                await workspace.SetEnvironmentAsync("LD_DEBUG", "files");
                await workspace.SetEnvironmentAsync("LD_DEBUG_OUTPUT", "../../../loader");
                break;
            case "other-run":
                await other.UploadSampleAsync("long-running");
                var neighbour = await other.StartAsync(new JsonObject { ["auto-apply"] = true });
                await neighbour.WaitForLogAsync("apply", "step 1 of 60");
                return neighbour;
            case "token":
                await workspace.SetAsync("other", other.Id);
                await workspace.SetAsync("organization", workspace.Organization);
                break;
        }
        return null;
    }

    private static bool Leftover(string directory, string pattern)
    {
        var left = Directory.GetFiles(directory, pattern);
        foreach (var file in left)
        {
            File.Delete(file);
        }
        return left.Length > 0;
    }

    /// <summary>Processes of the attack that hides that it is a run's.</summary>
    private static bool KillDaemons()
    {
        var found = false;
        foreach (var process in System.Diagnostics.Process.GetProcessesByName("sleep"))
        {
            using (process)
            {
                // Those of other tests come and go.
                if (LiveTerraform.CommandLine(process.Id) == "sleep\04719\0")
                {
                    process.Kill();
                    found = true;
                }
            }
        }
        return found;
    }

    /// <summary>The list in SECURITY.md; what only succeeds on a server that runs as root says so.</summary>
    private static HashSet<string> NamedInSecurityPage()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "SECURITY.md"));
        var list = page.Split("<!-- succeeds without a sandbox -->")[1].Split("<!-- end -->")[0];
        return [.. Named().Matches(list).Where(line => Environment.IsPrivilegedProcess || !line.Value.Contains("(root)", StringComparison.Ordinal))
            .Select(line => line.Groups[1].Value)];
    }

    [GeneratedRegex("attack-42-succeeded: (.*)")]
    private static partial Regex Won();

    [GeneratedRegex("^- `([a-z-]+)`.*$", RegexOptions.Multiline)]
    private static partial Regex Named();

    /// <summary>One server with the sandbox, and one without, both with something to take and narrow limits.</summary>
    public sealed class Servers : IAsyncLifetime
    {
        public Servers()
        {
            Sandboxed = new(() => StartAsync("auto"));
            Open = new(() => StartAsync("off"));
        }

        public Lazy<Task<Platform>> Sandboxed { get; }

        public Lazy<Task<Platform>> Open { get; }

        public ValueTask InitializeAsync() => ValueTask.CompletedTask;

        public async ValueTask DisposeAsync()
        {
            foreach (var server in new[] { Sandboxed, Open }.Where(server => server.IsValueCreated))
            {
                await (await server.Value).DisposeAsync();
            }
        }

        private static async Task<Platform> StartAsync(string sandbox)
        {
            var server = await Platform.StartAsync(settings:
            [
                ("Orchestrator:Sandbox", sandbox),
                ("Orchestrator:Limits:MaxProcesses", "400"),
                ("Orchestrator:Limits:MaxDirectoryBytes", "67108864"),
                ("Orchestrator:Limits:MaxMemoryBytes", "1073741824"),
                ("Orchestrator:Limits:MaxLogBytes", "4194304"),
            ]);
            // Without the sandbox a run leaves its credentials where it may write: that is what is tried there.
            server.IsNotSearched = sandbox == "off";
            _ = server.AuthorityFile;
            await File.WriteAllTextAsync(Path.Combine(server.DirectoryPath, "planted-state.json"),
                """{ "version": 4, "terraform_version": "1.11.4", "serial": 99, "lineage": "planted", "outputs": {}, "resources": [] }""");
            return server;
        }
    }
}
