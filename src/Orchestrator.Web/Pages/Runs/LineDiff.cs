namespace Orchestrator.Web.Pages.Runs;

/// <param name="Sign"><c>-</c>, <c>+</c>, a space for a line that stays, or <c>…</c> where lines that stay are left out.</param>
public sealed record DiffLine(char Sign, string Text);

/// <summary>Two texts of several lines, line by line.</summary>
internal static class LineDiff
{
    private const int MaxLines = 400;
    private const int Around = 2;

    /// <returns>Null where a text has one line, or more than can be compared at once.</returns>
    public static IReadOnlyList<DiffLine>? Of(string before, string after)
    {
        string[] old = before.Split('\n'), fresh = after.Split('\n');
        return old.Length > MaxLines || fresh.Length > MaxLines || (old.Length < 2 && fresh.Length < 2) ? null : Shorten(Compare(old, fresh));
    }

    private static List<DiffLine> Compare(string[] old, string[] fresh)
    {
        // The longest common rest of both, from each pair of places on.
        var common = new int[old.Length + 1, fresh.Length + 1];
        for (var left = old.Length - 1; left >= 0; left--)
        {
            for (var right = fresh.Length - 1; right >= 0; right--)
            {
                common[left, right] = old[left] == fresh[right]
                    ? common[left + 1, right + 1] + 1
                    : Math.Max(common[left + 1, right], common[left, right + 1]);
            }
        }
        var lines = new List<DiffLine>();
        var (at, to) = (0, 0);
        while (at < old.Length || to < fresh.Length)
        {
            if (at < old.Length && to < fresh.Length && old[at] == fresh[to])
            {
                lines.Add(new DiffLine(' ', old[at++]));
                to++;
            }
            else if (to == fresh.Length || (at < old.Length && common[at + 1, to] >= common[at, to + 1]))
            {
                lines.Add(new DiffLine('-', old[at++]));
            }
            else
            {
                lines.Add(new DiffLine('+', fresh[to++]));
            }
        }
        return lines;
    }

    private static List<DiffLine> Shorten(List<DiffLine> lines)
    {
        var shown = new List<DiffLine>();
        for (var at = 0; at < lines.Count; at++)
        {
            var near = lines.Skip(Math.Max(0, at - Around)).Take(Math.Min(at, Around) + 1 + Around).Any(line => line.Sign != ' ');
            if (near)
            {
                shown.Add(lines[at]);
            }
            else if (shown.Count == 0 || shown[^1].Sign != '…')
            {
                shown.Add(new DiffLine('…', ""));
            }
        }
        return shown;
    }
}
