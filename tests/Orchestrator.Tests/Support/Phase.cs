using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.RunLogs;
using Orchestrator.Terraform;

namespace Orchestrator.Tests.Support;

/// <summary>A run directory and the commands that are run in it, as a phase of a run would.</summary>
internal sealed class Phase : IDisposable
{
    public static readonly Sandbox NoSandbox = new(null, null);

    private static readonly Lazy<Task<Sandbox>> Found =
        new(() => Sandbox.FindAsync(new TerraformOptions { Sandbox = SandboxMode.Required }, "/nowhere", CancellationToken.None));

    private readonly TemporaryDirectory _temporary = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _kill = new();
    private readonly ConcurrentQueue<byte[]> _pieces = new();
    private readonly Sandbox _sandbox;
    private readonly int _secondsToSave;
    private volatile Redactor? _redactor;

    public Phase(bool sandboxed = false, int secondsToSave = 60)
        : this(sandboxed ? Bubblewrap : NoSandbox, secondsToSave)
    {
    }

    public Phase(Sandbox sandbox, int secondsToSave = 60, string? data = null)
    {
        _sandbox = sandbox;
        _secondsToSave = secondsToSave;
        Data = new DataDirectory(Options.Create(new DataOptions { DataDirectory = data ?? _temporary.Path, RunsDirectory = sandbox.Runs }));
        Directory = RunDirectory.Create(Data, Run, sandbox.Users?.Take());
        Environment = new ChildEnvironment(Directory, Run);
    }

    /// <summary>What this machine has: as root, each phase has a user of its own.</summary>
    public static Sandbox Bubblewrap => Found.Value.GetAwaiter().GetResult();

    public RunId Run { get; } = Identifier.New<RunId>();

    public DataDirectory Data { get; }

    public RunDirectory Directory { get; }

    public ChildEnvironment Environment { get; }

    public string[] Secrets { get; init; } = [];

    /// <summary>What masks the output from now on.</summary>
    public Redactor Redactor { get => _redactor ??= new Redactor(Secrets); set => _redactor = value; }

    /// <summary>In place of keeping the output.</summary>
    public OutputSink? Sink { get; init; }

    public Lease? Lease { get; init; }

    /// <summary>Each piece of output as it was passed on.</summary>
    public IReadOnlyList<string> Pieces => [.. _pieces.Select(Encoding.UTF8.GetString)];

    public string Output => string.Concat(Pieces);

    public void Stop() => _stop.Cancel();

    public void Kill() => _kill.Cancel();

    public Phase Configure(string configuration)
    {
        File.WriteAllText(Path.Combine(Directory.Working, "main.tf"), configuration);
        return this;
    }

    public Task<TerraformExit> ShellAsync(string script) => RunAsync(Programs.Shell, "-c", script);

    public Task<TerraformExit> TerraformAsync(params string[] arguments) => RunAsync(Programs.Terraform, arguments);

    public Task<TerraformExit> RunAsync(TerraformEngine engine, params string[] arguments) =>
        RunAsync(engine, new TerraformCommand(arguments, Environment.Build(), () => Redactor, Sink ?? Keep));

    public Task<TerraformExit> RunAsync(TerraformEngine engine, params TerraformCommand[] commands) =>
        new TerraformProcess(engine, _sandbox, _secondsToSave, TimeProvider.System).RunAsync(Directory, commands, _stop.Token, _kill.Token, Lease)
            .WaitAsync(Wait.Limit);

    /// <summary>What a terraform command has to say on its standard output.</summary>
    public async Task<byte[]> JsonAsync(params string[] arguments)
    {
        using var terraform = new System.Diagnostics.Process
        {
            StartInfo = new(Programs.Terraform.Path, arguments) { WorkingDirectory = Directory.Working, RedirectStandardOutput = true },
        };
        terraform.Start();
        var json = await terraform.StandardOutput.ReadToEndAsync();
        await terraform.WaitForExitAsync();
        return Encoding.UTF8.GetBytes(json);
    }

    public Task SaidAsync(string text) => Wait.UntilAsync(() => Output.Contains(text, StringComparison.Ordinal));

    public Task GoneAsync() => Wait.UntilAsync(() => ProcessTree.Find(Run.Value).Count == 0);

    public void Dispose()
    {
        // Whatever a failing test has left behind.
        ProcessTree.KillAsync(Run.Value, TimeProvider.System).GetAwaiter().GetResult();
        Directory.User?.KillAsync(TimeProvider.System).GetAwaiter().GetResult();
        Directory.Remove();
        Directory.User?.Dispose();
        Data.Dispose();
        _temporary.Dispose();
        _stop.Dispose();
        _kill.Dispose();
    }

    private ValueTask Keep(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        _pieces.Enqueue(lines.ToArray());
        return ValueTask.CompletedTask;
    }
}
