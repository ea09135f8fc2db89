using System.Diagnostics;

namespace Orchestrator.AwsSimulator.Tests.Drivers;

/// <summary>The real terraform in a directory of its own, with nothing of this machine's AWS settings.</summary>
internal sealed class TerraformProcess : IDisposable
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo _home = System.IO.Directory.CreateTempSubdirectory("simulator-terraform-");

    public TerraformProcess()
    {
        Directory = System.IO.Directory.CreateDirectory(Path.Combine(_home.FullName, "work")).FullName;
    }

    public string Directory { get; }

    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    public void Write(string file, string content) => File.WriteAllText(Path.Combine(Directory, file), content);

    public void CopyFrom(string source)
    {
        foreach (var file in System.IO.Directory.EnumerateFiles(source, "*.tf", SearchOption.AllDirectories))
        {
            var target = Path.Combine(Directory, Path.GetRelativePath(source, file));
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    /// <exception cref="System.ComponentModel.Win32Exception">There is no terraform on the PATH.</exception>
    public async Task<TerraformResult> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("terraform", [.. arguments])
        {
            WorkingDirectory = Directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = System.Environment.GetEnvironmentVariable("PATH");
        start.Environment["HOME"] = _home.FullName;
        start.Environment["TMPDIR"] = _home.FullName;
        start.Environment["CHECKPOINT_DISABLE"] = "1";
        start.Environment["TF_IN_AUTOMATION"] = "1";
        start.Environment["TF_INPUT"] = "0";
        start.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        start.Environment["AWS_REGION"] = "eu-central-1";
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeLimit);
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new TerraformResult(process.ExitCode, $"{await output}{await error}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    public async Task<string> SucceedAsync(params string[] arguments)
    {
        var result = await RunAsync([.. arguments, "-no-color"]);
        Assert.True(result.ExitCode == 0, result.Output);
        return result.Output;
    }

    public async Task<string> FailAsync(params string[] arguments)
    {
        var result = await RunAsync([.. arguments, "-no-color"]);
        Assert.True(result.ExitCode != 0, result.Output);
        // Long messages are wrapped for the terminal; their words are what counts.
        return string.Join(' ', result.Output.Split((char[])[' ', '\n', '│'], StringSplitOptions.RemoveEmptyEntries));
    }

    public void Dispose() => _home.Delete(recursive: true);
}

internal sealed record TerraformResult(int ExitCode, string Output);
