using System.Globalization;

namespace Orchestrator.Web.Pages.Runs;

/// <summary>What "select graphic rendition" has switched on (ECMA-48, 8.3.117).</summary>
internal sealed class AnsiStyle
{
    private static readonly string[] Colours = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

    private bool _bold;
    private bool _dim;
    private bool _italic;
    private bool _underlined;
    private string? _colour;

    public string Classes => string.Join(' ', Named());

    public void Take(ReadOnlySpan<char> parameters)
    {
        var codes = parameters.ToString().Split([';', ':']);
        for (var at = 0; at < codes.Length; at++)
        {
            var code = int.TryParse(codes[at], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
            if (code is 38 or 48)
            {
                // 256 and true colours are not shown; their parameters are no codes of their own.
                at += at + 1 < codes.Length && codes[at + 1] == "5" ? 2 : 4;
                continue;
            }
            Take(code);
        }
    }

    private void Take(int code)
    {
        switch (code)
        {
            case 0:
                (_bold, _dim, _italic, _underlined, _colour) = (false, false, false, false, null);
                break;
            case 1:
                _bold = true;
                break;
            case 2:
                _dim = true;
                break;
            case 3:
                _italic = true;
                break;
            case 4:
                _underlined = true;
                break;
            case 22:
                (_bold, _dim) = (false, false);
                break;
            case 23:
                _italic = false;
                break;
            case 24:
                _underlined = false;
                break;
            case 39:
                _colour = null;
                break;
            case >= 30 and <= 37:
                _colour = Colours[code - 30];
                break;
            case >= 90 and <= 97:
                _colour = "bright-" + Colours[code - 90];
                break;
        }
    }

    private IEnumerable<string> Named()
    {
        if (_bold)
        {
            yield return "ansi-bold";
        }
        if (_dim)
        {
            yield return "ansi-dim";
        }
        if (_italic)
        {
            yield return "ansi-italic";
        }
        if (_underlined)
        {
            yield return "ansi-underlined";
        }
        if (_colour is not null)
        {
            yield return "ansi-" + _colour;
        }
    }
}
