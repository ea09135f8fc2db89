using Microsoft.EntityFrameworkCore;
using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Variables;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Runs;

/// <summary>What one configuration of a cloud would get in a phase.</summary>
/// <param name="Tag">Null for the default configuration.</param>
public sealed record TrialResult(string Cloud, string? Tag, CloudProof Proof);

/// <summary>What a phase of a workspace's run would get now.</summary>
/// <param name="Problems">Why nothing could be tried.</param>
public sealed record Trial(string Subject, IReadOnlyList<TrialResult> Results, IReadOnlyList<string> Problems)
{
    public bool Succeeded => Problems.Count == 0 && Results.All(result => result.Proof.Refusal is null);
}

/// <summary>Tries a workspace's credentials without a run: mints, exchanges, asks the cloud who one is, and lets go of it all.</summary>
public sealed class CredentialTrial(
    IEnumerable<ICloud> clouds, CredentialPolicies policies, WorkspaceVariables variables, TokenIssuer issuer, CredentialLedger ledger,
    IDbContextFactory<OrchestratorDbContext> databases, DataDirectory data, TimeProvider clock)
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(15);

    /// <param name="who">Who asks, for the cloud's own records.</param>
    /// <returns>Null when there is no such workspace.</returns>
    public async Task<Trial?> TryAsync(WorkspaceId id, RunPhase phase, string who, CancellationToken cancellationToken)
    {
        if (await databases.FindIdentityAsync(id, cancellationToken) is not { } workspace)
        {
            return null;
        }
        var trial = Identifier.New<RunId>();
        var policy = await policies.OfAsync(workspace.OrganizationId, workspace.ProjectId, id, cancellationToken);
        var environment = CloudEnvironment.Of(await variables.OpenAsync(id, cancellationToken));
        var directory = Path.Combine(data.Runs, trial.Value);
        var cloudPhase = new CloudPhase(issuer, ledger, clock)
        {
            Identity = workspace.InRun(trial, EnumText.Of(phase)) with { Template = policy.Subject },
            Policy = policy,
            IsTrial = true,
            Responsible = who,
            TimeLimit = TimeLimit,
            Directory = directory,
            Environment = environment.Values,
            Secret = secret => secret,
        };
        try
        {
            return await TryAsync(cloudPhase, environment, cancellationToken);
        }
        finally
        {
            Terraform.DirectoryRemoval.Remove(directory);
        }
    }

    private async Task<Trial> TryAsync(CloudPhase phase, CloudEnvironment environment, CancellationToken cancellationToken)
    {
        var redactor = environment.Redactor();
        var results = new List<TrialResult>();
        var problems = new List<string>();
        foreach (var cloud in clouds)
        {
            var reading = environment.Read(cloud, phase.Identity.Phase);
            problems.AddRange(reading.Problems.Concat(reading.Warnings));
            foreach (var configuration in reading.Configurations)
            {
                var proof = await cloud.ProveAsync(phase, configuration, cancellationToken);
                results.Add(new TrialResult(cloud.Vocabulary.Cloud.ToLowerInvariant(), configuration.Tag, proof with
                {
                    Refusal = proof.Refusal is { } refusal ? redactor.Mask(refusal) : null,
                    Explanation = [.. proof.Explanation.Select(redactor.Mask)],
                }));
            }
        }
        if (results.Count == 0 && problems.Count == 0)
        {
            problems.Add("This workspace asks for no credentials. Set TFC_AWS_PROVIDER_AUTH to 'true' and TFC_AWS_RUN_ROLE_ARN to a role.");
        }
        return new Trial(phase.Identity.Subject, results, problems);
    }
}
