using Microsoft.Extensions.Options;
using Orchestrator.Data.Blobs;
using Orchestrator.Terraform;
using Orchestrator.Terraform.Engines;
using Orchestrator.Terraform.Providers;

namespace Orchestrator.Runs;

/// <summary>Step 7 of a run: terraform itself. A plan is made, read and kept; an apply applies exactly that plan.</summary>
public sealed class PhaseExecution(
    RunClaims claims, EngineStore engines, ProviderCache providers, TerraformProcess terraform, ApiWait api, Sandbox sandbox, IBlobStore blobs,
    IOptions<UsageLimits> limits, TimeProvider clock)
{
    /// <exception cref="PhaseFailedException">Terraform failed, or what it needs is missing.</exception>
    public async Task<PhaseResult> ExecuteAsync(PhaseScope scope)
    {
        if (await FindEngineAsync(scope) is not { } engine)
        {
            return StoppedEarly(scope, new TerraformExit(-1, Killed: false))!;
        }
        await using var usage = PhaseUsage.Watch(scope, limits.Value, clock);
        await using var commands = new PhaseCommands(engine, providers, terraform.With(engine), sandbox, api, scope, limits.Value);
        if (scope.Claim.Phase == RunPhase.Apply)
        {
            return await ApplyAsync(commands, scope);
        }
        var planned = await PlanAsync(commands, scope);
        return planned.Ending == PhaseEnding.Succeeded ? planned with { PlannedBy = engine.Version } : planned;
    }

    /// <summary>Null when the phase was stopped while its engine was fetched.</summary>
    private async Task<TerraformEngine?> FindEngineAsync(PhaseScope scope)
    {
        var run = scope.Claim.Run;
        try
        {
            var finding = engines.ResolveAsync(run.Engine, run.TerraformVersion, scope.Watch.Stop);
            // Only what takes a while is a step of its own.
            return finding.IsCompleted ? await finding : await scope.StepAsync("engine", () => finding);
        }
        catch (EngineUnavailableException lacking)
        {
            throw new PhaseFailedException(lacking.Message);
        }
        catch (OperationCanceledException) when (scope.Watch.Reason != StopReason.None)
        {
            return null;
        }
    }

    private async Task<PhaseResult> PlanAsync(PhaseCommands commands, PhaseScope scope)
    {
        var directory = scope.Directory!;
        await commands.PreambleAsync(scope.Claim.IsForks ? string.Join('\n', new[] { RunClaim.ForkWarning, sandbox.Warning }.OfType<string>()) : sandbox.Warning);
        var plan = PlanArguments(scope.Claim.Run, directory);
        if (StoppedEarly(scope, await commands.InitAsync(plan)) is { } beforePlan)
        {
            return beforePlan;
        }
        var exit = await scope.StepAsync("plan", () => commands.RunAsync(plan));
        if (StoppedEarly(scope, exit) is { } inPlan)
        {
            return inPlan;
        }
        if (!exit.Succeeded && !exit.HasChanges)
        {
            throw new PhaseFailedException("Terraform could not make a plan; its own message is in the log.");
        }
        // Before what shows it could replace it: what is kept is what is shown.
        var made = await ReadPlanAsync(directory);
        var (shown, json) = await scope.StepAsync("show", () => commands.ShowAsync());
        if (json is null)
        {
            return StoppedEarly(scope, shown)!;
        }
        await scope.StepAsync("store", () => StorePlanAsync(scope, made, json));
        if (scope.Claim.Run.Options is { SavePlan: true } or { AllowConfigGeneration: true })
        {
            await scope.StepAsync("schemas", () => StoreSchemasAsync(scope, commands, json));
        }
        return StoppedEarly(scope, exit) ?? new PhaseResult(PhaseEnding.Succeeded, exit.HasChanges, PlanSummary.Read(json));
    }

    private async Task<PhaseResult> ApplyAsync(PhaseCommands commands, PhaseScope scope)
    {
        var directory = scope.Directory!;
        var (summary, needsInit) = await RestorePlanAsync(scope, directory);
        await commands.PreambleAsync(sandbox.Warning);
        string[] apply = ["apply", "-input=false", "-lock=false", "-auto-approve", directory.PlanFile];
        if (!needsInit)
        {
            await directory.SelectWorkspaceAsync(scope.Claim.Workspace.Name);
        }
        else if (StoppedEarly(scope, await commands.InitAsync(apply)) is { } beforeApply)
        {
            return beforeApply;
        }
        if (!await claims.BeginApplyAsync(scope.Claim, scope.Watch.Stop))
        {
            return new PhaseResult(PhaseEnding.ClaimLost);
        }
        scope.MayHaveChangedSomething = true;
        var exit = await scope.StepAsync("apply", () => commands.RunAsync(apply));
        if (!exit.Succeeded)
        {
            return StoppedEarly(scope, exit)
                ?? throw new PhaseFailedException("Terraform could not apply the plan; its own message is in the log. What it did until then is in the state.");
        }
        return new PhaseResult(PhaseEnding.Succeeded, Summary: summary);
    }

    private static string[] PlanArguments(Run run, RunDirectory directory) =>
    [
        "plan", "-input=false", "-lock=false", "-detailed-exitcode", $"-out={directory.PlanFile}",
        .. run.Options.IsDestroy ? ["-destroy"] : Array.Empty<string>(),
        .. run.Options.RefreshOnly ? ["-refresh-only"] : Array.Empty<string>(),
        .. run.Options.Refresh ? Array.Empty<string>() : ["-refresh=false"],
        .. run.Options.TargetAddresses.Select(address => $"-target={address}"),
        .. run.Options.ReplaceAddresses.Select(address => $"-replace={address}"),
        // Its content is in the plan, from where the client takes it.
        .. run.Options.AllowConfigGeneration ? [$"-generate-config-out={directory.GeneratedConfiguration}"] : Array.Empty<string>(),
    ];

    /// <summary>Null when nobody asked terraform to stop.</summary>
    private static PhaseResult? StoppedEarly(PhaseScope scope, TerraformExit exit) => scope.Watch.Reason switch
    {
        StopReason.None => null,
        StopReason.Canceled => new PhaseResult(PhaseEnding.Canceled, Outcome: exit.Killed
            ? "The run was force-canceled: terraform was killed, and may not have recorded its last changes."
            : "The run was canceled: terraform was interrupted and has saved its state."),
        StopReason.TimedOut => new PhaseResult(PhaseEnding.Failed, Outcome:
            $"The {scope.Claim.PhaseName} took longer than it may (Orchestrator__Runs), so terraform was interrupted. {Left(scope, exit)}"),
        StopReason.ShuttingDown => new PhaseResult(PhaseEnding.Interrupted, Outcome:
            $"The worker was shut down in the middle of the {scope.Claim.PhaseName}, so terraform was interrupted. {Left(scope, exit)} "
            + "Start a new run to finish the work."),
        StopReason.ClaimLost => new PhaseResult(PhaseEnding.ClaimLost),
        StopReason.LeaseLost => new PhaseResult(PhaseEnding.Interrupted, Outcome:
            $"The worker could not reach the database for so long that another might have taken the run over, so terraform was interrupted. "
            + $"{Left(scope, exit)} Start a new run to finish the work."),
        StopReason.LogTooLong => new PhaseResult(PhaseEnding.Failed, Outcome:
            $"The log of the {scope.Claim.PhaseName} grew longer than it may (Orchestrator__Limits__MaxLogBytes), so terraform was interrupted, and the rest "
            + $"of the log was dropped. {Left(scope, exit)}"),
        StopReason.DirectoryTooLarge => new PhaseResult(PhaseEnding.Failed, Outcome:
            $"The run's directory took more of the disk than it may (Orchestrator__Limits__MaxDirectoryBytes), so terraform was interrupted. {Left(scope, exit)}"),
        StopReason.MemoryTooLarge => new PhaseResult(PhaseEnding.Failed, Outcome:
            $"The run's processes took more memory than they may (Orchestrator__Limits__MaxMemoryBytes), so terraform was interrupted. {Left(scope, exit)}"),
        StopReason.LogBroken => new PhaseResult(PhaseEnding.Failed, Outcome:
            $"The log could not be stored (is the disk full, or the database away?), so terraform was interrupted. {Left(scope, exit)}"),
    };

    private static string Left(PhaseScope scope, TerraformExit exit) => (scope.Claim.Phase, exit.Killed) switch
    {
        (RunPhase.Plan, _) => "Nothing was changed.",
        (_, false) => "What it did until then is in the state.",
        (_, true) => "It did not end in time and was killed: what it had not recorded until then is not in the state.",
    };

    private static async Task<MadePlan> ReadPlanAsync(RunDirectory directory) => new(
        await directory.ReadPlanAsync() ?? throw new PhaseFailedException(
            "The plan's file is gone or was replaced while terraform ran, so there is nothing that could be applied. Something in the configuration does that."),
        await directory.ReadLockAsync());

    private async Task StorePlanAsync(PhaseScope scope, MadePlan made, byte[] json)
    {
        var run = scope.Claim.Run.Id;
        await Task.WhenAll(
            blobs.WriteAsync(BlobKey.PlanFile(run), made.File, CancellationToken.None),
            blobs.WriteAsync(BlobKey.PlanJson(run), json, CancellationToken.None),
            made.Locks is null ? Task.CompletedTask : blobs.WriteAsync(BlobKey.PlanLock(run), made.Locks, CancellationToken.None));
    }

    /// <summary>Only such plans are drawn by clients themselves, and large providers take seconds to tell their schemas.</summary>
    private async Task StoreSchemasAsync(PhaseScope scope, PhaseCommands commands, byte[] json)
    {
        if (await commands.SchemasAsync() is { } schemas)
        {
            await blobs.WriteAsync(BlobKey.PlanSchemas(scope.Claim.Run.Id), ProviderSchemas.Of(schemas, json), CancellationToken.None);
        }
    }

    /// <summary>Brings the stored plan back. It carries its configuration and its backend; what it does not carry are provider
    /// packages (terraform has written a lock file if there are any) and the files of fetched modules.</summary>
    private async Task<(PlanSummary Summary, bool NeedsInit)> RestorePlanAsync(PhaseScope scope, RunDirectory directory)
    {
        var run = scope.Claim.Run.Id;
        var stored = await Task.WhenAll(
            new[] { BlobKey.PlanFile(run), BlobKey.PlanJson(run), BlobKey.PlanLock(run) }.Select(key => blobs.ReadAsync(key, CancellationToken.None)));
        var (plan, json, locks) = (stored[0], stored[1], stored[2]);
        if (plan is null || json is null)
        {
            throw new PhaseFailedException("The stored plan is gone, so there is nothing to apply. Start a new run.");
        }
        await File.WriteAllBytesAsync(directory.PlanFile, plan);
        if (locks is not null)
        {
            await File.WriteAllBytesAsync(directory.LockFile, locks);
        }
        return (PlanSummary.Read(json), locks is not null || PlanModules.AnyInstalled(json));
    }

    /// <param name="Locks">Which providers it was made with; null when there are none.</param>
    private sealed record MadePlan(byte[] File, byte[]? Locks);
}
