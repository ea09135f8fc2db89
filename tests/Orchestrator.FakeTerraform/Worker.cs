using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.RunLogs;
using Orchestrator.Terraform;

namespace Orchestrator.FakeTerraform;

/// <summary>A worker in a process of its own, for tests of what happens when it is killed: it runs the given program as the
/// platform runs terraform, and passes its output on.</summary>
internal static class Worker
{
    /// <param name="arguments">Data directory, run id, seconds to save, <c>bwrap</c> or <c>none</c>, the program, its arguments.</param>
    public static async Task<int> RunAsync(string[] arguments)
    {
        using var data = new DataDirectory(Options.Create(new DataOptions { DataDirectory = arguments[0] }));
        var run = RunId.Of(arguments[1]);
        var sandbox = arguments[3] == "bwrap"
            ? await Sandbox.FindAsync(new TerraformOptions { Sandbox = SandboxMode.Required }, data.Root, CancellationToken.None)
            : new Sandbox(null, null);
        using var user = sandbox.Users?.Take();
        var directory = RunDirectory.Create(data, run, user);
        foreach (var file in Directory.EnumerateFiles(Environment.CurrentDirectory, "*.tf"))
        {
            File.Copy(file, Path.Combine(directory.Configuration, Path.GetFileName(file)));
        }
        var seconds = int.Parse(arguments[2], System.Globalization.CultureInfo.InvariantCulture);
        var terraform = new TerraformProcess(new TerraformEngine(arguments[4], "1.11.4"), sandbox, seconds, TimeProvider.System);
        var environment = new ChildEnvironment(directory, run).Build();
        var command = new TerraformCommand(arguments[5..], environment, () => new Redactor([]), PrintAsync);
        var exit = await terraform.RunAsync(directory, [command], CancellationToken.None, CancellationToken.None);
        return exit.Code;
    }

    private static async ValueTask PrintAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        await using var output = Console.OpenStandardOutput();
        await output.WriteAsync(lines, cancellationToken);
        await output.FlushAsync(cancellationToken);
    }
}
