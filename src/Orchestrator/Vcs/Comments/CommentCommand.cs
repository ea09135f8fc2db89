namespace Orchestrator.Vcs.Comments;

public enum CommentVerb
{
    /// <summary>What was written is none of the others.</summary>
    Help,
    Plan,
    Apply,
    Unlock,

    /// <summary>The author shows whose account it is.</summary>
    Link,
}

/// <summary>What somebody asks for in a comment: its first line, when it begins with <c>orchestrator</c>.</summary>
/// <param name="Workspace">Null: each workspace of the repository that it concerns.</param>
/// <param name="Code">Of <see cref="CommentVerb.Link"/>.</param>
public sealed record CommentCommand(CommentVerb Verb, string? Workspace = null, string? Code = null)
{
    public const string Word = "orchestrator";

    private const int MaxLine = 300;

    /// <returns>Null for a comment that is for people.</returns>
    public static CommentCommand? Read(string text)
    {
        var line = text.ReplaceLineEndings("\n").Split('\n').Select(row => row.Trim()).FirstOrDefault(row => row.Length > 0) ?? "";
        if (line.Length > MaxLine || line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var first, .. var words]
            || !string.Equals(first, Word, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
        return words switch
        {
            ["link", var code] => new CommentCommand(CommentVerb.Link, Code: code),
            [var verb] when VerbOf(verb) is { } known => new CommentCommand(known),
            [var verb, "-w" or "--workspace", var name] when VerbOf(verb) is { } known => new CommentCommand(known, name),
            _ => new CommentCommand(CommentVerb.Help),
        };
    }

    /// <summary>A code opens something, and is for no log.</summary>
    public override string ToString() => $"{Verb} {Workspace}".TrimEnd();

    private static CommentVerb? VerbOf(string word) => word.ToUpperInvariant() switch
    {
        "PLAN" => CommentVerb.Plan,
        "APPLY" => CommentVerb.Apply,
        "UNLOCK" => CommentVerb.Unlock,
        _ => null,
    };
}
