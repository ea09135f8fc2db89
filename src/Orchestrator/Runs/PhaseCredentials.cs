using Microsoft.Extensions.Options;
using Orchestrator.Credentials;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Runs;

/// <summary>Steps 5 and 6 of a run: signed tokens for this phase, and what each cloud gives for them. Both stay in memory, in the
/// child's environment or in the phase's own directory; what is stored says who was who, and never the secrets.</summary>
public sealed class PhaseCredentials(
    IEnumerable<ICloud> clouds, CredentialPolicies policies, TokenIssuer issuer, CredentialLedger ledger, IOptions<RunLimits> limits,
    TimeProvider clock)
{
    /// <exception cref="PhaseFailedException">Credentials are asked for, and there are none to be had.</exception>
    public async Task ObtainAsync(PhaseScope scope, CancellationToken cancellationToken)
    {
        var environment = CloudEnvironment.Of(scope.Variables);
        var readings = clouds.Select(cloud => (Cloud: cloud, Reading: environment.Read(cloud, scope.Claim.PhaseName))).ToArray();
        foreach (var warning in readings.SelectMany(cloud => cloud.Reading.Warnings))
        {
            await scope.Log.WriteLineAsync($"Warning: {warning}", cancellationToken);
        }
        var wanted = readings.Where(cloud => cloud.Reading.IsOn).ToArray();
        var tokens = ManualTokens.Wanted(environment.Values);
        if (wanted.Length == 0 && tokens.Count == 0)
        {
            return;
        }
        var claim = scope.Claim;
        var policy = await policies.OfAsync(claim.Organization.Id, claim.Project.Id, claim.Workspace.Id, cancellationToken);
        if (WhyNone(claim, policy) is { } reason)
        {
            await scope.Log.WriteLineAsync($"This {claim.PhaseName} gets no cloud credentials: {reason}", cancellationToken);
            return;
        }
        if (wanted.SelectMany(cloud => cloud.Reading.Problems).ToArray() is { Length: > 0 } problems)
        {
            throw new PhaseFailedException(string.Join('\n', problems));
        }
        var phase = PhaseOf(scope, policy, environment.Values);
        await scope.StepAsync("credentials", async () =>
        {
            try
            {
                foreach (var (cloud, reading) in wanted)
                {
                    scope.Deliveries.Add(await cloud.DeliverAsync(phase, reading.Configurations, cancellationToken));
                }
                scope.Deliveries.Add(await ManualTokens.DeliverAsync(phase, tokens, cancellationToken));
            }
            catch (CredentialsRefusedException refused)
            {
                throw new PhaseFailedException(refused.Message, refused);
            }
        });
    }

    /// <summary>Whoever opens a pull request runs code in its plan, so not every plan is trusted with keys; and not everybody who may queue
    /// runs may have them run with keys.</summary>
    private static string? WhyNone(RunClaim claim, EffectiveCredentialPolicy policy)
    {
        if (claim.IsForks)
        {
            return "its configuration comes from a fork.";
        }
        if (claim.Phase == RunPhase.Plan ? claim.Run.PlansWithoutCredentials : claim.Run.AppliesWithoutCredentials)
        {
            return claim.Phase == RunPhase.Apply && claim.Run.ConfirmedBy is { } confirmer
                ? $"{confirmer}, who confirmed it, may not run with credentials in this workspace."
                : $"{claim.Run.CreatedBy}, who queued it, may not run with credentials in this workspace.";
        }
        return IsSpeculative(claim) && policy.Speculative == SpeculativeCredentials.Refused
            ? $"{(claim.Run.Options.PlanOnly ? "nobody can apply it" : "it plans a pull request")}, and the credential policy has none for such plans."
            : null;
    }

    /// <summary>Nobody can apply it, or nobody has agreed to it yet.</summary>
    private static bool IsSpeculative(RunClaim claim) => claim.Run.Options.PlanOnly || (claim.Phase == RunPhase.Plan && claim.IsProposed);

    private CloudPhase PhaseOf(PhaseScope scope, EffectiveCredentialPolicy policy, IReadOnlyDictionary<string, string> environment) =>
        new(issuer, ledger, clock)
        {
            Identity = scope.Claim.Identity with { Template = policy.Subject },
            Policy = policy,
            IsSpeculative = IsSpeculative(scope.Claim),
            Responsible = scope.Claim.Phase == RunPhase.Apply && scope.Claim.Run.ConfirmedBy is { } confirmed ? confirmed : scope.Claim.Run.CreatedBy,
            TimeLimit = limits.Value.For(scope.Claim.Phase),
            Directory = scope.Directory!.Credentials,
            Environment = environment,
            Secret = scope.Mint,
            Warn = warning => scope.Log.WriteLineAsync($"Warning: {warning}", CancellationToken.None).AsTask(),
        };
}
