using System.Text;
using System.Text.Json;

namespace Orchestrator.Variables;

/// <summary>A variable as a file says it.</summary>
/// <param name="Hcl">The value is an expression as it stands.</param>
public sealed record WrittenVariable(string Key, string Value, bool Hcl)
{
    /// <summary>Says which it is without saying its value.</summary>
    public override string ToString() => $"variable {Key}";
}

/// <param name="Problem">Why the text cannot be read, with the line; null when it can.</param>
public sealed record VariableTextResult(IReadOnlyList<WrittenVariable> Variables, string? Problem = null);

/// <summary>Reads variables from the text of a <c>.tfvars</c> or an <c>.env</c> file. Of HCL it knows where an expression ends, not what it means:
/// terraform says that.</summary>
public static class VariableText
{
    public const int MaxLength = 512 * 1024;

    /// <summary>Lines of <c>KEY=value</c>, with comments, quotes and <c>export</c> as shells have them. Nothing is expanded.</summary>
    public static VariableTextResult ReadEnvironment(string text)
    {
        var found = new List<WrittenVariable>();
        var number = 0;
        foreach (var raw in text.ReplaceLineEndings("\n").Split('\n'))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }
            line = line.StartsWith("export ", StringComparison.Ordinal) ? line["export ".Length..].TrimStart() : line;
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                return Refused(number, "there is no KEY=value.");
            }
            var value = line[(equals + 1)..].TrimStart();
            if (value.Length > 0 && value[0] is '"' or '\'')
            {
                var end = Closing(value);
                if (end < 0)
                {
                    return Refused(number, "a quote is not closed.");
                }
                value = value[0] == '\'' ? value[1..end] : Unescape(value[1..end]);
            }
            else if (value.IndexOf(" #", StringComparison.Ordinal) is >= 0 and var comment)
            {
                value = value[..comment].TrimEnd();
            }
            found.Add(new WrittenVariable(line[..equals].TrimEnd(), value, Hcl: false));
        }
        return Checked(found);
    }

    /// <summary><c>key = expression</c>, one after the other.</summary>
    public static VariableTextResult ReadTfvars(string text)
    {
        var found = new List<WrittenVariable>();
        var scanner = new HclScanner(text.ReplaceLineEndings("\n"));
        while (scanner.SkipToNext())
        {
            if (scanner.ReadKey() is not { } key)
            {
                return Refused(scanner.Line, "here a variable's name and '=' are expected.");
            }
            if (scanner.ReadExpression() is not { } expression)
            {
                return Refused(scanner.Line, $"the value of {key} does not end: a quote, a bracket or a heredoc is open.");
            }
            if (expression.Length == 0)
            {
                return Refused(scanner.Line, $"{key} has no value.");
            }
            found.Add(Plain(key, expression));
        }
        return Checked(found);
    }

    /// <summary>What is wrong with the form of one HCL expression; null when nothing is to be seen.</summary>
    public static string? Fault(string expression)
    {
        var scanner = new HclScanner(expression.ReplaceLineEndings("\n"));
        if (!scanner.SkipToNext())
        {
            return "An HCL value is an expression, such as 3, [\"a\"] or { key = \"value\" }. For text, leave HCL off.";
        }
        if (scanner.ReadExpression() is null)
        {
            return $"The expression does not end: in line {scanner.Line}, a quote, a bracket or a heredoc is open.";
        }
        return scanner.SkipToNext()
            ? $"The expression ends before line {scanner.Line}: one value is expected. Text belongs into quotes, and lists and maps into brackets."
            : null;
    }

    private static WrittenVariable Plain(string key, string expression)
    {
        if (expression is ['"', .., '"'] && !expression.Contains("${", StringComparison.Ordinal) && !expression.Contains("%{", StringComparison.Ordinal))
        {
            try
            {
                if (JsonSerializer.Deserialize<string>(expression) is { } value)
                {
                    return new WrittenVariable(key, value, Hcl: false);
                }
            }
            catch (JsonException)
            {
                // Not text alone: the expression stays as it is.
            }
        }
        return new WrittenVariable(key, expression, Hcl: true);
    }

    private static VariableTextResult Checked(List<WrittenVariable> found)
    {
        var twice = found.GroupBy(variable => variable.Key, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        return twice is not null ? new VariableTextResult([], $"{twice.Key} is there twice.")
            : found.Count == 0 ? new VariableTextResult([], "There is no variable in this text.")
            : new VariableTextResult(found);
    }

    private static VariableTextResult Refused(int line, string why) => new([], $"Line {line}: {why}");

    private static int Closing(string value)
    {
        for (var at = 1; at < value.Length; at++)
        {
            if (value[at] == '\\' && value[0] == '"')
            {
                at++;
            }
            else if (value[at] == value[0])
            {
                return at;
            }
        }
        return -1;
    }

    private static string Unescape(string value)
    {
        var text = new StringBuilder(value.Length);
        for (var at = 0; at < value.Length; at++)
        {
            if (value[at] == '\\' && at + 1 < value.Length)
            {
                at++;
                text.Append(value[at] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var other => other });
            }
            else
            {
                text.Append(value[at]);
            }
        }
        return text.ToString();
    }
}
