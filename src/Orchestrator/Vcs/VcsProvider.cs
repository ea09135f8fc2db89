using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Vcs.Git;

namespace Orchestrator.Vcs;

/// <summary>The headers of a delivery; no name is told from another by its capitals.</summary>
public delegate string? DeliveryHeaders(string name);

/// <summary>What a delivery is called.</summary>
/// <param name="Id">Null: the service gives none, and its content has to do.</param>
public sealed record DeliveryName(string Event, string? Id);

/// <summary>How a commit is marked.</summary>
/// <param name="Context">Which of a commit's marks it is, such as <c>orchestrator/acme/network</c>.</param>
public sealed record CommitStatus(CommitState State, string Context, string Description, string Url);

public enum CommitState
{
    Pending,
    Success,
    Failure,
    Error,
}

/// <summary>What a check of a connection has found.</summary>
/// <param name="Account">As whom the service knows us.</param>
/// <param name="Problem">What is missing, in a sentence; null when nothing is.</param>
public sealed record VcsCheck(string? Account, string? Problem);

/// <summary>A repository that a connection reaches.</summary>
public sealed record VcsRepositoryFound(string Identifier, string? DefaultBranch, bool IsPrivate);

/// <summary>One family of services: how its deliveries are proved and read, and what it can be asked and told. The one seam between the
/// platform and each of them.</summary>
public abstract class VcsProvider
{
    public abstract VcsFamily Family { get; }

    /// <summary>Whether the delivery is the service's own.</summary>
    /// <returns>Null when it is; else why not, in a sentence that tells nothing about the secret.</returns>
    public abstract string? Refuse(DeliveryHeaders headers, ReadOnlySpan<byte> body, string secret);

    /// <returns>Null when the delivery does not say what it is about.</returns>
    public abstract DeliveryName? NameOf(DeliveryHeaders headers);

    /// <exception cref="VcsPayloadException">It lacks what it must have.</exception>
    public abstract VcsEvent Read(string name, JsonElement body);

    /// <summary>From where git fetches a repository, and with what.</summary>
    /// <exception cref="VcsProblem">The connection lacks something, or the service gives no access.</exception>
    public abstract Task<GitSource> SourceAsync(VcsSession session, string repository, CancellationToken cancellationToken);

    /// <exception cref="VcsProblem">The service could not be asked.</exception>
    public abstract Task<VcsCheck> CheckAsync(VcsSession session, CancellationToken cancellationToken);

    /// <summary>The paths that a pull request touches.</summary>
    /// <returns>Null when the service does not say, or not all of them.</returns>
    public virtual Task<IReadOnlyCollection<string>?> FilesOfAsync(VcsSession session, string repository, int pullRequest, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyCollection<string>?>(null);

    /// <summary>Marks a commit. Nothing, where a service has no marks.</summary>
    public virtual Task SetStatusAsync(VcsSession session, string repository, string commit, CommitStatus status, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    /// <summary>Writes a comment on a pull request, in place of an earlier one.</summary>
    /// <param name="earlier">The comment to change; one that was deleted meanwhile is written anew.</param>
    /// <returns>What the service calls it; null where there are none.</returns>
    public virtual Task<string?> CommentAsync(
        VcsSession session, string repository, int pullRequest, string? earlier, string markdown, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(null);

    /// <summary>The comment as the service itself has it: who can sign a delivery does not speak for whoever it names.</summary>
    /// <returns>Null when it is gone, or there are none.</returns>
    public virtual Task<VcsComment?> ReadCommentAsync(VcsSession session, VcsComment told, CancellationToken cancellationToken) => Task.FromResult<VcsComment?>(null);

    /// <summary>A pull request as it is now.</summary>
    /// <exception cref="VcsProblem">The service could not be asked, or has none.</exception>
    public virtual Task<VcsPullRequestState> PullRequestAsync(VcsSession session, string repository, int number, CancellationToken cancellationToken) =>
        throw new VcsProblem("This kind of server has no pull requests.", VcsProblem.Once);

    /// <summary>So many pull requests are listed at most.</summary>
    public const int MaxPullRequests = 50;

    /// <summary>The open pull requests of a repository, newest first.</summary>
    /// <returns>Null when the service has none.</returns>
    /// <exception cref="VcsProblem">The service could not be asked.</exception>
    public virtual Task<IReadOnlyList<VcsChange>?> OpenPullRequestsAsync(VcsSession session, string repository, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<VcsChange>?>(null);

    /// <summary>Some of the repositories that the connection reaches.</summary>
    public virtual Task<IReadOnlyList<VcsRepositoryFound>> RepositoriesAsync(VcsSession session, string? search, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<VcsRepositoryFound>>([]);

    /// <summary>Has the service send deliveries here, unless it does already.</summary>
    /// <exception cref="VcsProblem">It does not; the message says what to do by hand.</exception>
    public virtual Task SubscribeAsync(VcsSession session, string repository, string address, string secret, CancellationToken cancellationToken) =>
        throw new VcsProblem($"This kind of server cannot be asked to send deliveries. Have it send them to {address}, signed with the connection's webhook secret; or let the connection poll.", VcsProblem.Once);

    /// <summary>Compares a signature in constant time.</summary>
    protected static bool IsSigned(string? given, ReadOnlySpan<byte> body, string secret)
    {
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body, expected);
        Span<byte> claimed = stackalloc byte[HMACSHA256.HashSizeInBytes];
        return given is { Length: HMACSHA256.HashSizeInBytes * 2 }
            && Convert.FromHexString(given, claimed, out _, out _) == System.Buffers.OperationStatus.Done
            && CryptographicOperations.FixedTimeEquals(expected, claimed);
    }

    /// <summary>The same for a secret that is sent itself. The hashes are compared: texts of different lengths, too, in the same time.</summary>
    protected static bool IsSecret(string? given, string secret) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(given ?? "")), SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
