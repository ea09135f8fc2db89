using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Orchestrator.Web.Pages.Runs;

namespace Orchestrator.Web.Pages.Events;

/// <summary>Log bytes as pages take them: <c>{"offset": 123, "lines": ["…", …]}</c>, each line encoded and coloured.</summary>
internal static class LogLines
{
    private const byte Break = (byte)'\n';

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>How many bytes of the stretch are whole lines, or all of it when nothing follows. One endless line is cut between two
    /// characters.</summary>
    public static int WholeLines(ReadOnlySpan<byte> stretch, bool isLast, bool isFull)
    {
        if (isLast)
        {
            return stretch.Length;
        }
        var end = stretch.LastIndexOf(Break) + 1;
        return end > 0 || !isFull ? end : WholeCharacters(stretch);
    }

    /// <summary>Where the first whole line starts.</summary>
    public static int AfterFirstBreak(ReadOnlySpan<byte> stretch) => stretch.IndexOf(Break) + 1;

    public static string Write(long offset, ReadOnlyMemory<byte> text)
    {
        var written = new ArrayBufferWriter<byte>(text.Length * 2 + 64);
        using (var json = new Utf8JsonWriter(written, Plain))
        {
            json.WriteStartObject();
            json.WriteNumber("offset", offset);
            json.WriteStartArray("lines");
            var rest = text.Span;
            while (!rest.IsEmpty)
            {
                var end = rest.IndexOf(Break);
                json.WriteStringValue(AnsiText.ToHtml(Encoding.UTF8.GetString(end < 0 ? rest : rest[..end])));
                rest = end < 0 ? [] : rest[(end + 1)..];
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(written.WrittenSpan);
    }

    private static int WholeCharacters(ReadOnlySpan<byte> stretch)
    {
        var end = stretch.Length;
        while (end > 0 && (stretch[end - 1] & 0xC0) == 0x80)
        {
            end--;
        }
        // Before the lead byte of a character that may not be complete.
        return end > 0 && stretch[end - 1] >= 0xC0 ? end - 1 : stretch.Length;
    }
}
