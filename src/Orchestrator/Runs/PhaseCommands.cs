using Orchestrator.Data;
using Orchestrator.RunLogs;
using Orchestrator.Terraform;
using Orchestrator.Terraform.Providers;

namespace Orchestrator.Runs;

/// <summary>The terraform commands of one phase, all in its directory, all into its log.</summary>
internal sealed class PhaseCommands(
    TerraformEngine engine, ProviderCache providers, TerraformProcess terraform, Sandbox sandbox, ApiWait api, PhaseScope scope, UsageLimits limits)
    : IAsyncDisposable
{
    /// <summary>Of one command that was turned away by the API.</summary>
    private const int MaxAttempts = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // The JSON of a plan of some ten thousand resources.
    private const long MaxKept = 512 * 1024 * 1024;

    private long _logged;
    private bool _turnedAway;

    // Of the sandbox that is there: what waits in it, and its end.
    private readonly Queue<TerraformCommand> _waiting = [];
    private Task _over = Task.CompletedTask;

    private readonly MemoryStream _shown = new();
    private readonly MemoryStream _saidOfShow = new();

    private readonly IReadOnlyDictionary<string, string> _plain = scope.Environment!.Build();
    private readonly IReadOnlyDictionary<string, string> _cloud = WithCloud(scope);

    /// <summary>Clients drop the first three lines of an apply's log, so there are always three.</summary>
    /// <param name="warning">What whoever reads the log should know of where the run was; null for nothing.</param>
    public ValueTask PreambleAsync(string? warning) => scope.Log.WriteLineAsync(
        $"{EngineNames.Of(engine.Kind)} v{engine.Version}\non linux_{(Environment.Is64BitProcess ? "amd64" : "386")}\nInitializing plugins and modules..."
            + (warning is null ? "" : $"\n\u001b[33mWarning: {warning}\u001b[0m"),
        CancellationToken.None);

    /// <summary>What init says is shown when it fails; else it only stands in the way of the plan.</summary>
    /// <param name="next">The command that <see cref="RunAsync"/> is to carry out then. The same sandbox serves all of them, where there is one: nothing
    /// of a command is left beside the next, and what init needs and others must not see is an SSH key alone.</param>
    public async Task<TerraformExit> InitAsync(IReadOnlyList<string> next)
    {
        using var said = new MemoryStream();
        if (await providers.OfferAsync(scope.Directory!) is { Length: > 0 } offer)
        {
            await File.AppendAllTextAsync(scope.Directory!.CliConfiguration, offer);
        }
        using var key = scope.SshKey is { } ssh ? GitKey.Write(scope.Directory!, ssh) : null;
        var exit = await scope.StepAsync("init", () => UntilLetInAsync(
            () => [Command(["init", "-input=false"], WithKey(key), Keep(said)), .. key is null ? Main(next) : []]));
        if (!exit.Succeeded)
        {
            await scope.Log.WriteAsync(said.ToArray(), CancellationToken.None);
        }
        else
        {
            await providers.KeepAsync(scope.Directory!);
        }
        return exit.Succeeded || scope.Watch.Reason != StopReason.None
            ? exit
            : throw new PhaseFailedException("Terraform could not initialise the configuration; its own message is in the log.");
    }

    /// <summary>The plan or the apply.</summary>
    public Task<TerraformExit> RunAsync(IReadOnlyList<string> arguments) => UntilLetInAsync(() => Main(arguments));

    public async ValueTask DisposeAsync()
    {
        await GiveUpAsync();
        await _shown.DisposeAsync();
        await _saidOfShow.DisposeAsync();
    }

    /// <summary>The plan as JSON, redacted so that it stays JSON.</summary>
    /// <returns>No JSON when somebody asked terraform to stop.</returns>
    /// <exception cref="PhaseFailedException">The plan holds this phase's own credentials. The apply has others, and would neither
    /// know nor mask these; and they are still good for a while.</exception>
    public async Task<(TerraformExit Exit, byte[]? Json)> ShowAsync()
    {
        var exit = await NextAsync(() => [Show()]);
        if (!exit.Succeeded)
        {
            return scope.Watch.Reason != StopReason.None
                ? (exit, null)
                : throw new PhaseFailedException(
                    "Terraform could not show its own plan: " + scope.Redactor.Mask(System.Text.Encoding.UTF8.GetString(_saidOfShow.ToArray()).Trim()));
        }
        var plan = _shown.GetBuffer().AsSpan(0, (int)_shown.Length);
        if (scope.BuildMintedRedactor().Finds(plan))
        {
            throw new PhaseFailedException(
                "The plan holds credentials that were made for this run alone: an output or an argument takes them from where terraform "
                + "runs, such as its environment. The apply would show them, and they would stay in the state, so the plan is not kept. "
                + "Take them out of the configuration.");
        }
        var redacted = RedactedJson.Of(plan, scope.Redactor);
        // There may be much of it.
        _shown.SetLength(0);
        _shown.Capacity = 0;
        return (exit, redacted);
    }

    /// <summary>What the providers know about the types of resources; null when terraform could not say.</summary>
    public async Task<byte[]?> SchemasAsync()
    {
        using var json = new MemoryStream();
        using var said = new MemoryStream();
        var exit = await StartAsync([new TerraformCommand(["providers", "schema", "-json"], _plain, () => scope.Redactor, Keep(json), Keep(said))]);
        return exit.Succeeded ? json.ToArray() : null;
    }

    /// <summary>The plan, and what shows it; or the apply.</summary>
    /// <remarks>Where nobody need have read the configuration, its plan is shown in a sandbox of its own: what it starts could get at the guard of one
    /// that they share, which has its user.</remarks>
    private IEnumerable<TerraformCommand> Main(IReadOnlyList<string> arguments) =>
        [Command(arguments, _cloud, ToLog), .. scope.Claim is { Phase: RunPhase.Plan, IsForks: false, IsProposed: false } ? new[] { Show() } : []];

    private TerraformCommand Command(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, OutputSink sink) =>
        new(arguments, environment, () => scope.Redactor, Watched(sink));

    /// <summary>Reading a plan needs no cloud, so terraform gets no credentials for it.</summary>
    private TerraformCommand Show() =>
        new(["show", "-json", "-no-color", scope.Directory!.PlanFile], _plain, () => new Redactor([]), Keep(_shown), Keep(_saidOfShow));

    /// <summary>Carries out the command that waits in the sandbox which is there.</summary>
    /// <param name="commands">For a new sandbox, when none waits: this command, and those that may follow it there.</param>
    private async Task<TerraformExit> NextAsync(Func<IEnumerable<TerraformCommand>> commands)
    {
        _turnedAway = false;
        if (_waiting.Count == 0)
        {
            foreach (var each in sandbox.IsActive ? commands() : commands().Take(1))
            {
                _waiting.Enqueue(each);
            }
            _shown.SetLength(0);
            _saidOfShow.SetLength(0);
            _over = StartAsync([.. _waiting]);
        }
        var command = _waiting.Dequeue();
        command.LetGo();
        var exit = await command.Exit;
        if (!exit.Succeeded && !exit.HasChanges)
        {
            await GiveUpAsync();
        }
        return exit;
    }

    private async Task GiveUpAsync()
    {
        while (_waiting.TryDequeue(out var command))
        {
            command.GiveUp();
        }
        // Why it was given up says how the phase ended.
        await _over.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private Task<TerraformExit> StartAsync(IReadOnlyList<TerraformCommand> commands) =>
        terraform.RunAsync(scope.Directory!, commands, scope.Watch.Stop, scope.Watch.Kill, scope.Claim.Lease);

    private OutputSink Watched(OutputSink sink) => (lines, cancellationToken) =>
    {
        _turnedAway |= scope.Backend!.HasTurnedAway(lines.Span);
        return sink(lines, cancellationToken);
    };

    /// <summary>A command that the API has turned away has done nothing, and is run again when the API is back.</summary>
    private async Task<TerraformExit> UntilLetInAsync(Func<IEnumerable<TerraformCommand>> commands)
    {
        for (var attempt = 1; ; attempt++)
        {
            var exit = await NextAsync(commands);
            if (exit.Succeeded || exit.HasChanges || !_turnedAway || attempt == MaxAttempts || scope.Watch.Reason != StopReason.None || StateRescue.IsLeftIn(scope.Directory!))
            {
                return exit;
            }
            await api.ForReturnAsync(scope, attempt * Pause);
        }
    }

    /// <summary>A log that cannot be stored must not block terraform, which could then not even save its state.</summary>
    private async ValueTask ToLog(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        // A program that goes on printing while it is being stopped fills nobody's database.
        if ((_logged += lines.Length) > limits.MaxLogBytes)
        {
            scope.Watch.Interrupt(StopReason.LogTooLong);
            return;
        }
        try
        {
            await scope.Log.WriteAsync(lines, cancellationToken);
        }
        catch (IOException)
        {
            scope.Watch.Interrupt(StopReason.LogBroken);
        }
    }

    /// <summary>Modules are fetched by init alone, so no other command sees the key.</summary>
    private IReadOnlyDictionary<string, string> WithKey(GitKey? key) =>
        key is null ? _cloud : new Dictionary<string, string>(_cloud) { ["GIT_SSH_COMMAND"] = key.Command };

    /// <summary>In this process's memory, which is everybody's.</summary>
    private OutputSink Keep(MemoryStream kept) => (lines, _) =>
    {
        if (kept.Length + lines.Length > MaxKept)
        {
            scope.Watch.Interrupt(StopReason.LogTooLong);
            return ValueTask.CompletedTask;
        }
        kept.Write(lines.Span);
        return ValueTask.CompletedTask;
    };

    private static IReadOnlyDictionary<string, string> WithCloud(PhaseScope scope)
    {
        var environment = scope.Environment!.Fork();
        foreach (var (name, value) in scope.Deliveries.SelectMany(delivery => delivery.Environment))
        {
            environment.Control(name, value);
        }
        return environment.Build();
    }
}
