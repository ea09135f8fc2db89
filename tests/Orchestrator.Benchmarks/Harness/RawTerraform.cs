using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Benchmarks.Harness;

/// <summary>The baseline of every run: the same terraform commands in a shell, with nothing around them.</summary>
internal static class RawTerraform
{
    /// <summary>What a run does: <c>init</c>, <c>plan</c>, <c>show</c>, <c>apply</c>.</summary>
    public const string WholeRun =
        "terraform init -input=false && terraform plan -input=false -out=plan.tfplan && "
        + "terraform show -json plan.tfplan && terraform apply -input=false plan.tfplan";

    /// <summary>Runs a script in a directory, its output thrown away.</summary>
    public static async Task<TimeSpan> RunAsync(string directory, string script, params (string Name, string Value)[] environment)
    {
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(Shell(directory, $"{{ {script}; }} >/dev/null", environment))!;
        await process.WaitForExitAsync();
        Check(process, directory);
        return Stopwatch.GetElapsedTime(started);
    }

    /// <summary>Runs a script in a directory, and hands on each line of its output as it comes.</summary>
    public static async Task ReadAsync(string directory, string script, Action<string> take)
    {
        var start = Shell(directory, script, []);
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            take(line);
        }
        await process.WaitForExitAsync();
        Check(process, directory);
    }

    private static ProcessStartInfo Shell(string directory, string script, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", script]) { WorkingDirectory = directory };
        var path = start.Environment["PATH"] ?? "";
        start.Environment.Clear();
        foreach (var (name, value) in new[]
        {
            ("PATH", path), ("HOME", directory), ("CHECKPOINT_DISABLE", "1"), ("TF_IN_AUTOMATION", "1"), ("TF_INPUT", "0"),
        }.Concat(environment))
        {
            start.Environment[name] = value;
        }
        return start;
    }

    private static void Check(Process process, string directory)
    {
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"Raw terraform failed with {process.ExitCode} in {directory}."));
        }
    }
}
