using System.Globalization;
using Orchestrator.Credentials.Aws.Trust;
using Orchestrator.Runs;

namespace Orchestrator.Web.Pages.Parts;

/// <summary>How pages say things: statuses, instants, durations, sizes.</summary>
internal static class Words
{
    public static string Of(RunStatus status) => status switch
    {
        RunStatus.Pending => "Pending",
        RunStatus.PlanQueued => "Plan queued",
        RunStatus.Planning => "Planning",
        RunStatus.Planned => "Needs confirmation",
        RunStatus.PlannedAndFinished => "Planned and finished",
        RunStatus.PlannedAndSaved => "Planned and saved",
        RunStatus.ApplyQueued => "Apply queued",
        RunStatus.PolicyOverride => "Policy override",
        _ => Sentence(Orchestrator.Data.EnumText.Of(status)),
    };

    /// <summary><c>cancel_requested</c>, as a person would write it.</summary>
    public static string Sentence(string name) => name.Length == 0 ? "" : char.ToUpperInvariant(name[0]) + name[1..].Replace('_', ' ');

    /// <summary>Which of the page's colours: ok, busy, ask, bad, quiet.</summary>
    public static string Tone(RunStatus status) => status switch
    {
        RunStatus.Applied or RunStatus.PlannedAndFinished => "ok",
        RunStatus.Errored or RunStatus.PolicySoftFailed => "bad",
        RunStatus.Discarded or RunStatus.Canceled or RunStatus.Pending => "quiet",
        _ when RunMoves.Confirmable.Contains(status) || RunMoves.Discardable.Contains(status) => "ask",
        _ => "busy",
    };

    public static string Tone(TrustAnswer answer) => answer switch
    {
        TrustAnswer.Allowed => "ok",
        TrustAnswer.Depends => "ask",
        _ => "bad",
    };

    public static string Tone(TrustSeverity severity) => severity switch
    {
        TrustSeverity.Danger => "bad",
        TrustSeverity.Warning => "ask",
        _ => "quiet",
    };

    public static string Source(string source) => source switch
    {
        "tfe-api" => "the API",
        "tfe-ui" => "this site",
        "tfe-configuration-version" => "an upload",
        "terraform" or "terraform+cloud" => "the terraform CLI",
        _ => source,
    };

    public static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy, HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    public static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    public static string Ago(TimeSpan past) => past.TotalSeconds switch
    {
        < 45 => "just now",
        < 90 => "a minute ago",
        < 3600 => Number(past.TotalMinutes, "minute"),
        < 86400 => Number(past.TotalHours, "hour"),
        _ => Number(past.TotalDays, "day"),
    };

    public static string Duration(TimeSpan time) => time.TotalSeconds switch
    {
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms"),
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        < 3600 => time.Seconds == 0 ? $"{time.Minutes} min" : $"{time.Minutes} min {time.Seconds} s",
        _ => $"{(int)time.TotalHours} h {time.Minutes} min",
    };

    public static string Size(long bytes) => bytes switch
    {
        < 1024 => $"{bytes} B",
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MiB"),
    };

    public static string Count(int count, string thing) => count == 1 ? $"1 {thing}" : $"{count} {thing}s";

    private static string Number(double count, string unit)
    {
        var whole = Math.Max(1, (int)Math.Round(count));
        return $"{Count(whole, unit)} ago";
    }
}
