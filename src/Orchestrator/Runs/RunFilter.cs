using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>Which runs are wanted in a list. Null: any.</summary>
public sealed record RunFilter
{
    private const string PastYear = "year";
    private const string Escape = "!";

    /// <summary>Null: all but the plan-only ones.</summary>
    public IReadOnlyList<RunOperation>? Operations { get; init; }

    public IReadOnlyList<RunStatus>? Statuses { get; init; }

    public IReadOnlyList<string>? Sources { get; init; }

    public IReadOnlyList<string>? WorkspaceNames { get; init; }

    public DateTimeOffset? Since { get; init; }

    /// <summary>Not any more.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Part of the name of who asked for the run.</summary>
    public string? User { get; init; }

    /// <summary>The beginning of a commit's hash.</summary>
    public string? Commit { get; init; }

    /// <summary>Part of the id, the message or the author's name.</summary>
    public string? Text { get; init; }

    /// <summary>Reads a filter as the API spells it: <c>filter[operation]</c>, <c>filter[status]</c>, <c>filter[status_group]</c>,
    /// <c>filter[source]</c>, <c>filter[timeframe]</c>, <c>filter[workspace_names]</c>, <c>search[user]</c>, <c>search[commit]</c>,
    /// <c>search[basic]</c>. An empty value is none.</summary>
    /// <returns>The filter, or which value means nothing and what it should be.</returns>
    public static (RunFilter Filter, (string Name, string Reason)? Fault) Read(Func<string, string?> valueOf, DateTimeOffset now)
    {
        string? Text(string name) => valueOf(name)?.Trim() is { Length: > 0 } text ? text : null;
        string[]? Words(string name) => Text(name)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var (operations, statuses, timeframe) = (Words("filter[operation]"), Words("filter[status]"), Text("filter[timeframe]"));
        if (operations?.FirstOrDefault(word => !EnumText.TryParse<RunOperation>(word, out _)) is { } noOperation)
        {
            return (new(), ("filter[operation]", Unknown<RunOperation>(noOperation)));
        }
        if (statuses?.FirstOrDefault(word => !EnumText.TryParse<RunStatus>(word, out _) && word != "force_canceled") is { } noStatus)
        {
            return (new(), ("filter[status]", Unknown<RunStatus>(noStatus)));
        }
        if (Group(Text("filter[status_group]")) is not { } group)
        {
            return (new(), ("filter[status_group]", "A status group is 'non_final', 'final' or 'discardable'."));
        }
        if (Timeframe(timeframe, now) is not var (since, until))
        {
            return (new(), ("filter[timeframe]", "A timeframe is a year such as '2026', or 'year' for the last twelve months."));
        }
        var wanted = statuses?.Where(word => EnumText.TryParse<RunStatus>(word, out _)).Select(EnumText.Parse<RunStatus>);
        return (new RunFilter
        {
            Operations = operations?.Select(EnumText.Parse<RunOperation>).ToArray(),
            Statuses = wanted is null ? (group.Length == 0 ? null : group) : [.. group.Length == 0 ? wanted : wanted.Intersect(group)],
            Sources = Words("filter[source]"),
            WorkspaceNames = Words("filter[workspace_names]"),
            Since = since,
            Until = until,
            User = Text("search[user]"),
            Commit = Text("search[commit]"),
            Text = Text("search[basic]"),
        }, null);
    }

    public IQueryable<Run> Of(OrchestratorDbContext db)
    {
        IQueryable<Run> runs = db.Runs;
        runs = Operations is { } operations
            ? runs.Where(run => operations.Contains(run.Operation))
            : runs.Where(run => run.Operation != RunOperation.PlanOnly);
        if (Statuses is { } statuses)
        {
            runs = runs.Where(run => statuses.Contains(run.Status));
        }
        if (Sources is { } sources)
        {
            runs = runs.Where(run => sources.Contains(run.Source));
        }
        if (WorkspaceNames is { } names)
        {
            runs = runs.Where(run => db.Workspaces.Any(workspace => workspace.Id == run.WorkspaceId && names.Contains(workspace.Name)));
        }
        if (Since is { } since)
        {
            runs = runs.Where(run => run.CreatedAt >= since);
        }
        if (Until is { } until)
        {
            runs = runs.Where(run => run.CreatedAt < until);
        }
        if (Commit?.ToLowerInvariant() is { } commit)
        {
            runs = runs.Where(run => db.IngressAttributes.Any(ingress => ingress.ConfigurationVersionId == run.ConfigurationVersionId && ingress.CommitSha.StartsWith(commit)));
        }
        return Search(runs);
    }

    private IQueryable<Run> Search(IQueryable<Run> runs)
    {
        if (User is not null)
        {
            var user = PatternOf(User);
            runs = runs.Where(run => EF.Functions.Like(run.CreatedBy.ToLower(), user, Escape));
        }
        if (Text is not null)
        {
            // The id is stored through a conversion, behind which the database cannot look for a part of it.
            var id = new RunId(Text);
            var text = PatternOf(Text);
            runs = runs.Where(run => run.Id == id
                || EF.Functions.Like(run.Message!.ToLower(), text, Escape) || EF.Functions.Like(run.CreatedBy.ToLower(), text, Escape));
        }
        return runs;
    }

    /// <summary>Anything that contains the text. Lower case, because SQLite and PostgreSQL differ in what they take for alike.</summary>
    private static string PatternOf(string text) => "%" + text.ToLowerInvariant()
        .Replace(Escape, Escape + Escape, StringComparison.Ordinal)
        .Replace("%", Escape + "%", StringComparison.Ordinal)
        .Replace("_", Escape + "_", StringComparison.Ordinal) + "%";

    /// <returns>Empty: any; null: there is no such group.</returns>
    private static RunStatus[]? Group(string? name) => name switch
    {
        null => [],
        "final" => RunMoves.Final,
        "non_final" => [.. Enum.GetValues<RunStatus>().Except(RunMoves.Final)],
        "discardable" => RunMoves.Discardable,
        _ => null,
    };

    private static (DateTimeOffset? Since, DateTimeOffset? Until)? Timeframe(string? text, DateTimeOffset now)
    {
        if (text is null)
        {
            return (null, null);
        }
        if (text == PastYear)
        {
            return (now.AddYears(-1), null);
        }
        return text.Length == 4 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year is > 0 and < 9999
            ? (new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(year + 1, 1, 1, 0, 0, 0, TimeSpan.Zero))
            : null;
    }

    private static string Unknown<T>(string word) where T : struct, Enum =>
        $"'{word}' is none of {string.Join(", ", Enum.GetValues<T>().Select(EnumText.Of))}.";
}
