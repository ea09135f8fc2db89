using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record CredentialTrialRequest
{
    /// <summary><c>plan</c> or <c>apply</c>. Default: <c>plan</c>.</summary>
    public string? Phase { get; init; }
}

/// <param name="Succeeded">Every configuration got credentials that its cloud knows.</param>
public sealed record CredentialTrialAttributes(
    string Phase, string Subject, bool Succeeded, IReadOnlyList<CredentialTrialResult> Results, IReadOnlyList<string> Problems);

/// <param name="Principal">Who the cloud says one is; null when it was not asked, or gave nothing.</param>
/// <param name="Refusal">Why there are no credentials, and what to check.</param>
/// <param name="Explanation">Which condition of the role's trust policy failed, where that policy is known.</param>
public sealed record CredentialTrialResult(string Cloud, string? Tag, string? Principal, string? Refusal, IReadOnlyList<string> Explanation);

internal static class CredentialTrialsApi
{
    public static void MapCredentialTrials(this IEndpointRouteBuilder api) =>
        api.MapPost("/workspaces/{id}/actions/try-credentials", async (
            string id, HttpRequest request, Admission admission, CredentialTrial trials, CancellationToken cancellationToken) =>
        {
            var wanted = (await request.ReadPlainAsync<CredentialTrialRequest>()).Phase ?? "plan";
            if (!EnumText.TryParse<RunPhase>(wanted, out var phase))
            {
                throw ApiProblem.BadRequest("The phase is 'plan' or 'apply'.", "/phase");
            }
            if (phase == RunPhase.Apply)
            {
                admission.Require(WorkspaceRight.QueueApply);
            }
            var trial = await trials.TryAsync(new WorkspaceId(id), phase, admission.Caller.Name, cancellationToken)
                ?? throw ApiProblem.NotFound();
            return JsonApiResult.Ok(new Resource<CredentialTrialAttributes>($"{id}-{wanted}", "credential-trials", new CredentialTrialAttributes(
                wanted, trial.Subject, trial.Succeeded,
                [.. trial.Results.Select(result => new CredentialTrialResult(
                    result.Cloud, result.Tag, result.Proof.Principal, result.Proof.Refusal, result.Proof.Explanation))],
                trial.Problems)));
        })
        .Needs(WorkspaceRight.QueuePlan | WorkspaceRight.RunWithCredentials)
        .WithSummary("Try the credentials of a workspace without a run")
        .TakesPlain<CredentialTrialRequest>().Returns<CredentialTrialAttributes>("credential-trials");
}
