using Orchestrator.Credentials.Aws;
using Orchestrator.Credentials.Aws.Trust;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>What AWS has to know to let a workspace's runs in.</summary>
/// <param name="Configurations">The tags of those that the workspace's runs use, each with a trust of its own; null is the default one.</param>
/// <param name="Notes">What the trust leaves out, and what had better be changed.</param>
public sealed record WorkspaceTrust(TrustRequest Request, IReadOnlyList<string?> Configurations, IReadOnlyList<string> Notes)
{
    // Stands where a run's token has the run's id.
    private static readonly RunId AnyRun = new("run-0000000000000000");

    public string SubjectOf(RunPhase phase) => Request.Subject.Render(Request.Workspace, EnumText.Of(phase));

    /// <summary>What there is to say about a role's trust policy, and what it answers a run of this workspace.</summary>
    /// <param name="policy">As somebody pasted it.</param>
    /// <param name="responsible">Who would be responsible for the run.</param>
    public TrustOpinion Judge(string policy, RunPhase phase, string responsible, DateTimeOffset now) => new(
        TrustLinter.Lint(policy, Request.Issuer, Request.AccountId),
        TrustExplainer.Explain(QuestionOf(policy, EnumText.Of(phase), responsible), now));

    private TrustQuestion QuestionOf(string policy, string phase, string responsible)
    {
        var identity = Request.Workspace.InRun(AnyRun, phase) with { Template = Request.Subject };
        return new TrustQuestion
        {
            Policy = policy,
            Issuer = Request.Issuer,
            Subject = identity.Subject,
            Audience = Request.Audience,
            AccountId = Request.AccountId,
            SessionName = $"{identity.RunId}-{phase}",
            Tags = Request.SessionTags ? AwsSessionTags.TagsOf(identity) : new Dictionary<string, string>(),
            SourceIdentity = Request.SourceIdentity ? AwsSessionTags.SourceIdentityOf(responsible) : null,
        };
    }
}

public sealed record TrustOpinion(IReadOnlyList<TrustFinding> Findings, TrustExplanation Explanation);
