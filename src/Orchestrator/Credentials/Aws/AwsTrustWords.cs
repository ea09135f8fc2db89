using Orchestrator.Credentials.Aws.Trust;

namespace Orchestrator.Credentials.Aws;

/// <summary>Where trust policies of roles can be read: at a simulator, which is not as silent as AWS.</summary>
public interface ITrustPolicies
{
    /// <returns>The role's trust policy as JSON; null when there is no such role.</returns>
    string? Find(string roleArn);
}

/// <summary>Says line by line what a role's trust policy asks for and what a phase's token has.</summary>
internal static class AwsTrustWords
{
    public static IReadOnlyList<string> Explain(AwsLease lease, string policy, string issuer, TimeProvider clock)
    {
        var tags = lease.Phase.Policy.SessionTags;
        return Explain(new TrustQuestion
        {
            Policy = policy,
            Issuer = issuer,
            Subject = lease.Phase.Identity.Subject,
            Audience = lease.Phase.AudienceOf(lease.Configuration.Need(AwsVocabulary.Audience)),
            AccountId = lease.Request.Account,
            SessionName = lease.Request.SessionName,
            Tags = tags ? AwsSessionTags.TagsOf(lease.Phase.Identity) : new Dictionary<string, string>(),
            SourceIdentity = tags ? AwsSessionTags.SourceIdentityOf(lease.Phase.Responsible) : null,
        }, clock.GetUtcNow());
    }

    private static IReadOnlyList<string> Explain(TrustQuestion question, DateTimeOffset now)
    {
        var explanation = TrustExplainer.Explain(question, now);
        return
        [
            explanation.Summary,
            .. from action in explanation.Actions
               from statement in action.Statements
               from element in statement.Elements
               where element.Matched != true
               from line in new[] { $"{statement.Statement}: {element.Says}", element.Hint }
               where line is not null
               select line,
            .. explanation.Actions.Select(action => action.Hint).OfType<string>(),
        ];
    }
}
