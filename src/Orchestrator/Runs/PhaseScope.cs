using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.RunLogs;
using Orchestrator.Terraform;
using Orchestrator.Variables;

namespace Orchestrator.Runs;

/// <summary>Everything that exists for one phase of one run, from its claim to its wipe. Secrets live here, and die with it.</summary>
public sealed class PhaseScope(RunClaim claim, RunWatch watch, RunLogWriter log, TimeProvider clock)
{
    private readonly List<string> _minted = [];
    private readonly Lock _lock = new();
    private readonly long _began = clock.GetTimestamp();
    private Redactor? _redactor;
    private readonly List<PhaseStep> _steps = [];

    public RunClaim Claim => claim;

    public RunWatch Watch => watch;

    public RunLogWriter Log => log;

    public IReadOnlyList<PhaseStep> Steps => _steps;

    public TimeSpan Elapsed => clock.GetElapsedTime(_began);

    /// <summary>Terraform was let go to apply the plan.</summary>
    public bool MayHaveChangedSomething { get; set; }

    public RunDirectory? Directory { get; set; }

    /// <summary>How terraform gets at the state.</summary>
    public StateBackend? Backend { get; set; }

    /// <summary>For every command of the phase.</summary>
    public ChildEnvironment? Environment { get; set; }

    /// <summary>For the commands that talk to a cloud, and kept from all others. Closed by the wipe.</summary>
    public IList<CloudDelivery> Deliveries { get; } = [];

    public IReadOnlyList<PlainVariable> Variables { get; set; } = [];

    /// <summary>By which modules are fetched; null when the workspace has none.</summary>
    public string? SshKey { get; set; }

    /// <summary>Secrets that were made for this phase alone: none may be found anywhere afterwards.</summary>
    public IReadOnlyList<string> Minted
    {
        get
        {
            lock (_lock)
            {
                return [.. _minted];
            }
        }
    }

    /// <summary>For the phase's output: what was minted until now, and what the workspace calls sensitive.</summary>
    public Redactor Redactor
    {
        get
        {
            lock (_lock)
            {
                return _redactor ??= new([.. _minted, .. Variables.Where(variable => variable.Sensitive).Select(variable => variable.Value)]);
            }
        }
    }

    /// <summary>Says that this value was made for the phase. Keys are renewed while terraform runs, so this happens at any time.</summary>
    public string Mint(string secret)
    {
        lock (_lock)
        {
            _minted.Add(secret);
            _redactor = null;
        }
        return secret;
    }

    /// <summary>For output whose form must not suffer: only what was minted, which is too random to be part of anything else.</summary>
    public Redactor BuildMintedRedactor() => new(Minted);

    /// <summary>Carries out a step and notes how long it took, also when it fails.</summary>
    public async Task<T> StepAsync<T>(string name, Func<Task<T>> work)
    {
        var startedAt = clock.GetUtcNow();
        var started = clock.GetTimestamp();
        using var span = Tracing.Start(name);
        try
        {
            return await work();
        }
        catch (Exception failed)
        {
            span.Fail(failed);
            throw;
        }
        finally
        {
            _steps.Add(new PhaseStep(name, startedAt, (int)clock.GetElapsedTime(started).TotalMilliseconds));
        }
    }

    public Task StepAsync(string name, Func<Task> work) => StepAsync(name, async () =>
    {
        await work();
        return true;
    });
}

/// <summary>A phase cannot go on. The message is for the people who read the run: what happened, and what to do.</summary>
/// <remarks>An exception, because it ends a phase from any depth and every one is handled at the same place: the job.</remarks>
public sealed class PhaseFailedException(string message, Exception? inner = null) : Exception(message, inner);
