using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;
using Orchestrator.Web.Hosting;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Web.Tests.Hosting;

/// <summary>The unit files in <c>docs/systemd</c>: what they name is there, and systemd has nothing to say against them.</summary>
public sealed partial class SystemdTests : IDisposable
{
    private static readonly string Units = Path.Combine(Repository.Root, "docs", "systemd");

    // Where each section of the settings ends up.
    private static readonly Dictionary<string, Type[]> Sections = new(StringComparer.Ordinal)
    {
        [""] = [typeof(DataOptions), typeof(TerraformOptions), typeof(IssuerOptions)],
        ["Worker"] = [typeof(WorkerOptions)],
        ["Metrics"] = [typeof(MetricsOptions)],
        ["RunUsers"] = [typeof(RunUserOptions)],
    };

    private readonly string _outside = Directory.CreateTempSubdirectory("orchestrator-systemd-test-").FullName;

    public static TheoryData<string> Services => [.. Directory.GetFiles(Units, "*.service").Select(path => Path.GetFileName(path)!)];

    [Theory, MemberData(nameof(Services))]
    public async Task A_unit_starts_a_verb_that_there_is_and_lets_it_drain(string name)
    {
        var unit = Read(name);
        var command = unit["ExecStart"].Split(' ');

        Assert.Equal("notify", unit["Type"]);
        Assert.Equal(["/usr/bin/dotnet", "/opt/orchestrator/Orchestrator.Web.dll"], command[..2]);
        Assert.True(File.Exists(Path.Combine(AppContext.BaseDirectory, Path.GetFileName(command[1]))));
        Assert.Contains(command[2], new[] { "serve", "web", "worker" });
        Assert.Equal($"/var/lib/{unit["StateDirectory"]}", unit["WorkingDirectory"]);
        Assert.Contains($"Environment=Orchestrator__DataDirectory=/var/lib/{unit["StateDirectory"]}", await File.ReadAllTextAsync(Path.Combine(Units, name), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("/etc/orchestrator/orchestrator.env", unit["EnvironmentFile"]);
        if (command[2] != "web")
        {
            // Longer than the server itself waits for its runs, and never at the terraforms.
            Assert.True(int.Parse(unit["TimeoutStopSec"], System.Globalization.CultureInfo.InvariantCulture) > 300);
            Assert.Equal(("process", "continue"), (unit["KillMode"], unit["OOMPolicy"]));
        }
        // With any of these, bubblewrap cannot make its namespaces or its /proc.
        Assert.Empty(unit.Keys.Intersect(["RestrictNamespaces", "ProtectKernelTunables", "ProtectKernelLogs", "ProtectHostname", "ProcSubset", "ProtectProc", "MemoryDenyWriteExecute"]));
    }

    [Fact]
    public void Every_setting_that_is_named_is_one()
    {
        var named = Directory.GetFiles(Units).SelectMany(path => Setting().Matches(File.ReadAllText(path)).Select(match => match.Value)).Distinct().ToArray();

        Assert.True(named.Length >= 8);
        Assert.All(named, name => Assert.True(IsKnown(name), $"{name} sets nothing"));
    }

    [Theory, MemberData(nameof(Services))]
    public async Task Systemd_has_nothing_to_say_against_a_unit(string name)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "There is no systemd-analyze here.");
        // Only what this machine has of the paths, which it looks up.
        var there = Path.Combine(_outside, name);
        await File.WriteAllTextAsync(there, (await File.ReadAllTextAsync(Path.Combine(Units, name), TestContext.Current.CancellationToken))
            .Replace("/usr/bin/dotnet", "/bin/true", StringComparison.Ordinal)
            .Replace("User=orchestrator", "User=root", StringComparison.Ordinal)
            .Replace("Documentation=file:/opt/orchestrator/docs/operations.md", "", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        using var analyze = Process.Start(new ProcessStartInfo("/usr/bin/systemd-analyze", ["verify", "--man=no", "--recursive-errors=no", there])
        {
            RedirectStandardError = true, RedirectStandardOutput = true,
        })!;
        var said = await analyze.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken) + await analyze.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await analyze.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal("", said);
        Assert.Equal(0, analyze.ExitCode);
    }

    public void Dispose() => DirectoryRemoval.Remove(_outside);

    private static Dictionary<string, string> Read(string name) => File.ReadLines(Path.Combine(Units, name))
        .Where(line => line.Contains('=', StringComparison.Ordinal) && !line.StartsWith('#'))
        .Select(line => line.Split('=', 2)).GroupBy(pair => pair[0]).ToDictionary(pair => pair.Key, pair => pair.Last()[1]);

    private static bool IsKnown(string name)
    {
        var parts = name.Split("__")[1..];
        return Sections.Any(section => (section.Key.Length == 0 || parts[0] == section.Key)
            && section.Value.Any(type => Has(type, parts[(section.Key.Length == 0 ? 0 : 1)..])));
    }

    private static bool Has(Type type, string[] path) => path.Length == 0
        || (type.GetProperty(path[0], BindingFlags.Public | BindingFlags.Instance) is { } property && Has(property.PropertyType, path[1..]));

    [GeneratedRegex("\\bOrchestrator__[A-Za-z]+(__[A-Za-z]+)*(?=[ =])")]
    private static partial Regex Setting();
}
