using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Data.Blobs;
using Orchestrator.Vcs;
using Orchestrator.Vcs.Comments;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Runs;

/// <summary>A run of a commit, with what its texts name.</summary>
public sealed record ReportedRun(Run Run, Plan Plan, Apply Apply, string Workspace, string Organization, string CommitSha, bool IsForks = false, string? LockedBy = null);

/// <summary>What is said about runs where their commits are. Addresses and counts alone: never a value, of which none may be a secret's.</summary>
public sealed class VcsReportTexts(IDbContextFactory<OrchestratorDbContext> databases, IBlobStore blobs, IOptions<VcsOptions> options, IOptions<IssuerOptions> issuer)
{
    /// <summary>GitHub takes 65,536 letters, and others more.</summary>
    public const int MaxComment = 60_000;

    private const int MaxChanges = 100;
    private const int MaxAddress = 300;

    private string Root => (options.Value.PublicAddress ?? issuer.Value.Issuer).TrimEnd('/');

    /// <summary>The runs of a commit, oldest first.</summary>
    public async Task<IReadOnlyList<ReportedRun>> OfCommitAsync(VcsReport report, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await Runs(db, db.VcsReports.Where(row => row.ConnectionId == report.ConnectionId && row.Repository == report.Repository && row.CommitSha == report.CommitSha))
            .ToListAsync(cancellationToken);
    }

    /// <summary>Of each workspace the last one.</summary>
    public static IReadOnlyList<ReportedRun> LatestOf(IEnumerable<ReportedRun> runs) =>
        [.. runs.GroupBy(row => row.Run.WorkspaceId).Select(workspace => workspace.Last()).OrderBy(row => row.Workspace, StringComparer.Ordinal)];

    public CommitStatus StatusOf(ReportedRun row) => new(
        StateOf(row), $"orchestrator/{row.Organization}/{row.Workspace}", Sentence(row), $"{Root}/app/{row.Organization}/{row.Workspace}/runs/{row.Run.Id}");

    /// <summary>All workspaces as one mark, on which a rule for merging can stand that need not know their names.</summary>
    public CommitStatus StatusOf(IReadOnlyList<ReportedRun> latest)
    {
        CommitState[] states = [.. latest.Select(StateOf)];
        var state = states.Contains(CommitState.Error) ? CommitState.Error
            : states.Contains(CommitState.Failure) ? CommitState.Failure
            : states.Contains(CommitState.Pending) ? CommitState.Pending
            : CommitState.Success;
        var failed = states.Count(one => one is CommitState.Error or CommitState.Failure);
        var open = states.Count(one => one is CommitState.Pending);
        var sentence = string.Create(CultureInfo.InvariantCulture, $"{states.Length} workspace{(states.Length == 1 ? "" : "s")}: {states.Length - failed - open} fine")
            + (open > 0 ? string.Create(CultureInfo.InvariantCulture, $", {open} open") : "")
            + (failed > 0 ? string.Create(CultureInfo.InvariantCulture, $", {failed} failed") : "");
        return new CommitStatus(state, $"orchestrator/{latest[0].Organization}", sentence, $"{Root}/app/{latest[0].Organization}");
    }

    /// <summary>The comment of a pull request: each workspace's last plan of its newest commit.</summary>
    public async Task<string> OfPullRequestAsync(VcsReport report, int number, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var all = await Runs(db, db.VcsReports.Where(row => row.ConnectionId == report.ConnectionId && row.Repository == report.Repository && row.PullRequest == number))
            .ToListAsync(cancellationToken);
        var head = all[^1].CommitSha;
        var latest = LatestOf(all.Where(row => row.CommitSha == head));
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"### Plans for `{head[..10]}`\n\n| Workspace | Result |\n| --- | --- |\n");
        foreach (var row in latest)
        {
            text.Append(CultureInfo.InvariantCulture, $"| [{row.Workspace}]({Root}/app/{row.Organization}/{row.Workspace}/runs/{row.Run.Id}) | {Mark(StateOf(row))} {Cell(Sentence(row))} |\n");
        }
        foreach (var row in latest.Where(row => row.Run.Status == RunStatus.PlannedAndSaved))
        {
            text.Append(CultureInfo.InvariantCulture, $"\nThe plan of `{row.Workspace}` can be applied before merging: `{CommentCommand.Word} apply -w {row.Workspace}`.\n");
        }
        foreach (var row in latest.Where(row => row.LockedBy is not null && row.LockedBy == PullRequestHolder.Of(report.ConnectionId, number).Name))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n🔒 `{row.Workspace}` is locked by this pull request until it is merged or closed.\n");
        }
        if (latest.Any(row => row.IsForks))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{RunClaim.ForkWarning}\n");
        }
        foreach (var row in latest)
        {
            var details = await ChangesAsync(row, cancellationToken);
            if (details is null)
            {
                continue;
            }
            if (text.Length + details.Length > MaxComment)
            {
                text.Append("\nThe changes of further workspaces are left out here; their pages show them.\n");
                break;
            }
            text.Append(details);
        }
        return text.ToString();
    }

    internal static CommitState StateOf(ReportedRun row) => row.Run.Status switch
    {
        RunStatus.Applied or RunStatus.PlannedAndFinished or RunStatus.PlannedAndSaved => CommitState.Success,
        RunStatus.Errored or RunStatus.PolicySoftFailed => CommitState.Failure,
        RunStatus.Discarded or RunStatus.Canceled => CommitState.Error,
        _ => CommitState.Pending,
    };

    internal static string Sentence(ReportedRun row) => row.Run.Status switch
    {
        RunStatus.Applied => $"Applied: {Counts(row.Apply)}.",
        RunStatus.PlannedAndFinished => row.Plan.HasChanges ? $"Plan: {Counts(row.Plan)}." : "No changes.",
        RunStatus.Errored => row.Apply.StartedAt is null ? "The plan failed." : "The apply failed.",
        RunStatus.Discarded => "Discarded.",
        RunStatus.Canceled => "Canceled.",
        RunStatus.Applying or RunStatus.ApplyQueued or RunStatus.Confirmed => "Applying…",
        _ when RunMoves.Confirmable.Contains(row.Run.Status) => $"Plan: {Counts(row.Plan)}. It waits for confirmation.",
        _ => "Planning…",
    };

    private static IQueryable<ReportedRun> Runs(OrchestratorDbContext db, IQueryable<VcsReport> reports) =>
        from report in reports.AsNoTracking()
        join run in db.Runs.AsNoTracking() on report.RunId equals run.Id
        join plan in db.Plans.AsNoTracking() on run.Id equals plan.RunId
        join apply in db.Applies.AsNoTracking() on run.Id equals apply.RunId
        join workspace in db.Workspaces on run.WorkspaceId equals workspace.Id
        join organization in db.Organizations on workspace.OrganizationId equals organization.Id
        join version in db.ConfigurationVersions on run.ConfigurationVersionId equals version.Id
        orderby run.CreatedAt, run.Id
        select new ReportedRun(run, plan, apply, workspace.Name, organization.Name, report.CommitSha, version.FromFork, workspace.LockedBy);

    private static string Counts(PhaseRecord phase) =>
        string.Create(CultureInfo.InvariantCulture, $"{phase.Additions ?? 0} to add, {phase.Changes ?? 0} to change, {phase.Destructions ?? 0} to destroy");

    private static string Mark(CommitState state) => state switch
    {
        CommitState.Success => "✅",
        CommitState.Pending => "⏳",
        CommitState.Failure or CommitState.Error => "❌",
    };

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    private async Task<string?> ChangesAsync(ReportedRun row, CancellationToken cancellationToken)
    {
        if (!row.Plan.HasChanges || await blobs.ReadAsync(BlobKey.PlanJson(row.Run.Id), cancellationToken) is not { } json)
        {
            return null;
        }
        string[] lines = [.. LinesOf(json)];
        if (lines.Length == 0)
        {
            return null;
        }
        var shown = string.Join('\n', lines.Take(MaxChanges));
        var more = lines.Length > MaxChanges ? string.Create(CultureInfo.InvariantCulture, $"\n… and {lines.Length - MaxChanges} more") : "";
        return $"\n<details><summary>Changes in {row.Workspace}</summary>\n\n```diff\n{shown}{more}\n```\n\n</details>\n";
    }

    /// <summary>One line a resource: what is done, and its address.</summary>
    internal static IEnumerable<string> LinesOf(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        if (!document.RootElement.TryGetProperty("resource_changes", out var changes))
        {
            return [];
        }
        return [.. changes.EnumerateArray()
            .Select(change => (
                Address: change.GetProperty("address").GetString() ?? "",
                Actions: change.GetProperty("change").GetProperty("actions").EnumerateArray().Select(action => action.GetString()).ToArray()))
            .Where(change => change.Actions is not (["no-op"] or ["read"]))
            .Select(change => $"{Sign(change.Actions)} {Plain(change.Address)}")];
    }

    private static string Sign(string?[] actions) => actions switch
    {
        ["create"] => "+",
        ["delete"] => "-",
        ["update"] => "!",
        _ when actions.Contains("create") && actions.Contains("delete") => "-+",
        _ => "#",
    };

    /// <summary>Keys of instances are any text: none ends the block that it stands in.</summary>
    private static string Plain(string address)
    {
        var text = new string([.. address.Select(letter => char.IsControl(letter) ? ' ' : letter == '`' ? '\'' : letter)]);
        return text.Length > MaxAddress ? text[..MaxAddress] + "…" : text;
    }
}
