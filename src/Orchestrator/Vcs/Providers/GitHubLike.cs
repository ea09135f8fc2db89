using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Orchestrator.Vcs.Git;

namespace Orchestrator.Vcs.Providers;

/// <summary>What GitHub and Gitea have in common, which is nearly all.</summary>
public abstract class GitHubLike(VcsHttp http) : VcsProvider
{
    private const int PageSize = 50;
    private const int MaxPages = 60;
    private const int MaxDescription = 140;

    private static readonly string[] Planned = ["opened", "synchronize", "synchronized", "reopened"];

    /// <summary>So many commits a push names at most.</summary>
    protected abstract int MaxCommits { get; }

    public override VcsEvent Read(string name, JsonElement body) => name switch
    {
        "push" => ReadPush(new Payload(body)),
        "pull_request" or "pull_request_sync" => ReadPullRequest(new Payload(body)),
        "issue_comment" or "pull_request_comment" => ReadComment(new Payload(body)),
        "ping" => VcsEvent.Nothing("The service has tried whether its deliveries arrive. They do."),
        _ => VcsEvent.Nothing($"Nothing follows from a '{Fit(name)}'."),
    };

    public override async Task<IReadOnlyCollection<string>?> FilesOfAsync(
        VcsSession session, string repository, int pullRequest, CancellationToken cancellationToken)
    {
        var files = new HashSet<string>();
        for (var page = 1; page <= MaxPages; page++)
        {
            var answer = (await CallAsync(session, HttpMethod.Get, $"/repos/{Path(repository)}/pulls/{pullRequest}/files?per_page={PageSize}&limit={PageSize}&page={page}", null, cancellationToken)).Payload;
            var count = 0;
            foreach (var file in answer.Items)
            {
                count++;
                files.UnionWith(new[] { file["filename"].Maybe, file["previous_filename"].Maybe }.OfType<string>());
            }
            if (count < PageSize)
            {
                return files;
            }
        }
        return null;
    }

    public override async Task SetStatusAsync(
        VcsSession session, string repository, string commit, CommitStatus status, CancellationToken cancellationToken) =>
        await CallAsync(session, HttpMethod.Post, $"/repos/{Path(repository)}/statuses/{commit}", new
        {
            state = status.State.ToString().ToLowerInvariant(),
            target_url = status.Url,
            description = status.Description.Length > MaxDescription ? status.Description[..(MaxDescription - 1)] + "…" : status.Description,
            context = status.Context,
        }, cancellationToken);

    public override async Task<string?> CommentAsync(
        VcsSession session, string repository, int pullRequest, string? earlier, string markdown, CancellationToken cancellationToken)
    {
        if (earlier is not null && await TryCallAsync(
            session, HttpMethod.Patch, $"/repos/{Path(repository)}/issues/comments/{earlier}", new { body = markdown }, [HttpStatusCode.NotFound], cancellationToken) is not null)
        {
            return earlier;
        }
        var written = await CallAsync(session, HttpMethod.Post, $"/repos/{Path(repository)}/issues/{pullRequest}/comments", new { body = markdown }, cancellationToken);
        return written.Payload["id"].Maybe;
    }

    public override async Task<VcsComment?> ReadCommentAsync(VcsSession session, VcsComment told, CancellationToken cancellationToken) =>
        await TryCallAsync(session, HttpMethod.Get, $"/repos/{Path(told.Repository)}/issues/comments/{Uri.EscapeDataString(told.Id)}", null, [HttpStatusCode.NotFound], cancellationToken) is { } answer
            ? told with { Text = answer.Payload["body"].Maybe ?? "", Author = AuthorOf(answer.Payload), WrittenAt = answer.Payload["created_at"].Time }
            : null;

    public override async Task<VcsPullRequestState> PullRequestAsync(VcsSession session, string repository, int number, CancellationToken cancellationToken)
    {
        var request = (await CallAsync(session, HttpMethod.Get, $"/repos/{Path(repository)}/pulls/{number}", null, cancellationToken)).Payload;
        var isOpen = request["state"].Maybe == "open";
        return new VcsPullRequestState(
            ChangeOf(request, isOpen ? VcsChangeKind.PullRequest : VcsChangeKind.PullRequestClosed, default, SenderOf(request["user"])), isOpen, HindranceOf(request));
    }

    public override async Task<IReadOnlyList<VcsChange>?> OpenPullRequestsAsync(VcsSession session, string repository, CancellationToken cancellationToken) =>
        [.. (await CallAsync(session, HttpMethod.Get, $"/repos/{Path(repository)}/pulls?state=open&per_page={MaxPullRequests}&limit={MaxPullRequests}", null, cancellationToken))
            .Payload.Items.Select(request => ChangeOf(request, VcsChangeKind.PullRequest, default, SenderOf(request["user"])))];

    protected abstract AuthenticationHeaderValue Authorization(string token);

    /// <summary>The token with which the API is called now.</summary>
    protected virtual Task<string> TokenAsync(VcsSession session, CancellationToken cancellationToken) =>
        Task.FromResult(session.Token ?? throw new VcsProblem("The connection has no token.", VcsProblem.Once));

    protected async Task<VcsAnswer> CallAsync(VcsSession session, HttpMethod method, string path, object? json, CancellationToken cancellationToken) =>
        await TryCallAsync(session, method, path, json, [], cancellationToken) ?? throw new VcsProblem($"{method} {path} was answered with nothing.");

    protected async Task<VcsAnswer?> TryCallAsync(
        VcsSession session, HttpMethod method, string path, object? json, HttpStatusCode[] expected, CancellationToken cancellationToken) =>
        await http.TrySendAsync(
            method, session.Connection.ApiUrl.TrimEnd('/') + path, Authorization(await TokenAsync(session, cancellationToken)), json, expected, cancellationToken);

    /// <summary>Looks for a hook of ours, and makes one.</summary>
    protected async Task SubscribeAsync(
        VcsSession session, string repository, string address, string type, string[] events, string secret, CancellationToken cancellationToken)
    {
        var hooks = await CallAsync(session, HttpMethod.Get, $"/repos/{Path(repository)}/hooks?per_page=100&limit=50", null, cancellationToken);
        if (hooks.Payload.Items.Any(hook => hook["config"]["url"].Maybe == address))
        {
            return;
        }
        await CallAsync(session, HttpMethod.Post, $"/repos/{Path(repository)}/hooks", new Dictionary<string, object>
        {
            [type == "web" ? "name" : "type"] = type,
            ["active"] = true,
            ["events"] = events,
            ["config"] = new Dictionary<string, string> { ["url"] = address, ["content_type"] = "json", ["secret"] = secret, ["insecure_ssl"] = "0" },
        }, cancellationToken);
    }

    protected static VcsRepositoryFound Found(VcsAnswer answer) => Found(answer.Payload);

    private protected static VcsRepositoryFound Found(Payload repository) =>
        new(Payload.Text(repository["full_name"], "full_name"), repository["default_branch"].Maybe, repository["private"].IsTrue);

    /// <summary>A name in an address. What is no name does not get there.</summary>
    protected static string Path(string repository) => string.Join('/', repository.Split('/').Select(Uri.EscapeDataString));

    protected static string Fit(string text) => text.Length > 60 ? text[..60] : text;

    private VcsEvent ReadPush(Payload body)
    {
        var (branch, tag) = Payload.Reference(Payload.Text(body["ref"], "ref"));
        var (before, after) = (Payload.Commit(body["before"], "before"), Payload.Commit(body["after"], "after"));
        if (body["deleted"].IsTrue || Payload.IsNothing(after))
        {
            return VcsEvent.Nothing($"{branch ?? tag} was deleted.");
        }
        if (branch is null && tag is null)
        {
            return VcsEvent.Nothing("It is neither a branch nor a tag.");
        }
        var (repository, head, commits) = (body["repository"], body["head_commit"], body["commits"].Items.ToArray());
        var isNew = Payload.IsNothing(before);
        return VcsEvent.Of(new VcsChange(tag is null ? VcsChangeKind.Push : VcsChangeKind.Tag, Payload.Text(repository["full_name"], "repository.full_name"))
        {
            Branch = branch,
            Tag = tag,
            Before = isNew ? null : before,
            // Of a tag that has a message, the push names the tag's own object.
            Commit = tag is not null && Payload.IsCommit(head["id"].Maybe) ? head["id"].Maybe!.ToLowerInvariant() : after,
            DefaultBranch = repository["default_branch"].Maybe,
            Message = head["message"].Maybe,
            Author = head["author"]["name"].Maybe ?? head["author"]["username"].Maybe,
            CommitUrl = head["url"].Maybe,
            CompareUrl = body["compare"].Maybe ?? body["compare_url"].Maybe,
            // A forced push also takes commits away, and long ones do not name all that they bring.
            Files = isNew || body["forced"].IsTrue || commits.Length == 0 || commits.Length >= MaxCommits
                || (body["total_commits"].Number is { } total && total > commits.Length) || commits.Any(commit => !commit["modified"].Exists)
                ? null : Payload.Files(commits),
            Sender = SenderOf(body["sender"]),
        });
    }

    private static VcsEvent ReadPullRequest(Payload body)
    {
        var (action, request) = (Payload.Text(body["action"], "action"), body["pull_request"]);
        if (!Planned.Contains(action) && action != "closed")
        {
            return VcsEvent.Nothing($"Nothing follows from a pull request's '{Fit(action)}'.");
        }
        return VcsEvent.Of(ChangeOf(request, action == "closed" ? VcsChangeKind.PullRequestClosed : VcsChangeKind.PullRequest, body["repository"], SenderOf(body["sender"])));
    }

    private static VcsChange ChangeOf(Payload request, VcsChangeKind kind, Payload fallback, VcsSender sender)
    {
        var number = request["number"].Number ?? throw new VcsPayloadException("The payload has no 'pull_request.number'.");
        var (head, target) = (request["head"], request["base"]);
        var repository = Payload.Text(target["repo"]["full_name"].Exists ? target["repo"]["full_name"] : fallback["full_name"], "pull_request.base.repo.full_name");
        return new VcsChange(kind, repository)
        {
            Branch = Payload.Text(target["ref"], "pull_request.base.ref"),
            Commit = Payload.Commit(head["sha"], "pull_request.head.sha"),
            DefaultBranch = target["repo"]["default_branch"].Maybe ?? fallback["default_branch"].Maybe,
            CommitUrl = request["html_url"].Maybe is { } page ? $"{page}/commits/{head["sha"].Maybe}" : null,
            PullRequest = new VcsPullRequest(
                number, request["title"].Maybe ?? $"Pull request {number}", request["body"].Maybe, request["html_url"].Maybe,
                Payload.Text(head["ref"], "pull_request.head.ref"),
                // A head whose repository is gone is nobody's whom we know.
                !string.Equals(head["repo"]["full_name"].Maybe, repository, StringComparison.OrdinalIgnoreCase),
                $"refs/pull/{number}/head"),
            Sender = sender,
        };
    }

    private static VcsEvent ReadComment(Payload body)
    {
        if (!body["issue"]["pull_request"].Exists && !body["is_pull"].IsTrue)
        {
            return VcsEvent.Nothing("It is a comment on no pull request.");
        }
        return body["action"].Maybe == "created"
            ? VcsEvent.Of(new VcsComment(
                Payload.Text(body["repository"]["full_name"], "repository.full_name"),
                body["issue"]["number"].Number ?? throw new VcsPayloadException("The payload has no 'issue.number'."),
                Payload.Text(body["comment"]["id"], "comment.id"), body["comment"]["body"].Maybe ?? "", AuthorOf(body["comment"])))
            : VcsEvent.Nothing("Commands are taken from new comments alone.");
    }

    private static VcsSender AuthorOf(Payload comment) => SenderOf(comment["user"]) with { Id = comment["user"]["id"].Maybe };

    private static string? HindranceOf(Payload request) =>
        request["draft"].IsTrue ? "it is a draft"
        : request["mergeable_state"].Maybe == "blocked" ? "reviews or checks are missing that its branch asks for"
        : request["mergeable"].IsFalse ? "it has conflicts, or is not ready"
        : null;

    private static VcsSender SenderOf(Payload sender) =>
        new(sender["login"].Maybe ?? sender["username"].Maybe, sender["avatar_url"].Maybe, sender["html_url"].Maybe);
}
