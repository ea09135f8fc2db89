using System.Text.Json.Nodes;
using Orchestrator.Terraform;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Demo;

public sealed class DemoTests : IDisposable
{
    private readonly string _outside = Directory.CreateTempSubdirectory("orchestrator-demo-test-").FullName;

    public void Dispose() => DirectoryRemoval.Remove(_outside);

    [Fact]
    public async Task The_demo_applies_on_a_role_for_each_phase_and_leaves_nothing_behind()
    {
        var (code, said) = await RunAsync();

        Assert.Equal(0, code);
        Assert.Contains($"assumed {Accounts.Plan}", said, StringComparison.Ordinal);
        Assert.Contains($"assumed {Accounts.Apply}", said, StringComparison.Ordinal);
        Assert.Contains("Applied on credentials that this server has forgotten.", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_demo_fails_with_the_reason_when_a_role_does_not_trust_the_run()
    {
        var accounts = JsonNode.Parse(await File.ReadAllTextAsync(
            Path.Combine(AppContext.BaseDirectory, "samples", "accounts.json"), TestContext.Current.CancellationToken))!;
        var role = accounts["accounts"]![0]!["roles"]!.AsArray().Single(role => role!["name"]!.GetValue<string>() == "orchestrator-plan")!;
        role["trustPolicy"]!["Statement"]![0]!["Condition"]!["StringEquals"]!["${issuer_host}:sub"] = "somebody-else";
        var altered = Path.Combine(_outside, "accounts.json");
        await File.WriteAllTextAsync(altered, accounts.ToJsonString(), TestContext.Current.CancellationToken);

        var (code, said) = await RunAsync(("Orchestrator__AwsSimulator__Config", altered));

        Assert.Equal(1, code);
        Assert.Contains("refused: AccessDenied", said, StringComparison.Ordinal);
        Assert.Contains($"role {Accounts.Plan}", said, StringComparison.Ordinal);
        Assert.Contains("trust policy", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Said)> RunAsync(params (string Name, string Value)[] environment)
    {
        var temporary = Directory.CreateDirectory(Path.Combine(_outside, "tmp")).FullName;
        await using var demo = ServerProcess.Run(
            Path.Combine(_outside, "unused"), ["demo", "--exit", "--urls", "http://127.0.0.1:0"], [.. environment, ("TMPDIR", temporary)]);
        var code = await demo.WaitForExitAsync();
        Assert.DoesNotContain(Directory.GetFileSystemEntries(temporary), path => path.Contains("orchestrator", StringComparison.Ordinal));
        return (code, demo.Said);
    }
}
