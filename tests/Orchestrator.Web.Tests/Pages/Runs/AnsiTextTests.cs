using System.Text.RegularExpressions;
using Orchestrator.Web.Pages.Runs;

namespace Orchestrator.Web.Tests.Pages.Runs;

public sealed partial class AnsiTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain", "plain")]
    [InlineData("\u001b[31mred\u001b[0m plain", "<span class=\"ansi-red\">red</span> plain")]
    [InlineData("\u001b[1;32mboth\u001b[22m green\u001b[39m plain",
        "<span class=\"ansi-bold ansi-green\">both</span><span class=\"ansi-green\"> green</span> plain")]
    [InlineData("\u001b[1m\u001b[2m\u001b[3m\u001b[4m\u001b[96mall\u001b[mnone",
        "<span class=\"ansi-bold ansi-dim ansi-italic ansi-underlined ansi-bright-cyan\">all</span>none")]
    [InlineData("\u001b[38;5;1mindexed", "indexed")]
    [InlineData("\u001b[38;5;1;1mindexed and bold", "<span class=\"ansi-bold\">indexed and bold</span>")]
    [InlineData("\u001b[48;2;31;32;33;4mtrue colour", "<span class=\"ansi-underlined\">true colour</span>")]
    [InlineData("a\tb", "a&#x9;b")]
    [InlineData("from windows\r", "from windows")]
    [InlineData("Größe: 5 € 😀", "Größe: 5 € &#x1F600;")]
    public void Colours_and_weights_become_classes(string line, string html) => Assert.Equal(html, AnsiText.ToHtml(line));

    [Theory]
    [InlineData("<script>alert('1')</script> & \"x\"", "&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt; &amp; &quot;x&quot;")]
    [InlineData("\u001b[31m<b>\u001b[0m", "<span class=\"ansi-red\">&lt;b&gt;</span>")]
    [InlineData("\u001b[\"><script>m text", "cript&gt;m text")]
    [InlineData("<scr\u001b[0mipt>", "&lt;script&gt;")]
    [InlineData("\u202egnp.exe\u2066", "\ufffdgnp.exe\ufffd")]
    [InlineData("bell\u0007 back\b null\0", "bell\ufffd back\ufffd null\ufffd")]
    public void Markup_and_what_would_deceive_the_eye_is_shown_as_text(string line, string html) => Assert.Equal(html, AnsiText.ToHtml(line));

    [Theory]
    [InlineData("end\u001b", "end")]
    [InlineData("end\u001b[", "end")]
    [InlineData("end\u001b[31", "end")]
    [InlineData("\u001b\u001b[31mred", "[31mred")]
    [InlineData("\u001b[99999999999999999999mtext", "text")]
    [InlineData("\u001b[;;;mtext", "text")]
    [InlineData("\u001b[-1mtext", "text")]
    [InlineData("\u001b[38mtext", "text")]
    [InlineData("\u001b[38;5mtext", "text")]
    [InlineData("\u001b[2Jtext\u001b[10;20H", "text")]
    [InlineData("\u001bMtext", "text")]
    public void A_broken_or_foreign_escape_sequence_is_dropped(string line, string html) => Assert.Equal(html, AnsiText.ToHtml(line));

    [Fact]
    public void A_line_without_end_is_cut_and_says_so()
    {
        var html = AnsiText.ToHtml(new string('<', 100_000));

        Assert.EndsWith("<span class=\"ansi-dim\"> … 80000 more characters</span>", html, StringComparison.Ordinal);
        Assert.InRange(html.Length, 80_000, 80_100);
    }

    [Fact]
    public void Whatever_a_line_holds_its_html_is_text_in_spans_of_ours()
    {
        string[] pieces =
            ["\u001b", "[", "\u001b[", "m", ";", "1", "31", "38;5;", "48;2", "\"", "'", "<", ">", "&", "</span>", "<script>", "\0", "\r", "\ud83d", "\ude00", "x", "ä", "\u202e"];
        var random = new Random(11);
        for (var sample = 0; sample < 5000; sample++)
        {
            var line = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => pieces[random.Next(pieces.Length)]));

            var html = AnsiText.ToHtml(line);

            Assert.DoesNotContain(OurSpan().Replace(html, ""), character => character is '<' or '>' or '"' or '\'' or '\u001b' or '\0' or '\u202e');
        }
    }

    // A span holds text alone, so that what is left when all are taken away shows one that is not closed.
    [GeneratedRegex("<span class=\"ansi-[a-z-]+( ansi-[a-z-]+)*\">[^<>]+</span>")]
    private static partial Regex OurSpan();
}
