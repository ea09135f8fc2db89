namespace Orchestrator.Vcs.Triggers;

/// <summary>When a workspace wants runs.</summary>
public sealed record TriggerRules
{
    private static readonly string[] Marks = ["[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]", "[skip orchestrator]", "***no_ci***"];

    /// <summary>Null: nobody knows yet what the default branch is called; the delivery may say so.</summary>
    public string? Branch { get; init; }

    public string WorkingDirectory { get; init; } = "";

    /// <summary>Null: the branch's commits count. Else tags do, in their place.</summary>
    public string? TagsRegex { get; init; }

    /// <summary>Only commits count that touch certain files.</summary>
    public bool FileTriggers { get; init; } = true;

    public IReadOnlyList<string> Prefixes { get; init; } = [];

    public IReadOnlyList<string> Patterns { get; init; } = [];

    public bool PlansPullRequests { get; init; } = true;

    public bool PlansForks { get; init; }

    /// <summary>Whether which files are touched makes a difference.</summary>
    public bool AsksForFiles => FileTriggers && (Patterns.Count > 0 || Prefixes.Count > 0 || Directory.Length > 0);

    private string Directory => WorkingDirectory.Trim('/');

    /// <returns>Why the change means nothing to the workspace, in a sentence; null when it does, as far as one can say without its files.</returns>
    public string? WhyNot(VcsChange change) => change.Kind switch
    {
        VcsChangeKind.Push when TagsRegex is not null => "It takes tags, and no branch's commits.",
        VcsChangeKind.Push when change.Branch != (Branch ?? change.DefaultBranch) => $"It follows the branch '{Branch ?? change.DefaultBranch}'.",
        VcsChangeKind.Push when IsMarked(change.Message) => "The commit's message asks for no run.",
        VcsChangeKind.Tag when TagsRegex is null => "It takes a branch's commits, and no tags.",
        VcsChangeKind.Tag when !TagPattern.Matches(TagsRegex!, change.Tag!) => $"The tag does not match '{TagsRegex}'.",
        VcsChangeKind.PullRequest when !PlansPullRequests => "It plans no pull requests.",
        VcsChangeKind.PullRequest when change.Branch != (Branch ?? change.DefaultBranch) => $"The pull request does not go to the branch '{Branch ?? change.DefaultBranch}'.",
        VcsChangeKind.PullRequest when change.PullRequest!.IsFork && !PlansForks => "The pull request comes from a fork, and the workspace plans none of those.",
        VcsChangeKind.PullRequest when IsMarked(change.Message) || IsMarked(change.PullRequest!.Title) => "The pull request asks for no run.",
        _ => null,
    };

    /// <param name="files">Null: nobody knows, so any may be touched.</param>
    public string? WhyNot(IReadOnlyCollection<string>? files)
    {
        if (!AsksForFiles || files is null)
        {
            return null;
        }
        if (files.Count == 0)
        {
            return "The commits touch no file.";
        }
        if (Patterns.Count > 0)
        {
            PathPattern[] patterns = [.. Patterns.Select(PathPattern.TryParse).OfType<PathPattern>()];
            return files.Any(file => patterns.Any(pattern => pattern.Matches(file))) ? null : "No changed file matches its trigger patterns.";
        }
        string[] prefixes = [.. Prefixes.Select(prefix => prefix.Trim('/')).Append(Directory).Where(prefix => prefix.Length > 0)];
        return files.Any(file => prefixes.Any(prefix => IsBelow(file, prefix)))
            ? null
            : Prefixes.Count > 0 ? "No changed file is under its working directory or trigger prefixes." : "No changed file is under its working directory.";
    }

    private static bool IsMarked(string? message) => message is not null && Marks.Any(mark => message.Contains(mark, StringComparison.OrdinalIgnoreCase));

    private static bool IsBelow(string file, string prefix) => file.StartsWith(prefix, StringComparison.Ordinal) && (file.Length == prefix.Length || file[prefix.Length] == '/');
}
