using System.Diagnostics;
using CliWrap;
using Orchestrator.RunLogs;

namespace Orchestrator.Terraform;

/// <summary>How a terraform command ended.</summary>
/// <param name="Code">Terraform's exit code; for <c>plan -detailed-exitcode</c>, 2 means that there are changes.</param>
/// <param name="Killed">The process tree was killed; the code means nothing.</param>
public sealed record TerraformExit(int Code, bool Killed)
{
    public bool Succeeded => !Killed && Code == 0;

    public bool HasChanges => !Killed && Code == 2;
}

/// <summary>Where the output of a command goes: the arrived bytes of either stream, in whole lines.</summary>
public delegate ValueTask OutputSink(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken);

/// <summary>Runs terraform commands in one run directory, in a sandbox where there is one, with an environment made from
/// nothing.</summary>
public sealed class TerraformProcess(TerraformEngine engine, Sandbox sandbox, int secondsToSave, TimeProvider clock)
{
    /// <summary>The same with another engine.</summary>
    public TerraformProcess With(TerraformEngine other) => other == engine ? this : new TerraformProcess(other, sandbox, secondsToSave, clock);

    /// <param name="environment">The whole environment of the child; nothing is inherited.</param>
    /// <param name="redactor">What must not appear in the output; asked again for every piece of it, because secrets are renewed.</param>
    /// <param name="output">Receives standard output, redacted, line by line.</param>
    /// <param name="stop">Interrupts terraform, which then saves its state and ends by itself.</param>
    /// <param name="kill">Kills the whole process tree at once.</param>
    /// <param name="lease">How long terraform may go on when this process is frozen; null for ever.</param>
    /// <param name="errors">Receives standard error. Default: <paramref name="output"/> receives both, joined at line ends.</param>
    /// <param name="prelude">What goes before it; when that fails, this is how that ended.</param>
    /// <returns>How it ended. Neither signal throws.</returns>
    public async Task<TerraformExit> RunAsync(
        RunDirectory directory,
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string> environment,
        Func<Redactor> redactor,
        OutputSink output,
        CancellationToken stop,
        CancellationToken kill,
        OutputSink? errors = null,
        Lease? lease = null,
        Prelude? prelude = null)
    {
        lease ??= new Lease(clock);
        // What comes after the first term is passed on.
        var renewed = lease.Renewed;
        var guarded = Guard.Around(
            [engine.Path, .. arguments], directory.Working, secondsToSave, lease.SecondsForGuards, sandbox.BoundsFor(directory.User), prelude);
        directory.User?.Own(directory);
        var (program, wrapped) = sandbox.Wrap(guarded, directory, engine.Path);
        using var lines = new LineOutput(redactor, output);
        using var errorLines = errors is null ? null : new LineOutput(redactor, errors);
        using var firstLines = prelude is null ? null : new LineOutput(redactor, prelude.Output);
        var run = environment[ProcessTree.Marker];
        var command = Cli.Wrap(program)
            .WithArguments(wrapped)
            .WithWorkingDirectory(directory.Working)
            .WithStandardInputPipe(PipeSource.Create((guard, ended) => TellAsync(guard, lease, renewed, prelude, stop, ended)))
            .WithStandardOutputPipe(PipeTarget.Create((source, ended) => CopyAsync(source, lines, ended)))
            .WithStandardErrorPipe(PipeTarget.Create((source, ended) => CopyAsync(source, errorLines ?? lines, ended)))
            .WithValidation(CommandResultValidation.None);
        var stragglers = Task.CompletedTask;
        try
        {
            var result = await command.ExecuteAsync(
                info => Replace(info.Environment, environment),
                process => stragglers = KillStragglersAfterAsync(process, run, directory.User),
                kill,
                CancellationToken.None);
            return new TerraformExit(result.ExitCode, Killed: false);
        }
        catch (OperationCanceledException) when (kill.IsCancellationRequested)
        {
            return new TerraformExit(-1, Killed: true);
        }
        finally
        {
            // Before the next command of the run starts, which would look like a straggler.
            await stragglers;
        }

        async Task CopyAsync(Stream source, LineOutput own, CancellationToken ended)
        {
            if (prelude is not null)
            {
                await prelude.CopyAsync(source, firstLines!, ended);
            }
            await own.CopyAsync(source, ended);
        }
    }

    /// <summary>A process that terraform left behind may hold our end of the output open for ever. In the sandbox nothing is left.</summary>
    private async Task KillStragglersAfterAsync(Process process, string run, RunUser? user)
    {
        if (sandbox.IsActive)
        {
            return;
        }
        var exited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => exited.TrySetResult();
        if (process.HasExited)
        {
            // Before it could be listened to.
            exited.TrySetResult();
        }
        await exited.Task;
        await ProcessTree.KillAsync(run, clock);
        if (user is not null)
        {
            await user.KillAsync(clock);
        }
    }

    /// <summary>Passes on that the lease was renewed, and the wish to stop. The pipe stays open to the end, which would say that this
    /// worker is gone.</summary>
    private static async Task TellAsync(Stream guard, Lease lease, Task renewed, Prelude? prelude, CancellationToken stop, CancellationToken ended)
    {
        var stopped = Task.Delay(Timeout.Infinite, stop);
        var never = Task.Delay(Timeout.Infinite, ended);
        var decided = prelude?.Decided ?? never;
        while (true)
        {
            var told = await Task.WhenAny(decided, stopped, renewed).WaitAsync(ended);
            if (told == decided && prelude is not null)
            {
                // What was said before may have been lost on somebody who had no ear for it any more.
                var goesOn = await prelude.Decided && !stop.IsCancellationRequested && lease.Holds;
                renewed = lease.Renewed;
                await SayAsync(goesOn ? Guard.LiveWord(lease.SecondsForGuards) + Guard.GoWord : Guard.StopWord);
                (prelude, decided) = (null, never);
                continue;
            }
            if (told == stopped)
            {
                stopped = never;
                await SayAsync(Guard.StopWord);
                continue;
            }
            renewed = lease.Renewed;
            await SayAsync(Guard.LiveWord(lease.SecondsForGuards));
        }

        async Task SayAsync(string word)
        {
            await guard.WriteAsync(System.Text.Encoding.ASCII.GetBytes(word), ended);
            await guard.FlushAsync(ended);
        }
    }

    private static void Replace(IDictionary<string, string?> inherited, IReadOnlyDictionary<string, string> environment)
    {
        inherited.Clear();
        foreach (var (name, value) in SealedEnvironment.Of(environment))
        {
            inherited[name] = value;
        }
    }
}
