using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Orchestrator.Web.Pages.Runs;

/// <summary>A line of terraform's output as HTML. It is untrusted: text is encoded first, and of its escape sequences only colours and
/// weights are kept, as classes. Every line starts plain.</summary>
internal static class AnsiText
{
    private const int MaxLine = 20_000;
    private const char Escape = '\u001b';

    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    public static string ToHtml(string line)
    {
        var cut = line.Length > MaxLine ? line.Length - MaxLine : 0;
        var html = new StringBuilder();
        var style = new AnsiStyle();
        var text = line.AsSpan(0, line.Length - cut).TrimEnd('\r');
        while (!text.IsEmpty)
        {
            var escape = text.IndexOf(Escape);
            Append(html, escape < 0 ? text : text[..escape], style);
            if (escape < 0)
            {
                break;
            }
            text = Follow(text[escape..], style);
        }
        if (cut > 0)
        {
            html.Append(CultureInfo.InvariantCulture, $"<span class=\"ansi-dim\"> … {cut} more characters</span>");
        }
        return html.ToString();
    }

    /// <summary>The line without its escape sequences.</summary>
    public static string ToText(string line)
    {
        if (!line.Contains(Escape, StringComparison.Ordinal))
        {
            return line;
        }
        var plain = new StringBuilder(line.Length);
        var style = new AnsiStyle();
        ReadOnlySpan<char> text = line;
        while (text.IndexOf(Escape) is >= 0 and var escape)
        {
            plain.Append(text[..escape]);
            text = Follow(text[escape..], style);
        }
        return plain.Append(text).ToString();
    }

    private static void Append(StringBuilder html, ReadOnlySpan<char> text, AnsiStyle style)
    {
        if (text.IsEmpty)
        {
            return;
        }
        var encoded = Encoder.Encode(Visible(text));
        if (style.Classes is { Length: > 0 } classes)
        {
            html.Append("<span class=\"").Append(classes).Append("\">").Append(encoded).Append("</span>");
        }
        else
        {
            html.Append(encoded);
        }
    }

    private static string Visible(ReadOnlySpan<char> text)
    {
        var visible = text.ToString();
        return visible.Any(IsInvisible)
            ? string.Concat(visible.Select(character => IsInvisible(character) ? '\ufffd' : character))
            : visible;
    }

    // Also those that would turn the direction of the text that follows.
    private static bool IsInvisible(char character) =>
        (char.IsControl(character) && character != '\t') || character is >= '\u202a' and <= '\u202e' or >= '\u2066' and <= '\u2069';

    /// <summary>Takes one escape sequence in.</summary>
    /// <returns>What follows it.</returns>
    private static ReadOnlySpan<char> Follow(ReadOnlySpan<char> text, AnsiStyle style)
    {
        if (text.Length < 2)
        {
            return [];
        }
        if (text[1] != '[')
        {
            return text[2..];
        }
        var end = text[2..].IndexOfAnyInRange('@', '~');
        if (end < 0)
        {
            return [];
        }
        if (text[2 + end] == 'm')
        {
            style.Take(text.Slice(2, end));
        }
        return text[(3 + end)..];
    }
}
