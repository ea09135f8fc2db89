namespace Orchestrator.Vcs.Git;

/// <summary>Puts into a sentence why git failed.</summary>
internal static class GitFailure
{
    private const int MaxDetail = 300;

    // In the words that git and ssh have in the C locale.
    private static readonly (string[] Signs, string Sentence, int Attempts)[] Known =
    [
        (["not our ref", "unadvertised object", "couldn't find remote ref", "could not find remote ref", "missing necessary objects", "bad object"],
            Gone, VcsProblem.Seldom),
        (["Authentication failed", "could not read Username", "could not read Password", "terminal prompts disabled", "HTTP Basic: Access denied", "error: 401", "error: 403"],
            "{0} did not let git in: the connection's token is wrong, expired or revoked, or does not reach the repository.", VcsProblem.Seldom),
        (["Host key verification failed", "REMOTE HOST IDENTIFICATION HAS CHANGED"],
            "The host key of {0} is none of the connection's known hosts. Compare it, and change 'known-hosts' if it is right.", VcsProblem.Once),
        (["Permission denied (publickey"], "{0} did not take the connection's SSH key.", VcsProblem.Seldom),
        (["Repository not found", "not found", "does not appear to be a git repository", "does not exist", "error: 404"],
            "{0} has no such repository, or the connection's token does not reach it.", VcsProblem.Seldom),
        (["unable to update url base from redirection", "error: 301", "error: 302", "error: 307", "error: 308"],
            "{0} leads git elsewhere, and tokens do not follow. Correct the connection's address, or the repository's name.", VcsProblem.Once),
        (["fsck error"], "The repository at {0} holds an object that is malformed, as those are that mislead git: nothing of it is taken.", VcsProblem.Once),
        (["transport '", "not allowed"], "The repository leads to an address by a protocol that is not allowed.", VcsProblem.Once),
        (["Could not resolve host", "Failed to connect", "Connection refused", "Connection timed out", "Operation too slow", "early EOF", "RPC failed", "hung up unexpectedly", "error: 5", "error: 429"],
            "{0} could not be reached, or broke off.", VcsProblem.Often),
    ];

    /// <summary>What a commit is that its repository does not have any more.</summary>
    public const string Gone = "The repository at {0} has no such commit, branch or tag any more: it was deleted, or a forced push has taken it away.";

    public static VcsProblem Of(string errors, GitSource source)
    {
        var host = new Uri(source.Address).Host;
        foreach (var (signs, sentence, attempts) in Known)
        {
            if (signs.Any(sign => errors.Contains(sign, StringComparison.OrdinalIgnoreCase)))
            {
                return new VcsProblem(string.Format(System.Globalization.CultureInfo.InvariantCulture, sentence, host), attempts);
            }
        }
        var last = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault(line => line.Contains("fatal:", StringComparison.Ordinal))
            ?? errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "it said nothing";
        return new VcsProblem($"git failed at {host}: {(last.Length > MaxDetail ? last[..MaxDetail] : last).Trim()}");
    }

    public static bool IsGone(VcsProblem problem) => problem.Message.StartsWith("The repository at ", StringComparison.Ordinal);
}
