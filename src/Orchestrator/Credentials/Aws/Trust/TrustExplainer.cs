using System.Globalization;
using Orchestrator.AwsPolicies;

namespace Orchestrator.Credentials.Aws.Trust;

/// <summary>Asks a pasted trust policy what AWS would ask it, and says which condition failed.</summary>
public static class TrustExplainer
{
    /// <param name="now">What AWS's clock shows: policies can end.</param>
    public static TrustExplanation Explain(TrustQuestion question, DateTimeOffset now)
    {
        var (policy, unreadable) = TrustPolicyText.Read(question.Policy);
        if (policy is null)
        {
            return new TrustExplanation(
                TrustAnswer.Unreadable, $"{unreadable!.Place}: {unreadable.Problem} {unreadable.Mend}", []);
        }
        var provider = ProviderOf(question, policy);
        var verdicts = TrustEvaluator.Evaluate(policy, Identity(question, provider), Surroundings(now));
        List<ActionExplanation> actions = [.. verdicts.Select(verdict => Explain(verdict, policy, provider))];
        var worst = actions.Find(action => action.Answer == TrustAnswer.Refused) ?? actions.Find(action => action.Answer == TrustAnswer.Depends);
        return new TrustExplanation(worst?.Answer ?? TrustAnswer.Allowed, Summary(worst ?? actions[0]), actions);
    }

    private static ActionExplanation Explain(TrustVerdict verdict, PolicyDocument policy, OidcProviderArn provider)
    {
        List<StatementExplanation> statements =
        [
            .. policy.Statements.Zip(verdict.Policy.Finding.Statements, (statement, finding) => Explain(statement, finding, provider)),
        ];
        var answer = Decide(statements);
        return new ActionExplanation(
            verdict.Action, answer, statements, answer == TrustAnswer.Refused && !verdict.Policy.Denies ? HintFor(verdict.Action) : null);
    }

    private static StatementExplanation Explain(PolicyStatement statement, StatementFinding finding, OidcProviderArn provider)
    {
        // Conditions come last, in the order of the document.
        var first = finding.Elements.Count - statement.Conditions.Count;
        List<ElementExplanation> elements =
        [
            .. finding.Elements.Take(first).Select(element => ElementWords.Explain(element, provider)),
            .. finding.Elements.Skip(first).Zip(statement.Conditions, (element, condition) => ConditionWords.Explain(element, condition, provider.Host)),
        ];
        bool? applies = elements.Exists(element => element.Matched == false) ? false
            : elements.TrueForAll(element => element.Matched == true) ? true
            : null;
        return new StatementExplanation(statement.Label, statement.Path, finding.Effect, applies, elements);
    }

    private static TrustAnswer Decide(List<StatementExplanation> statements)
    {
        var denies = statements.Where(statement => statement.Effect == nameof(Effect.Deny)).Select(statement => statement.Applies).ToList();
        var allows = statements.Where(statement => statement.Effect == nameof(Effect.Allow)).Select(statement => statement.Applies).ToList();
        return (denies, allows) switch
        {
            _ when denies.Contains(true) || allows.TrueForAll(applies => applies == false) => TrustAnswer.Refused,
            _ when denies.Contains(null) || !allows.Contains(true) => TrustAnswer.Depends,
            _ => TrustAnswer.Allowed,
        };
    }

    private static string? HintFor(string action) => action switch
    {
        TrustEvaluator.TagSession =>
            "The token carries session tags, and AWS refuses the whole exchange when no statement allows sts:TagSession for it. Add "
            + "sts:TagSession to the actions of the statement that trusts this subject, or switch the tags off.",
        TrustEvaluator.SetSourceIdentity =>
            "The token carries a source identity, and AWS refuses the whole exchange when no statement allows sts:SetSourceIdentity for it. "
            + "Add sts:SetSourceIdentity to the actions of the statement that trusts this subject, or switch it off.",
        _ => null,
    };

    private static string Summary(ActionExplanation action)
    {
        var denies = action.Statements.FirstOrDefault(statement => statement is { Effect: nameof(Effect.Deny), Applies: true });
        return action.Answer switch
        {
            TrustAnswer.Allowed =>
                $"Allowed by {action.Statements.First(statement => statement is { Effect: nameof(Effect.Allow), Applies: true }).Statement}.",
            TrustAnswer.Refused when denies is not null => $"Refused: {denies.Statement} denies {action.Action}.",
            TrustAnswer.Refused => Sentences($"Refused: no statement allows {action.Action}.", action.Hint ?? Nearest(action)),
            _ => $"It depends on what only AWS sees: {string.Join(", ", Undecided(action))}.",
        };
    }

    /// <summary>The Allow that lacks least, and its first reason.</summary>
    private static string? Nearest(ActionExplanation action) => action.Statements
        .Where(statement => statement.Effect == nameof(Effect.Allow))
        .OrderBy(statement => statement.Elements.Count(element => element.Matched == false))
        .Select(statement => statement.Elements.First(element => element.Matched == false))
        .Select(element => Sentences(element.Says, element.Hint))
        .FirstOrDefault();

    private static IEnumerable<string> Undecided(ActionExplanation action) => action.Statements
        .Where(statement => statement.Applies is null)
        .SelectMany(statement => statement.Elements)
        .Where(element => element.Matched is null)
        .Select(element => element.Key!)
        .Distinct(StringComparer.OrdinalIgnoreCase);

    private static string Sentences(string first, string? second) => second is null ? first : $"{first} {second}";

    private static OidcProviderArn ProviderOf(TrustQuestion question, PolicyDocument policy)
    {
        var host = OidcProviderArn.HostOf(question.Issuer);
        var written = policy.Statements.SelectMany(TrustPolicyText.Federated).Select(OidcProviderArn.Find).OfType<OidcProviderArn>().ToList();
        var like = written.Find(provider => provider.Host == host) ?? written.FirstOrDefault();
        return new OidcProviderArn(like?.Partition ?? OidcProviderArn.DefaultPartition, question.AccountId ?? like?.Account ?? "ACCOUNT", host);
    }

    private static WebIdentity Identity(TrustQuestion question, OidcProviderArn provider) => new()
    {
        ProviderArn = provider.ToString(),
        ProviderHost = provider.Host,
        Subject = question.Subject,
        Audience = question.Audience,
        OriginalAudience = [question.Audience],
        SessionName = question.SessionName,
        Duration = question.Duration,
        Tags = question.Tags,
        TransitiveTagKeys = question.TransitiveTagKeys,
        SourceIdentity = question.SourceIdentity,
    };

    private static RequestContext Surroundings(DateTimeOffset now) => new RequestContext()
        .Set("aws:SecureTransport", "true")
        .Set("aws:CurrentTime", now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))
        .Set("aws:EpochTime", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
}
