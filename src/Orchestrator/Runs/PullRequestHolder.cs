using System.Globalization;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>A pull request as the holder of workspaces' locks: from when it is applied until it is merged or closed, nobody else's run changes
/// what it has changed.</summary>
public static class PullRequestHolder
{
    public const string Prefix = "pr-";

    /// <summary>A number says which, within the one repository of a workspace; the rest keeps another connection's apart.</summary>
    public static Actor Of(OAuthClientId connection, int number) => new(
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number}-{connection.Value[^8..]}"), string.Create(CultureInfo.InvariantCulture, $"pull request #{number}"));

    /// <returns>Null for any other holder.</returns>
    public static int? NumberOf(string? holder) =>
        holder is not null && holder.StartsWith(Prefix, StringComparison.Ordinal)
        && int.TryParse(holder.AsSpan(Prefix.Length, Math.Max(0, holder.LastIndexOf('-') - Prefix.Length)), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
