using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Vcs;

namespace Orchestrator.Runs;

/// <summary>Whether a pull request's plan may be applied before it is merged. Asked of its service each time: a review may have been taken back, and
/// commits may have come of which nobody has told.</summary>
public sealed class PullRequestGate(VcsVault vault, VcsProviders providers)
{
    /// <param name="Holder">In whose name the workspace is locked before the apply; null for a run that is no pull request's.</param>
    public sealed record Answer(string? Refusal, Actor? Holder = null, string? Address = null);

    public async Task<Answer> AskAsync(OrchestratorDbContext db, RunId id, CancellationToken cancellationToken)
    {
        var found = await (
            from run in db.Runs.AsNoTracking()
            where run.Id == id && run.Options.SavePlan
            join ingress in db.IngressAttributes on run.ConfigurationVersionId equals ingress.ConfigurationVersionId
            where ingress.PullRequestNumber != null
            select new { run.WorkspaceId, ingress }).FirstOrDefaultAsync(cancellationToken);
        if (found is null)
        {
            return new Answer(null);
        }
        var (number, workspace, origin) = (found.ingress.PullRequestNumber!.Value, found.WorkspaceId, found.ingress.ConnectionId);
        var link = await db.VcsRepositories.AsNoTracking().FirstOrDefaultAsync(row => row.WorkspaceId == workspace, cancellationToken);
        if (link is not { AppliesBeforeMerge: true } || link.ConnectionId != origin || link.Identifier != found.ingress.Identifier)
        {
            return new Answer($"It is the plan of pull request #{number}, and the workspace applies none before it is merged.");
        }
        var connection = await db.VcsConnections.AsNoTracking().FirstAsync(row => row.Id == link.ConnectionId, cancellationToken);
        if (connection.TokenId is null)
        {
            return new Answer("The workspace's connection to version control has no token any more, so nobody knows how the pull request stands.");
        }
        try
        {
            var now = await providers.Of(connection).PullRequestAsync(vault.Open(connection), link.Identifier, number, cancellationToken);
            return WhyNot(now, number, found.ingress.CommitSha) is { } refusal
                ? new Answer(refusal)
                : new Answer(null, PullRequestHolder.Of(connection.Id, number), found.ingress.PullRequestUrl);
        }
        catch (Exception unanswered) when (unanswered is VcsProblem or VcsPayloadException)
        {
            return new Answer($"How pull request #{number} stands could not be found out. {unanswered.Message}");
        }
    }

    private static string? WhyNot(VcsPullRequestState now, int number, string planned) => now switch
    {
        { IsOpen: false } => $"Pull request #{number} is not open any more.",
        { Hindrance: { } hindrance } => $"Pull request #{number} cannot be merged: {hindrance}.",
        { Change.Commit: var head } when !planned.StartsWith(head, StringComparison.OrdinalIgnoreCase) => $"Pull request #{number} has newer commits than this plan's.",
        _ => null,
    };
}
