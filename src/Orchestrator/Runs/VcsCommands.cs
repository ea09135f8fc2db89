using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Vcs;
using Orchestrator.Vcs.Comments;
using Orchestrator.Workspaces;

namespace Orchestrator.Runs;

/// <summary>Does what a comment on a pull request asks for, with the rights of whoever has shown that its author's account is theirs, and says in
/// another comment what has become of it.</summary>
/// <remarks>What counts is the comment as the service itself has it. A delivery only says that there is one: whoever knows a webhook's secret could
/// make one up.</remarks>
public sealed class VcsCommands(
    IDbContextFactory<OrchestratorDbContext> databases, VcsVault vault, VcsProviders providers, VcsAccounts accounts, Standings standings, VcsChanges changes,
    RunActions actions, RunQueue queue, VcsLinks links, TimeProvider clock)
{
    /// <summary>So many times in an hour strangers get an answer in one repository; then the log alone tells of them.</summary>
    private const int MaxAnswersToStrangers = 5;

    private const string Stranger = "Nobody here has shown that this account is theirs.";

    private const string Usage = """
        I understand, as the first line of a comment:

        * `orchestrator plan` or `orchestrator plan -w WORKSPACE`
        * `orchestrator apply -w WORKSPACE`: before the pull request is merged, where the workspace allows it
        * `orchestrator unlock -w WORKSPACE`: gives back what an apply has locked
        """;

    /// <returns>How the delivery ended.</returns>
    /// <exception cref="VcsProblem">Version control did not do what was asked.</exception>
    public async Task<(VcsDeliveryStatus Status, string? Reason)> HandleAsync(
        VcsDelivery delivery, VcsConnection connection, VcsComment told, CancellationToken cancellationToken)
    {
        if (delivery.ProviderId.Contains(VcsConnections.Again, StringComparison.Ordinal))
        {
            return (VcsDeliveryStatus.Ignored, "What a comment asks for is not done again by another delivery of it. Write another comment.");
        }
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.VcsDeliveries.Where(row => row.Id == delivery.Id).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.Repository, RunText.Fit(told.Repository, VcsRepository.MaxIdentifier))
            .SetProperty(row => row.Sender, RunText.Fit(told.Author.Name, 200)), cancellationToken);
        var key = VcsRepository.KeyOf(told.Repository);
        var linked = await LinkedWorkspace.Of(db).Where(row => row.Repository.ConnectionId == connection.Id && row.Repository.IdentifierKey == key)
            .OrderBy(row => row.Workspace.Name).ToListAsync(cancellationToken);
        if (linked.Count == 0 || (!linked.Exists(row => row.Repository.TakesCommands) && CommentCommand.Read(told.Text)!.Verb != CommentVerb.Link))
        {
            return (VcsDeliveryStatus.Ignored, "No workspace takes commands from this repository's comments.");
        }
        var session = vault.Open(connection);
        var comment = await providers.Of(session).ReadCommentAsync(session, told, cancellationToken);
        if (comment is null || comment.Author.Id is null || comment.Author.Id != told.Author.Id || CommentCommand.Read(comment.Text) is not { } command
            || command != CommentCommand.Read(told.Text))
        {
            return (VcsDeliveryStatus.Ignored, "The service has no such comment of this author's: it was changed or deleted, or never written.");
        }
        var context = new Context(db, delivery, session, comment, [.. linked.Where(row => row.Repository.TakesCommands)]);
        var (answer, reason) = await AnswerAsync(context, command, cancellationToken);
        if (answer is not null)
        {
            try
            {
                await providers.Of(session).CommentAsync(session, comment.Repository, comment.PullRequest, null, answer, cancellationToken);
            }
            catch (VcsProblem unsaid)
            {
                // What is done is done, and is not done twice for the sake of telling.
                reason = $"{reason} The answer could not be written: {unsaid.Message}".Trim();
            }
        }
        return (VcsDeliveryStatus.Handled, reason);
    }

    private async Task<(string? Answer, string? Reason)> AnswerAsync(Context context, CommentCommand command, CancellationToken cancellationToken)
    {
        var (author, connection) = (context.Comment.Author, context.Session.Connection);
        if (command.Verb == CommentVerb.Link)
        {
            return await accounts.ClaimAsync(connection.Id, author, command.Code!, cancellationToken) is { } owner
                ? ($"This account now acts with the rights of `{owner.Name}`.", $"The account is {owner.Name}'s now.")
                : await StrangerAsync(context, "That is no code for this account: it was used, is older than fifteen minutes, or was made for an account of another name.", cancellationToken);
        }
        if (await accounts.FindAsync(connection.Id, author, cancellationToken) is not { } principal)
        {
            return await StrangerAsync(context, $"{Stranger} Link it at {links.Root}/app/settings/version-control, then comment again.", cancellationToken);
        }
        if (command.Verb == CommentVerb.Help)
        {
            return (Usage, "It is none of the commands.");
        }
        var standing = await standings.OfAsync(principal, null, cancellationToken);
        // What one may not see is not there.
        LinkedWorkspace[] targets = [.. context.Workspaces.Where(row =>
            (command.Workspace is null || row.Workspace.Name == command.Workspace) && RightsOf(standing, row.Workspace).HasFlag(WorkspaceRight.ReadRuns))];
        if (targets.Length == 0)
        {
            var missing = command.Workspace is null ? "No workspace that you see takes commands here." : "No workspace of that name that you see takes commands here.";
            return (missing, missing);
        }
        if (command is { Workspace: null, Verb: not CommentVerb.Plan } && targets.Length > 1)
        {
            const string unnamed = "Name the workspace with `-w`.";
            return ($"{unnamed} Here are {string.Join(", ", targets.Select(row => $"`{row.Workspace.Name}`"))}.", unnamed);
        }
        var lines = new List<string>();
        if (command.Verb == CommentVerb.Plan)
        {
            await PlanAsync(context, principal, standing, targets, isNamed: command.Workspace is not null, cancellationToken);
        }
        foreach (var target in targets)
        {
            if (command.Verb != CommentVerb.Plan && !await IsDecidedAsync(context, target, cancellationToken))
            {
                await (command.Verb == CommentVerb.Apply
                    ? ApplyAsync(context, principal, RightsOf(standing, target.Workspace), target, cancellationToken)
                    : UnlockAsync(context, RightsOf(standing, target.Workspace), target, cancellationToken));
            }
            lines.Add(await LineAsync(context, target, cancellationToken));
        }
        return (string.Join('\n', lines), null);
    }

    private async Task PlanAsync(
        Context context, Principal principal, Standing standing, IReadOnlyList<LinkedWorkspace> targets, bool isNamed, CancellationToken cancellationToken)
    {
        var request = await providers.Of(context.Session).PullRequestAsync(context.Session, context.Comment.Repository, context.Comment.PullRequest, cancellationToken);
        foreach (var target in targets)
        {
            var rights = RightsOf(standing, target.Workspace);
            if (!request.IsOpen || !rights.HasFlag(WorkspaceRight.QueuePlan))
            {
                await DecideAsync(context, target, request.IsOpen ? "You may queue no plan here." : "The pull request is not open any more.", cancellationToken);
                continue;
            }
            var by = new RunAuthor(principal.Actor, rights.HasFlag(WorkspaceRight.RunWithCredentials));
            await changes.PlanAsync(context.Delivery, context.Session, request.Change, target, by, whateverFiles: isNamed, cancellationToken);
        }
    }

    private async Task ApplyAsync(Context context, Principal principal, WorkspaceRight rights, LinkedWorkspace target, CancellationToken cancellationToken)
    {
        var (id, connection, number) = (target.Workspace.Id, context.Session.Connection.Id, context.Comment.PullRequest);
        if (!rights.HasFlag(WorkspaceRight.QueueApply))
        {
            await DecideAsync(context, target, "You may apply nothing here.", cancellationToken);
            return;
        }
        if (!target.Repository.AppliesBeforeMerge)
        {
            await DecideAsync(context, target, "It applies nothing before it is merged.", cancellationToken);
            return;
        }
        var last = await (
            from report in context.Db.VcsReports
            where report.PullRequest == number && report.ConnectionId == connection
            join run in context.Db.Runs.AsNoTracking() on report.RunId equals run.Id
            where run.WorkspaceId == id
            orderby run.CreatedAt descending, run.Id descending
            select run).FirstOrDefaultAsync(cancellationToken);
        if (last is not { Status: RunStatus.PlannedAndSaved })
        {
            await DecideAsync(context, target, last switch
            {
                null => "There is no plan of this pull request.",
                { Status: RunStatus.PlannedAndFinished, Options.PlanOnly: false } => "The plan has nothing to change.",
                { Options.PlanOnly: true } => "The plan cannot be applied: it is a fork's, or was made before the workspace applied before merging.",
                { Status: RunStatus.Discarded } => $"The plan is no good any more: `{CommentCommand.Word} plan -w {target.Workspace.Name}` makes another.",
                { Status: var status } when status.IsFinal() => $"The last run {last.Id} has ended: it is {EnumText.Of(status)}.",
                { Status: var status } => $"The last run {last.Id} is {EnumText.Of(status)}.",
            }, cancellationToken);
            return;
        }
        // Its author has seen another plan, or none: commits may have come between.
        var plannedAt = await context.Db.Plans.Where(plan => plan.RunId == last.Id).Select(plan => plan.FinishedAt).FirstAsync(cancellationToken);
        if (plannedAt > (context.Comment.WrittenAt ?? context.Delivery.ReceivedAt))
        {
            await DecideAsync(context, target, "Its plan is newer than the comment: look at it, and comment again.", cancellationToken);
            return;
        }
        var result = await actions.ConfirmAsync(
            last.Id, principal.Actor, string.Create(CultureInfo.InvariantCulture, $"By a comment on pull request #{number}."), rights.HasFlag(WorkspaceRight.RunWithCredentials), cancellationToken);
        await DecideAsync(context, target, result.Refusal, cancellationToken, result.IsDone ? last.Id : null);
    }

    private async Task UnlockAsync(Context context, WorkspaceRight rights, LinkedWorkspace target, CancellationToken cancellationToken)
    {
        var holder = PullRequestHolder.Of(context.Session.Connection.Id, context.Comment.PullRequest);
        if (!rights.HasFlag(WorkspaceRight.Lock))
        {
            await DecideAsync(context, target, "You may not lock and unlock here.", cancellationToken);
        }
        else if (await context.Db.ReleaseAsync(target.Workspace.Id, holder, cancellationToken) == LockOutcome.Done)
        {
            await queue.AdvanceAsync(target.Workspace.Id, cancellationToken);
            await DecideAsync(context, target, "Unlocked.", cancellationToken);
        }
        else
        {
            await DecideAsync(context, target, "It is not locked by this pull request.", cancellationToken);
        }
    }

    /// <summary>An answer to somebody whom nobody knows here; anybody may be one on a public pull request, and need not fill it with ours.</summary>
    private async Task<(string? Answer, string Reason)> StrangerAsync(Context context, string refusal, CancellationToken cancellationToken)
    {
        var (since, connection, repository) = (clock.GetUtcNow().AddHours(-1), context.Session.Connection.Id, context.Comment.Repository);
        var before = await context.Db.VcsDeliveries.CountAsync(row =>
            row.ConnectionId == connection && row.Repository == repository && row.ReceivedAt > since && row.Reason != null
            && (row.Reason.StartsWith(Stranger) || row.Reason.StartsWith("That is no code")), cancellationToken);
        return (before < MaxAnswersToStrangers ? refusal : null, refusal);
    }

    private static WorkspaceRight RightsOf(Standing standing, Workspace workspace) => standing.In(workspace.OrganizationId, workspace.ProjectId, workspace.Id);

    private static Task<bool> IsDecidedAsync(Context context, LinkedWorkspace target, CancellationToken cancellationToken) =>
        context.Db.VcsOutcomes.AnyAsync(row => row.DeliveryId == context.Delivery.Id && row.WorkspaceId == target.Workspace.Id, cancellationToken);

    private static Task DecideAsync(Context context, LinkedWorkspace target, string? reason, CancellationToken cancellationToken, RunId? run = null) =>
        VcsChanges.DecideAsync(context.Db, context.Delivery, target, run is null ? VcsDecision.Skipped : VcsDecision.Queued, reason, cancellationToken, run);

    private async Task<string> LineAsync(Context context, LinkedWorkspace target, CancellationToken cancellationToken)
    {
        var outcome = await context.Db.VcsOutcomes.AsNoTracking()
            .FirstOrDefaultAsync(row => row.DeliveryId == context.Delivery.Id && row.WorkspaceId == target.Workspace.Id, cancellationToken);
        var organization = await context.Db.Organizations.Where(row => row.Id == target.Workspace.OrganizationId).Select(row => row.Name).FirstAsync(cancellationToken);
        return outcome is { RunId: { } run }
            ? $"* `{target.Workspace.Name}`: [{run}]({links.Root}/app/{organization}/{target.Workspace.Name}/runs/{run}) is on its way."
            : $"* `{target.Workspace.Name}`: {outcome?.Reason ?? "nothing was done."}";
    }

    private sealed record Context(
        OrchestratorDbContext Db, VcsDelivery Delivery, VcsSession Session, VcsComment Comment, IReadOnlyList<LinkedWorkspace> Workspaces);
}
