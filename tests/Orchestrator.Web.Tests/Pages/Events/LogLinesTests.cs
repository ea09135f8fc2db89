using System.Text;
using System.Text.Json;
using Orchestrator.Web.Pages.Events;

namespace Orchestrator.Web.Tests.Pages.Events;

public sealed class LogLinesTests
{
    [Fact]
    public void Wherever_a_log_is_cut_into_stretches_its_lines_are_the_same()
    {
        var log = "\u001b[31mrot: größer als 5 €\u001b[0m\n\n\u001b[1mfett und ohne Ende\nthe last 😀 one\u001b[0m"u8.ToArray();
        var whole = Lines(log);
        Assert.Equal(4, whole.Length);

        for (var cut = 0; cut <= log.Length; cut++)
        {
            var taken = LogLines.WholeLines(log.AsSpan(0, cut), isLast: false, isFull: false);
            var rest = log[taken..];

            Assert.Equal(whole, Lines(log[..taken]).Concat(Lines(rest[..LogLines.WholeLines(rest, isLast: true, isFull: false)])));
        }
    }

    [Fact]
    public void A_line_without_end_is_cut_between_two_characters()
    {
        var line = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("aä€😀", 20)));
        for (var full = 4; full < line.Length; full++)
        {
            var taken = LogLines.WholeLines(line.AsSpan(0, full), isLast: false, isFull: true);

            Assert.InRange(taken, full - 4, full);
            Assert.DoesNotContain("\ufffd", Lines(line[..taken])[0] + Lines(line[taken..])[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_stretch_that_has_no_whole_line_yet_waits_for_more() =>
        Assert.Equal(0, LogLines.WholeLines("half a li"u8, isLast: false, isFull: false));

    private static string[] Lines(byte[] stretch) =>
        [.. JsonDocument.Parse(LogLines.Write(0, stretch)).RootElement.GetProperty("lines").EnumerateArray().Select(line => line.GetString()!)];
}
