using System.Globalization;
using System.Text;
using Orchestrator.Web.Pages.Runs;

namespace Orchestrator.Web.Pages.Events;

/// <summary>Finds the lines of a log that hold a text, in what a reader sees of them: colours between its letters do not hide it.</summary>
internal sealed class LogSearch(string text)
{
    public const int MaxText = 200;

    private const byte Break = (byte)'\n';
    private const int MaxHits = 5000;
    private const int MaxLine = 64 * 1024;

    private readonly List<int> _hits = [];
    private readonly List<byte> _rest = [];
    private int _line = 1;

    public bool IsFull => text.Length == 0 || _hits.Count > MaxHits;

    public void Take(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && !IsFull)
        {
            var end = bytes.IndexOf(Break);
            var piece = end < 0 ? bytes : bytes[..end];
            if (_rest.Count < MaxLine)
            {
                _rest.AddRange(piece);
            }
            if (end < 0)
            {
                return;
            }
            End();
            bytes = bytes[(end + 1)..];
        }
    }

    /// <summary><c>{"hits": [3, 8], "more": false}</c>: the numbers of the lines.</summary>
    public string Write()
    {
        if (_rest.Count > 0)
        {
            End();
        }
        var shown = string.Join(',', _hits.Take(MaxHits).Select(line => line.ToString(CultureInfo.InvariantCulture)));
        return $"{{\"hits\":[{shown}],\"more\":{(_hits.Count > MaxHits ? "true" : "false")}}}";
    }

    private void End()
    {
        if (text.Length > 0 && AnsiText.ToText(Encoding.UTF8.GetString([.. _rest])).Contains(text, StringComparison.OrdinalIgnoreCase))
        {
            _hits.Add(_line);
        }
        _rest.Clear();
        _line++;
    }
}
