using System.Globalization;

namespace Orchestrator.Web.Pages.Account;

/// <summary>After which time a new token may expire.</summary>
internal static class TokenLife
{
    private const string Never = "";

    public static readonly (string Days, string Words)[] All =
        [("30", "in 30 days"), ("90", "in 90 days"), ("365", "in a year"), (Never, "never")];

    /// <param name="days">As a form sends it; empty or null: never.</param>
    /// <param name="expires">Null: never.</param>
    /// <returns>False when it is none of them.</returns>
    public static bool TryRead(string? days, DateTimeOffset now, out DateTimeOffset? expires)
    {
        expires = string.IsNullOrEmpty(days) ? null : int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? now.AddDays(Math.Min(count, 36500)) : now;
        return All.Any(life => life.Days == (days ?? Never));
    }
}
