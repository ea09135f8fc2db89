using System.Diagnostics;
using CliWrap;

namespace Orchestrator.Terraform;

/// <summary>How a terraform command ended.</summary>
/// <param name="Code">Terraform's exit code; for <c>plan -detailed-exitcode</c>, 2 means that there are changes.</param>
/// <param name="Killed">The process tree was killed; the code means nothing.</param>
public sealed record TerraformExit(int Code, bool Killed)
{
    public bool Succeeded => !Killed && Code == 0;

    public bool HasChanges => !Killed && Code == 2;

    internal static TerraformExit NotBegun { get; } = new(-1, Killed: false);
}

/// <summary>Where the output of a command goes: the arrived bytes of either stream, in whole lines.</summary>
public delegate ValueTask OutputSink(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken);

/// <summary>Runs terraform commands in one run directory, in a sandbox where there is one, with an environment made from
/// nothing.</summary>
public sealed class TerraformProcess(TerraformEngine engine, Sandbox sandbox, int secondsToSave, TimeProvider clock)
{
    /// <summary>The same with another engine.</summary>
    public TerraformProcess With(TerraformEngine other) => other == engine ? this : new TerraformProcess(other, sandbox, secondsToSave, clock);

    /// <summary>Carries out commands one after the other, in one sandbox, as they are let go; the first at once.</summary>
    /// <param name="stop">Interrupts terraform, which then saves its state and ends by itself. No further command is begun.</param>
    /// <param name="kill">Kills the whole process tree at once.</param>
    /// <param name="lease">How long terraform may go on when this process is frozen; null for ever.</param>
    /// <returns>How the last one ended, when all is over. Neither signal throws.</returns>
    public async Task<TerraformExit> RunAsync(
        RunDirectory directory, IReadOnlyList<TerraformCommand> commands, CancellationToken stop, CancellationToken kill, Lease? lease = null)
    {
        commands[0].LetGo();
        var process = StartAsync(directory, commands, lease ?? new Lease(clock), stop, kill);
        await ((Task)process).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var command in commands)
        {
            if (command.TryEndWith(process))
            {
                process = Task.FromResult(TerraformExit.NotBegun);
            }
        }
        return await commands[^1].Exit;
    }

    private async Task<TerraformExit> StartAsync(
        RunDirectory directory, IReadOnlyList<TerraformCommand> commands, Lease lease, CancellationToken stop, CancellationToken kill)
    {
        var guarded = Guard.Around(
            engine.Path, commands.Select(command => command.Arguments), directory.Working, secondsToSave, sandbox.BoundsFor(directory.User));
        directory.User?.Own(directory);
        var (program, wrapped) = sandbox.Wrap(guarded, directory, engine.Path);
        using var lines = new LineOutput();
        var environments = commands.Select(command => command.Environment).ToArray();
        var run = environments[0][ProcessTree.Marker];
        var process = Cli.Wrap(program)
            .WithArguments(wrapped)
            .WithWorkingDirectory(directory.Working)
            .WithStandardInputPipe(PipeSource.Create((guard, ended) => TellAsync(guard, commands, lease, stop, ended)))
            .WithStandardOutputPipe(PipeTarget.Create((source, ended) => CopyAsync(source, isErrors: false, ended)))
            .WithStandardErrorPipe(PipeTarget.Create((source, ended) => CopyAsync(source, isErrors: true, ended)))
            .WithValidation(CommandResultValidation.None);
        var stragglers = Task.CompletedTask;
        try
        {
            var result = await process.ExecuteAsync(
                info => Replace(info.Environment, environments),
                started => stragglers = KillStragglersAfterAsync(started, run, directory.User),
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

        async Task CopyAsync(Stream source, bool isErrors, CancellationToken ended)
        {
            foreach (var command in commands)
            {
                try
                {
                    if (!await command.CopyAsync(source, isErrors, lines, ended))
                    {
                        return;
                    }
                }
                catch (Exception broken) when (!ended.IsCancellationRequested)
                {
                    // Or nobody would learn of it before the process has ended, which may wait for somebody's word.
                    command.Fail(broken);
                    throw;
                }
            }
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

    /// <summary>Passes on which commands are let go, that the lease was renewed, and the wish to stop. The pipe stays open to the end, which would
    /// say that this worker is gone.</summary>
    private static async Task TellAsync(
        Stream guard, IReadOnlyList<TerraformCommand> commands, Lease lease, CancellationToken stop, CancellationToken ended)
    {
        var stopped = Task.Delay(Timeout.Infinite, stop);
        var never = Task.Delay(Timeout.Infinite, ended);
        var renewed = lease.Renewed;
        var waiting = new Queue<TerraformCommand>(commands);
        Task decided = commands[0].Decided;
        while (true)
        {
            var told = await Task.WhenAny(decided, stopped, renewed).WaitAsync(ended);
            if (told == decided && waiting.TryDequeue(out var next))
            {
                // What was said before may have been lost on somebody who had no ear for it any more.
                var isLetGo = await next.Decided && !stop.IsCancellationRequested && lease.Holds;
                renewed = lease.Renewed;
                decided = isLetGo && waiting.TryPeek(out var after) ? Task.WhenAll(next.Exit, after.Decided) : never;
                await SayAsync(isLetGo ? Guard.LiveWord(lease.SecondsForGuards) + Guard.GoWord(next.LastWord) : Guard.StopWord);
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

    private static void Replace(IDictionary<string, string?> inherited, IReadOnlyList<IReadOnlyDictionary<string, string>> environments)
    {
        inherited.Clear();
        foreach (var (name, value) in SealedEnvironment.Of(environments))
        {
            inherited[name] = value;
        }
    }
}
