using System.Globalization;
using System.Text;

namespace Orchestrator.Web.Pages.Events;

/// <summary>Where the lines of a long log stand, a mark for every few hundred: a page asks for the stretch between two marks when somebody
/// looks there.</summary>
internal sealed class LogMarks
{
    private const byte Break = (byte)'\n';
    private const int MaxLines = 500;
    private const int MaxBytes = 256 * 1024;

    private readonly StringBuilder _marks = new();
    private long _markedOffset;
    private int _markedLine = 1;
    private int _line = 1;

    public long Offset { get; private set; }

    /// <summary>What of the log comes next.</summary>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf(Break) + 1;
            if (end == 0)
            {
                Offset += bytes.Length;
                return;
            }
            Offset += end;
            _line++;
            bytes = bytes[end..];
            if (_line - _markedLine >= MaxLines || Offset - _markedOffset >= MaxBytes)
            {
                Mark();
            }
        }
    }

    /// <summary><c>{"offset": 123, "line": 4, "marks": [[0, 1], [60, 3]]}</c>: where what was taken ends, and where its stretches begin.</summary>
    public string Write()
    {
        if (Offset > _markedOffset)
        {
            Mark();
        }
        return string.Create(CultureInfo.InvariantCulture, $"{{\"offset\":{Offset},\"line\":{_line},\"marks\":[{_marks}]}}");
    }

    private void Mark()
    {
        _marks.Append(_marks.Length > 0 ? "," : "").Append(CultureInfo.InvariantCulture, $"[{_markedOffset},{_markedLine}]");
        (_markedOffset, _markedLine) = (Offset, _line);
    }
}
