namespace Orchestrator.Vcs.Git;

/// <summary>What a repository has to offer.</summary>
/// <param name="DefaultBranch">Null: its head is nowhere.</param>
public sealed record GitReferences(string? DefaultBranch, IReadOnlyDictionary<string, string> Branches, IReadOnlyDictionary<string, string> Tags)
{
    /// <summary>Whether a text can name a branch or a tag, by the rules of git-check-ref-format.</summary>
    public static bool IsName(string? name) =>
        name is { Length: > 0 and <= VcsRepository.MaxBranch }
        && !name.StartsWith('-') && !name.StartsWith('/') && !name.EndsWith('/') && !name.EndsWith('.') && name != "@"
        && !name.Contains("..", StringComparison.Ordinal) && !name.Contains("//", StringComparison.Ordinal) && !name.Contains("@{", StringComparison.Ordinal)
        && !name.Split('/').Any(part => part.StartsWith('.') || part.EndsWith(".lock", StringComparison.Ordinal))
        && !name.Any(letter => char.IsControl(letter) || " ~^:?*[\\\u007f".Contains(letter, StringComparison.Ordinal));

    internal static GitReferences Read(string listing)
    {
        string? head = null;
        var (branches, tags) = (new Dictionary<string, string>(StringComparer.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal));
        foreach (var line in listing.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (first, name) = line.Split('\t') is [var left, var right] ? (left, right) : ("", "");
            if (first.StartsWith("ref: refs/heads/", StringComparison.Ordinal) && name == "HEAD")
            {
                head = first["ref: refs/heads/".Length..];
            }
            else if (Payload.IsCommit(first) && name.StartsWith("refs/heads/", StringComparison.Ordinal))
            {
                branches[name["refs/heads/".Length..]] = first;
            }
            else if (Payload.IsCommit(first) && name.StartsWith("refs/tags/", StringComparison.Ordinal))
            {
                // A tag with a message is listed twice; the second time with the commit that it names.
                var tag = name["refs/tags/".Length..];
                tags[tag.EndsWith("^{}", StringComparison.Ordinal) ? tag[..^3] : tag] = first;
            }
        }
        return new GitReferences(head, branches, tags);
    }
}
