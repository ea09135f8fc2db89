using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Terraform;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Isolation;

/// <summary>A run that takes more of the machine than it may.</summary>
public sealed class UsageTests : IAsyncLifetime
{
    private Platform _platform = null!;

    public async ValueTask InitializeAsync() => _platform = await Platform.StartAsync(settings:
    [
        ("Orchestrator:Limits:MaxDirectoryBytes", "67108864"),
        ("Orchestrator:Limits:MaxMemoryBytes", "536870912"),
        ("Orchestrator:Limits:MaxLogBytes", "1048576"),
    ]);

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Theory]
    [InlineData("directory took more of the disk", "dd if=/dev/zero of=$HOME/big bs=1M count=100 status=none; sleep 600")]
    // Nobody finds it by its name.
    [InlineData("directory took more of the disk", "exec 7>$HOME/big; rm $HOME/big; dd if=/dev/zero bs=1M count=100 status=none >&7; sleep 600")]
    [InlineData("processes took more memory", "for i in 1 2 3 4; do perl -e '$x = \"a\" x 200_000_000; sleep 600' & done; wait")]
    [InlineData("log of the apply grew longer", "head -c 3000000 /dev/zero | tr '\\\\0' x | fold; echo end; sleep 600")]
    public async Task It_is_interrupted_and_says_what_was_too_much(string reason, string command)
    {
        var workspace = await TestWorkspace.CreateAsync(_platform.Api);
        await workspace.UploadAsync($$"""
            resource "terraform_data" "before" {}
            resource "terraform_data" "greedy" {
              depends_on = [terraform_data.before]
              provisioner "local-exec" { command = {{JsonValue.Create(command)!.ToJsonString().Replace("${", "$${", StringComparison.Ordinal)}} }
            }
            """);

        var run = await workspace.StartAsync(new JsonObject { ["auto-apply"] = true });
        var outcome = (await run.ReachAsync("errored")).Attributes["outcome"]!.GetValue<string>();

        Assert.Contains(reason, outcome, StringComparison.Ordinal);
        Assert.Contains("Orchestrator__Limits__", outcome, StringComparison.Ordinal);
        Assert.Contains("terraform_data.before", string.Join(' ', await workspace.ResourcesAsync()), StringComparison.Ordinal);
        await using var db = _platform.Open();
        var apply = await db.Applies.AsNoTracking().FirstAsync(apply => apply.RunId == new RunId(run.Id));
        Assert.InRange(apply.LogLength!.Value, 1, 1_200_000);
        if (!reason.StartsWith("log", StringComparison.Ordinal))
        {
            // What the test reads of a log ends where that one begins to be too long.
            Assert.Contains(reason, await run.LogAsync("apply"), StringComparison.Ordinal);
        }
        Assert.Empty(ProcessTree.Find(run.Id));
    }
}
