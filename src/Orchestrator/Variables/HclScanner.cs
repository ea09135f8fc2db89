namespace Orchestrator.Variables;

/// <summary>Walks over HCL and knows what is text, comment and bracket: enough to tell where one expression ends and the next begins.</summary>
internal sealed class HclScanner(string text)
{
    private int _at;

    /// <summary>Where it is, from 1.</summary>
    public int Line => text.AsSpan(0, Math.Min(_at, text.Length)).Count('\n') + 1;

    /// <summary>Over blanks, line ends and comments.</summary>
    /// <returns>False at the end.</returns>
    public bool SkipToNext()
    {
        while (_at < text.Length)
        {
            if (char.IsWhiteSpace(text[_at]))
            {
                _at++;
            }
            else if (!SkipComment())
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>A name, plain or in quotes, and the <c>=</c> after it.</summary>
    /// <returns>Null where there is none.</returns>
    public string? ReadKey()
    {
        var isQuoted = Peek() == '"';
        _at += isQuoted ? 1 : 0;
        var start = _at;
        while (_at < text.Length && (char.IsLetterOrDigit(text[_at]) || text[_at] is '_' or '-'))
        {
            _at++;
        }
        var key = text[start.._at];
        if (key.Length == 0 || (isQuoted && Take() != '"'))
        {
            return null;
        }
        SkipBlanks();
        if (Take() != '=' || Peek() == '=')
        {
            return null;
        }
        SkipBlanks();
        return key;
    }

    /// <summary>To the end of the line in which all brackets are closed.</summary>
    /// <returns>Null when it does not end.</returns>
    public string? ReadExpression()
    {
        var start = _at;
        var open = new Stack<char>();
        while (_at < text.Length)
        {
            var character = text[_at];
            if (character == '\n' && open.Count == 0)
            {
                break;
            }
            if (open.Count == 0 && IsComment())
            {
                break;
            }
            if (SkipComment())
            {
                continue;
            }
            if (character == '"')
            {
                if (!SkipString())
                {
                    return null;
                }
                continue;
            }
            if (character == '<' && Next() == '<')
            {
                if (!SkipHeredoc())
                {
                    return null;
                }
                continue;
            }
            if (character is '[' or '{' or '(')
            {
                open.Push(character);
            }
            else if (character is ']' or '}' or ')' && (open.Count == 0 || !Match(open.Pop(), character)))
            {
                return null;
            }
            _at++;
        }
        return open.Count > 0 ? null : text[start.._at].Trim();
    }

    private static bool Match(char open, char close) => (open, close) is ('[', ']') or ('{', '}') or ('(', ')');

    private char Peek() => _at < text.Length ? text[_at] : '\0';

    private char Next() => _at + 1 < text.Length ? text[_at + 1] : '\0';

    private char Take() => _at < text.Length ? text[_at++] : '\0';

    private void SkipBlanks()
    {
        while (Peek() is ' ' or '\t')
        {
            _at++;
        }
    }

    private bool IsComment() => Peek() == '#' || (Peek() == '/' && Next() is '/' or '*');

    private bool SkipComment()
    {
        if (!IsComment())
        {
            return false;
        }
        var isLong = Peek() == '/' && Next() == '*';
        var end = text.IndexOf(isLong ? "*/" : "\n", Math.Min(_at + (isLong ? 2 : 1), text.Length), StringComparison.Ordinal);
        _at = end < 0 ? text.Length : isLong ? end + 2 : end;
        return true;
    }

    /// <summary>With the expressions within it, which may hold strings of their own.</summary>
    private bool SkipString()
    {
        _at++;
        while (_at < text.Length && text[_at] != '\n')
        {
            if (text[_at] == '\\')
            {
                _at += 2;
            }
            else if (text[_at] is '$' or '%' && Next() == '{')
            {
                // Doubled, it is text.
                if (_at > 0 && text[_at - 1] == text[_at])
                {
                    _at++;
                }
                else if (!SkipInterpolation())
                {
                    return false;
                }
            }
            else if (text[_at++] == '"')
            {
                return true;
            }
        }
        return false;
    }

    private bool SkipInterpolation()
    {
        _at += 2;
        for (var depth = 1; _at < text.Length;)
        {
            var character = text[_at];
            if (character == '"')
            {
                if (!SkipString())
                {
                    return false;
                }
                continue;
            }
            _at++;
            depth += character == '{' ? 1 : character == '}' ? -1 : 0;
            if (depth == 0)
            {
                return true;
            }
        }
        return false;
    }

    private bool SkipHeredoc()
    {
        var end = text.IndexOf('\n', _at);
        if (end < 0)
        {
            return false;
        }
        var mark = text[(_at + 2)..end].TrimStart('-').Trim();
        while (mark.Length > 0 && end >= 0)
        {
            var next = text.IndexOf('\n', end + 1);
            var line = next < 0 ? text[(end + 1)..] : text[(end + 1)..next];
            if (line.Trim() == mark)
            {
                _at = next < 0 ? text.Length : next;
                return true;
            }
            end = next;
        }
        return false;
    }
}
