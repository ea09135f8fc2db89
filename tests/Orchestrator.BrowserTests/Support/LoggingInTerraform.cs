using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Orchestrator.BrowserTests.Support;

/// <summary>A real <c>terraform login</c> that waits for its user's browser. It has a home of its own.</summary>
internal sealed partial class LoggingInTerraform : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("orchestrator-home-");
    private readonly TaskCompletionSource<string> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StringBuilder _said = new();
    private readonly Process _process;

    public LoggingInTerraform(Site site)
    {
        _home.CreateSubdirectory(".terraform.d");
        var start = new ProcessStartInfo("terraform", ["login", new Uri(site.SecureAddress).Authority])
        {
            WorkingDirectory = _home.FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        start.Environment["HOME"] = _home.FullName;
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        start.Environment["SSL_CERT_FILE"] = site.AuthorityFile;
        start.Environment["CHECKPOINT_DISABLE"] = "1";
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _process.StandardInput.WriteLine("yes");
    }

    /// <summary>The address that it asks its user to open.</summary>
    public Task<string> AddressAsync() => _asked.Task.WaitAsync(Limit);

    /// <summary>What it has said when it has ended, and whether it has stored a token.</summary>
    public async Task<(string Said, bool HasToken)> EndAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        await _process.WaitForExitAsync(limit.Token);
        var credentials = Path.Combine(_home.FullName, ".terraform.d", "credentials.tfrc.json");
        return (Said(), File.Exists(credentials) && (await File.ReadAllTextAsync(credentials, limit.Token)).Contains(".atlasv1.", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
        _home.Delete(recursive: true);
    }

    private void Hear(string? line)
    {
        lock (_said)
        {
            _said.AppendLine(line);
        }
        if (line is not null && Link().Match(line) is { Success: true } link)
        {
            _asked.TrySetResult(link.Value);
        }
    }

    private string Said()
    {
        lock (_said)
        {
            return _said.ToString();
        }
    }

    [GeneratedRegex(@"https://\S+/oauth/authorize\?[^\s']+")]
    private static partial Regex Link();
}
