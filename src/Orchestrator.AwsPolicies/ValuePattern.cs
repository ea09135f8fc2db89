namespace Orchestrator.AwsPolicies;

/// <summary>
/// A value from a policy with its variables filled in. What came out of a variable is literal: a tag with a star in it
/// does not become a wildcard.
/// </summary>
public sealed class ValuePattern
{
    private readonly List<(char Character, bool Wild)> _symbols;

    private ValuePattern(List<(char Character, bool Wild)> symbols)
    {
        _symbols = symbols;
    }

    /// <summary>The value where wildcards have no meaning.</summary>
    public string Text => string.Concat(_symbols.Select(symbol => symbol.Character));

    /// <summary>A value as it stands, its wildcards being wildcards.</summary>
    public static ValuePattern WithoutVariables(string text) => new([.. text.Select(Symbol)]);

    /// <returns>Null when a variable in <paramref name="text"/> has no value in the request.</returns>
    public static ValuePattern? Create(string text, RequestContext context, bool allowsVariables)
    {
        var symbols = new List<(char, bool)>(text.Length);
        for (var index = 0; index < text.Length; index++)
        {
            var end = allowsVariables && text.AsSpan(index).StartsWith("${") ? text.IndexOf('}', index) : -1;
            if (end < 0)
            {
                symbols.Add(Symbol(text[index]));
                continue;
            }

            if (Resolve(text[(index + 2)..end], context) is not { } value)
            {
                return null;
            }

            symbols.AddRange(value.Select(character => (character, false)));
            index = end;
        }

        return new ValuePattern(symbols);
    }

    /// <summary>Whole-value match: <c>*</c> is any run of characters, <c>?</c> is one.</summary>
    public bool Matches(string value, bool ignoreCase = false)
    {
        // Two pointers and one place to fall back to: quadratic at worst, where a regular expression may explode.
        var (position, symbol, star, resume) = (0, 0, -1, 0);
        while (position < value.Length)
        {
            if (symbol < _symbols.Count && _symbols[symbol] is ('*', true))
            {
                star = symbol++;
                resume = position;
            }
            else if (symbol < _symbols.Count && MatchesOne(_symbols[symbol], value[position], ignoreCase))
            {
                symbol++;
                position++;
            }
            else if (star >= 0)
            {
                symbol = star + 1;
                position = ++resume;
            }
            else
            {
                return false;
            }
        }

        return _symbols.Skip(symbol).All(rest => rest is ('*', true));
    }

    /// <summary>The pattern's parts between colons, six at most; fewer when it is not a pattern for an ARN.</summary>
    public IReadOnlyList<ValuePattern> SplitArn()
    {
        var parts = new List<List<(char, bool)>> { new() };
        foreach (var symbol in _symbols)
        {
            if (symbol.Character == ':' && parts.Count < 6)
            {
                parts.Add([]);
            }
            else
            {
                parts[^1].Add(symbol);
            }
        }

        return parts.ConvertAll(part => new ValuePattern(part));
    }

    private static (char Character, bool Wild) Symbol(char character) => (character, character is '*' or '?');

    private static bool MatchesOne((char Character, bool Wild) symbol, char character, bool ignoreCase) =>
        symbol is ('?', true)
        || symbol.Character == character
        || (ignoreCase && char.ToUpperInvariant(symbol.Character) == char.ToUpperInvariant(character));

    private static string? Resolve(string variable, RequestContext context)
    {
        if (variable is "*" or "?" or "$")
        {
            return variable;
        }

        var comma = variable.IndexOf(',');
        var key = (comma < 0 ? variable : variable[..comma]).Trim();
        if (context.Find(key) is [var only])
        {
            return only;
        }

        return comma < 0 ? null : variable[(comma + 1)..].Trim().Trim('\'');
    }
}
