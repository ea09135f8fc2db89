using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Cli;

/// <summary>A terraform command at work.</summary>
internal sealed partial class RunningCli : IAsyncDisposable
{
    private readonly string _command;
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Task _read;

    public RunningCli(string[] arguments, string directory, IReadOnlyDictionary<string, string> environment)
    {
        _command = "terraform " + string.Join(' ', arguments);
        var start = new ProcessStartInfo("terraform", arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        _process = Process.Start(start)!;
        _read = Task.WhenAll(ReadAsync(_process.StandardOutput, _output), ReadAsync(_process.StandardError, _errors));
    }

    /// <summary>What it has said until now: its output, then its errors, without colours.</summary>
    public string Said => Text(_output) + Text(_errors);

    /// <summary>Waits until it has said this. Also a prompt, which ends in no line.</summary>
    public Task WaitForAsync(string text) => Wait.UntilAsync($"'{text}' from {_command}", () =>
        Said.Contains(text, StringComparison.Ordinal)
        || (_read.IsCompleted ? throw new Xunit.Sdk.XunitException($"{_command} ended without saying '{text}':\n{Said}") : false));

    public Task AnswerAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    public void EndInput() => _process.StandardInput.Close();

    /// <summary>Ctrl-C.</summary>
    public async Task InterruptAsync()
    {
        using var kill = Process.Start("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async Task<CliAnswer> EndAsync()
    {
        using var limit = new CancellationTokenSource(Wait.Limit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{_command} did not end in {Wait.Limit.TotalSeconds:0} seconds:\n{Said}");
        }
        await _read;
        return new CliAnswer(_command, _process.ExitCode, Text(_output), Text(_errors));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private static async Task ReadAsync(StreamReader reader, StringBuilder said)
    {
        var buffer = new char[4096];
        int read;
        while ((read = await reader.ReadAsync(buffer)) > 0)
        {
            lock (said)
            {
                said.Append(buffer, 0, read);
            }
        }
    }

    private static string Text(StringBuilder said)
    {
        lock (said)
        {
            return Colour().Replace(said.ToString(), "");
        }
    }

    [GeneratedRegex("\u001b\\[[0-9;]*m")]
    private static partial Regex Colour();
}

/// <summary>What a terraform command has said, and how it ended.</summary>
internal sealed record CliAnswer(string Command, int Code, string Output, string Errors)
{
    public string Said => Output + Errors;

    /// <summary>This answer, which has that exit code.</summary>
    public CliAnswer Expect(int code) => Code == code
        ? this
        : throw new Xunit.Sdk.XunitException($"{Command} ended with {Code}, not {code}:\n{Said}");

    /// <summary>This answer, which has said this.</summary>
    public CliAnswer ExpectSaid(string text) => Unwrapped(Said).Contains(Unwrapped(text), StringComparison.Ordinal)
        ? this
        : throw new Xunit.Sdk.XunitException($"{Command} did not say '{text}':\n{Said}");

    // Terraform breaks its sentences into lines, and draws a bar beside those of an error.
    private static string Unwrapped(string text) => string.Join(' ', text.Split([' ', '\n', '\r', '\u2502'], StringSplitOptions.RemoveEmptyEntries));
}
