using System.Globalization;
using Orchestrator.Data;

namespace Orchestrator.Credentials;

/// <summary>Which entries of the ledger are wanted. Null: any.</summary>
public sealed record CredentialGrantFilter
{
    private const string Granted = "granted";
    private const string Refused = "refused";
    private const string Day = "yyyy-MM-dd";

    /// <summary>What <see cref="Read"/> asks for, and what it means.</summary>
    public static readonly IReadOnlyList<(string Name, string Description)> Parameters =
    [
        ("run", "The run they were for."), ("phase", "plan or apply."), ("provider", "The cloud."), ("result", $"{Granted} or {Refused}."),
        ("role", "Part of the role."), ("since", "A day, or an instant."), ("until", "A day, which counts as a whole, or an instant."),
        ("search", "Part of an id, a session name or a subject."),
    ];

    private static readonly string[] Instants =
        ["yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "yyyy-MM-ddTHH:mmK"];

    public RunId? Run { get; init; }

    public string? Phase { get; init; }

    public string? Provider { get; init; }

    /// <summary>False: the cloud refused.</summary>
    public bool? IsGranted { get; init; }

    /// <summary>Part of the role that was asked for.</summary>
    public string? Role { get; init; }

    public DateTimeOffset? Since { get; init; }

    /// <summary>Not any more.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Part of a token id, a key id, a request id, a session name or a subject.</summary>
    public string? Search { get; init; }

    /// <summary>Reads a filter as people write it: <c>run</c>, <c>phase</c>, <c>provider</c>, <c>result</c>, <c>role</c>, <c>since</c>,
    /// <c>until</c>, <c>search</c>. An empty value is none.</summary>
    /// <returns>The filter, or which value means nothing and what it should be.</returns>
    public static (CredentialGrantFilter Filter, (string Name, string Reason)? Fault) Read(Func<string, string?> valueOf)
    {
        string? Text(string name) => valueOf(name)?.Trim() is { Length: > 0 } text && !text.Contains('\0', StringComparison.Ordinal) ? text : null;
        var (result, since, until) = (Text("result"), Text("since"), Text("until"));
        if (result is not (null or Granted or Refused))
        {
            return (new(), ("result", $"The result is '{Granted}' or '{Refused}'."));
        }
        if (since is not null && Instant(since, ofWholeDay: TimeSpan.Zero) is null)
        {
            return (new(), ("since", Wrong(since)));
        }
        if (until is not null && Instant(until, ofWholeDay: TimeSpan.FromDays(1)) is null)
        {
            return (new(), ("until", Wrong(until)));
        }
        return (new CredentialGrantFilter
        {
            Run = Text("run") is { } run ? new RunId(run) : null,
            Phase = Text("phase"),
            Provider = Text("provider"),
            IsGranted = result is null ? null : result == Granted,
            Role = Text("role"),
            Since = Instant(since, ofWholeDay: TimeSpan.Zero),
            Until = Instant(until, ofWholeDay: TimeSpan.FromDays(1)),
            Search = Text("search"),
        }, null);
    }

    private static string Wrong(string text) => $"'{text}' is no point in time. Write it as 2026-03-01, or as 2026-03-01T12:00:00Z.";

    /// <param name="ofWholeDay">What to add to a day, which begins at midnight UTC: "until" a day includes it.</param>
    private static DateTimeOffset? Instant(string? text, TimeSpan ofWholeDay)
    {
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (DateTimeOffset.TryParseExact(text, Day, CultureInfo.InvariantCulture, Utc, out var day))
        {
            return day < DateTimeOffset.MaxValue - ofWholeDay ? day + ofWholeDay : DateTimeOffset.MaxValue;
        }
        return DateTimeOffset.TryParseExact(text, Instants, CultureInfo.InvariantCulture, Utc, out var instant) ? instant : null;
    }
}

public static class CredentialGrantQueries
{
    public static IQueryable<CredentialGrant> Where(this IQueryable<CredentialGrant> grants, CredentialGrantFilter filter)
    {
        if (filter.Run is { } run)
        {
            grants = grants.Where(grant => grant.RunId == run);
        }
        if (filter.Phase is { } phase)
        {
            grants = grants.Where(grant => grant.Phase == phase);
        }
        if (filter.Provider is { } provider)
        {
            grants = grants.Where(grant => grant.Provider == provider);
        }
        if (filter.IsGranted is { } granted)
        {
            grants = grants.Where(grant => (grant.ErrorCode == null) == granted);
        }
        if (filter.Role is { } role)
        {
            grants = grants.Where(grant => grant.Role!.Contains(role));
        }
        if (filter.Since is { } since)
        {
            grants = grants.Where(grant => grant.CreatedAt >= since);
        }
        if (filter.Until is { } until)
        {
            grants = grants.Where(grant => grant.CreatedAt < until);
        }
        if (filter.Search is { } text)
        {
            grants = grants.Where(grant => grant.TokenId.Contains(text) || grant.AccessKeyId!.Contains(text) || grant.RequestId!.Contains(text)
                || grant.SessionName!.Contains(text) || grant.Subject.Contains(text));
        }
        return grants;
    }

    public static IOrderedQueryable<CredentialGrant> NewestFirst(this IQueryable<CredentialGrant> grants) =>
        grants.OrderByDescending(grant => grant.CreatedAt).ThenByDescending(grant => grant.Id);
}
