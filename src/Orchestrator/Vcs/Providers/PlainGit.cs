using System.Text.Json;
using Orchestrator.Vcs.Git;

namespace Orchestrator.Vcs.Providers;

/// <summary>A server that has nothing but git, over HTTPS or SSH. It tells of pushes by a hook of its owner's, or is polled.</summary>
/// <remarks>A hook sends <c>{"repository": "acme/network", "ref": "refs/heads/main", "before": …, "after": …}</c>, signed as GitHub signs:
/// <c>X-Hub-Signature-256: sha256=HMAC</c>. <c>X-Delivery</c> may name it.</remarks>
public sealed class PlainGit : VcsProvider
{
    public const string Push = "push";

    /// <summary>Only of what polling finds, and of no hook.</summary>
    public const string PullRequest = "pull_request";

    public override VcsFamily Family => VcsFamily.Git;

    public override string? Refuse(DeliveryHeaders headers, ReadOnlySpan<byte> body, string secret) => headers("X-Hub-Signature-256") switch
    {
        null or "" => "It is not signed: the header X-Hub-Signature-256 is missing.",
        var given => IsSigned(given.StartsWith("sha256=", StringComparison.Ordinal) ? given["sha256=".Length..] : null, body, secret)
            ? null : "Its signature is not by the connection's webhook secret.",
    };

    public override DeliveryName? NameOf(DeliveryHeaders headers) => new(headers("X-Event") ?? Push, headers("X-Delivery"));

    public override VcsEvent Read(string name, JsonElement body) => name == Push
        ? ReadPush(new Payload(body))
        : VcsEvent.Nothing("Nothing follows from anything but a 'push'.");

    /// <summary>As a hook tells it. Polling writes the same.</summary>
    internal static byte[] Write(string repository, string reference, string? before, string after, string? defaultBranch) =>
        JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string?>
        {
            ["repository"] = repository, ["ref"] = reference, ["before"] = before, ["after"] = after, ["default_branch"] = defaultBranch,
        });

    /// <summary>A pull request that polling has found, as it is read again by <see cref="ReadPolled"/>.</summary>
    internal static byte[] Write(VcsChange request) => JsonSerializer.SerializeToUtf8Bytes(request);

    /// <summary>What polling has written: a push as a hook tells it, or a pull request.</summary>
    /// <exception cref="VcsPayloadException">It lacks what it must have.</exception>
    internal static VcsEvent ReadPolled(string name, JsonElement body)
    {
        try
        {
            return name == PullRequest
                ? VcsEvent.Of(body.Deserialize<VcsChange>() ?? throw new VcsPayloadException("There is no pull request."))
                : ReadPush(new Payload(body));
        }
        catch (JsonException)
        {
            throw new VcsPayloadException("Another version of this server has found it. The next look finds it again.");
        }
    }

    internal static VcsEvent ReadPush(Payload body)
    {
        var (branch, tag) = Payload.Reference(Payload.Text(body["ref"], "ref"));
        var after = Payload.Commit(body["after"], "after");
        if (Payload.IsNothing(after))
        {
            return VcsEvent.Nothing($"{branch ?? tag} was deleted.");
        }
        if (branch is null && tag is null)
        {
            return VcsEvent.Nothing("It is neither a branch nor a tag.");
        }
        return VcsEvent.Of(new VcsChange(tag is null ? VcsChangeKind.Push : VcsChangeKind.Tag, Payload.Text(body["repository"], "repository"))
        {
            Branch = branch,
            Tag = tag,
            Before = Payload.IsCommit(body["before"].Maybe) && !Payload.IsNothing(body["before"].Maybe!) ? body["before"].Maybe!.ToLowerInvariant() : null,
            Commit = after,
            DefaultBranch = body["default_branch"].Maybe,
            Sender = new VcsSender(body["sender"].Maybe),
        });
    }

    public override Task<GitSource> SourceAsync(VcsSession session, string repository, CancellationToken cancellationToken)
    {
        var root = session.Connection.HttpUrl.TrimEnd('/');
        return Task.FromResult(root.StartsWith("ssh://", StringComparison.Ordinal)
            ? GitSource.Ssh($"{root}/{repository}", session.SshKey, session.Connection.KnownHosts)
            : GitSource.Http($"{root}/{repository}", session.Token is null ? null : session.Connection.Username ?? "git", session.Token));
    }

    /// <summary>Without a repository there is nothing to ask; each is asked when a workspace names it.</summary>
    public override Task<VcsCheck> CheckAsync(VcsSession session, CancellationToken cancellationToken) => Task.FromResult(new VcsCheck(
        session.Connection.Username,
        !session.Connection.HttpUrl.StartsWith("ssh://", StringComparison.Ordinal) ? null
            : session.SshKey is null ? "The connection has no SSH key. Give it one with the attribute 'ssh-key' of its token."
            : session.Connection.KnownHosts is null ? "Nobody has said which host key is the server's. Give the connection 'known-hosts', the lines that ssh-keyscan prints and that you have compared."
            : null));
}
