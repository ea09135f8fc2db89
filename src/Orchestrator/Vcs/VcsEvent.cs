using Orchestrator.Vcs.Comments;

namespace Orchestrator.Vcs;

/// <summary>What a delivery says, in no service's own words.</summary>
/// <param name="Changes">One push may bring several branches and tags.</param>
/// <param name="Ignored">Where there is none: why, in a sentence.</param>
public sealed record VcsEvent(IReadOnlyList<VcsChange> Changes, string? Ignored = null)
{
    /// <summary>A comment on a pull request. Then there is no change.</summary>
    public VcsComment? Comment { get; init; }

    /// <summary>Why nothing can follow from it, in a sentence; null when something may.</summary>
    public string? WhyNothing => Changes.Count > 0 ? null
        : Comment is null ? Ignored
        : CommentCommand.Read(Comment.Text) is null ? "The comment is no command." : null;

    public static VcsEvent Of(VcsChange change) => new([change]);

    public static VcsEvent Of(VcsComment comment) => new([]) { Comment = comment };

    public static VcsEvent Nothing(string why) => new([], why);
}

public enum VcsChangeKind
{
    /// <summary>New commits on a branch.</summary>
    Push,

    /// <summary>A new tag.</summary>
    Tag,

    /// <summary>A pull request that was opened, reopened, or has new commits.</summary>
    PullRequest,

    /// <summary>One that is over: merged or not.</summary>
    PullRequestClosed,
}

/// <param name="Id">As the service calls it.</param>
public sealed record VcsComment(string Repository, int PullRequest, string Id, string Text, VcsSender Author)
{
    /// <summary>By the service's clock; null where it does not say.</summary>
    public DateTimeOffset? WrittenAt { get; init; }
}

/// <summary>A pull request as its service has it at this moment.</summary>
/// <param name="Hindrance">Why it cannot be merged now, in a sentence's end; null when nothing is known that stands in the way.</param>
public sealed record VcsPullRequestState(VcsChange Change, bool IsOpen, string? Hindrance);

public sealed record VcsChange(VcsChangeKind Kind, string Repository)
{
    /// <summary>Where the commits are; of a pull request, where it wants to go to.</summary>
    public string? Branch { get; init; }

    public string? Tag { get; init; }

    /// <summary>Null for a new branch, and where the service does not say.</summary>
    public string? Before { get; init; }

    public required string Commit { get; init; }

    public string? DefaultBranch { get; init; }

    public string? Message { get; init; }

    public string? Author { get; init; }

    public string? CommitUrl { get; init; }

    public string? CompareUrl { get; init; }

    /// <summary>Every path that the commits touch. Null: the delivery does not name them all.</summary>
    public IReadOnlyCollection<string>? Files { get; init; }

    public VcsPullRequest? PullRequest { get; init; }

    public VcsSender Sender { get; init; } = new(null);
}

/// <param name="IsFork">Its commits are in another repository, whose owner need not be trusted here.</param>
/// <param name="HeadReference">Under which the repository itself has its commits, such as <c>refs/pull/7/head</c>; null where it has none.</param>
public sealed record VcsPullRequest(int Number, string Title, string? Body, string? Url, string HeadBranch, bool IsFork, string? HeadReference = null)
{
    /// <summary>Where its commits are, on a service that does not show them in the repository that they are proposed to.</summary>
    public string? SourceRepository { get; init; }
}

public sealed record VcsSender(string? Name, string? AvatarUrl = null, string? Url = null)
{
    /// <summary>By which the service knows the account for good; told with comments alone.</summary>
    public string? Id { get; init; }

    /// <summary>No two accounts have the same name at a time.</summary>
    public bool NameIsUnique { get; init; } = true;
}

/// <summary>A signed delivery that cannot be read; the message says what it lacks.</summary>
public sealed class VcsPayloadException(string message) : Exception(message);
