using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Orchestrator.Vcs.Git;

namespace Orchestrator.Vcs.Providers;

/// <summary>GitLab, hosted and one's own.</summary>
public sealed class GitLab(VcsHttp http) : VcsProvider
{
    private const int PageSize = 100;
    private const int MaxPages = 30;

    private static readonly string[] Planned = ["open", "reopen", "update"];
    private static readonly string[] Closed = ["close", "merge"];

    /// <summary>Also while it has still to find out: then nothing is known that stands in the way.</summary>
    private static readonly string[] Mergeable = ["mergeable", "can_be_merged", "checking", "unchecked", "preparing", "approvals_syncing", "ci_still_running"];

    public override VcsFamily Family => VcsFamily.GitLab;

    public override string? Refuse(DeliveryHeaders headers, ReadOnlySpan<byte> body, string secret) => headers("X-Gitlab-Token") switch
    {
        null or "" => "It proves nothing: the header X-Gitlab-Token is missing. Give the webhook the connection's secret as its token.",
        var given => IsSecret(given, secret) ? null : "Its token is not the connection's webhook secret.",
    };

    public override DeliveryName? NameOf(DeliveryHeaders headers) => headers("X-Gitlab-Event") is { Length: > 0 } name
        // The event's own id is the same for all that follows from one event, so the newer header goes first.
        ? new DeliveryName(name, headers("Idempotency-Key") ?? headers("X-Gitlab-Event-UUID"))
        : null;

    public override VcsEvent Read(string name, JsonElement body) => name switch
    {
        "Push Hook" or "Tag Push Hook" => ReadPush(new Payload(body)),
        "Merge Request Hook" => ReadMergeRequest(new Payload(body)),
        "Note Hook" => ReadNote(new Payload(body)),
        _ => VcsEvent.Nothing($"Nothing follows from a '{(name.Length > 60 ? name[..60] : name)}'."),
    };

    public override Task<GitSource> SourceAsync(VcsSession session, string repository, CancellationToken cancellationToken) =>
        Task.FromResult(GitSource.Http($"{session.Connection.HttpUrl.TrimEnd('/')}/{repository}.git", "oauth2", TokenOf(session)));

    public override async Task<VcsCheck> CheckAsync(VcsSession session, CancellationToken cancellationToken)
    {
        var user = await CallAsync(session, HttpMethod.Get, "/user", null, cancellationToken);
        // Tokens of groups and projects cannot be asked about themselves on older servers.
        var token = await TryCallAsync(session, HttpMethod.Get, "/personal_access_tokens/self", null, [HttpStatusCode.NotFound, HttpStatusCode.Forbidden, HttpStatusCode.Unauthorized], cancellationToken);
        string[] scopes = [.. token?.Payload["scopes"].Texts ?? []];
        return new VcsCheck(user.Payload["username"].Maybe, scopes.Length == 0 || scopes.Contains("api") ? null
            : "The token lacks the scope 'api': commits cannot be marked, nor comments written.");
    }

    public override async Task<IReadOnlyCollection<string>?> FilesOfAsync(
        VcsSession session, string repository, int pullRequest, CancellationToken cancellationToken)
    {
        var files = new HashSet<string>();
        for (var page = 1; page <= MaxPages; page++)
        {
            var answer = await CallAsync(session, HttpMethod.Get, $"{Project(repository)}/merge_requests/{pullRequest}/diffs?per_page={PageSize}&page={page}", null, cancellationToken);
            var count = 0;
            foreach (var file in answer.Payload.Items)
            {
                count++;
                files.UnionWith(new[] { file["new_path"].Maybe, file["old_path"].Maybe }.OfType<string>());
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
        // It says 400 to a state that the commit has already.
        await TryCallAsync(session, HttpMethod.Post, $"{Project(repository)}/statuses/{commit}", new
        {
            state = status.State switch
            {
                CommitState.Pending => "running",
                CommitState.Success => "success",
                CommitState.Failure or CommitState.Error => "failed",
            },
            name = status.Context,
            target_url = status.Url,
            description = status.Description.Length > 255 ? status.Description[..254] + "…" : status.Description,
        }, [HttpStatusCode.BadRequest], cancellationToken);

    public override async Task<string?> CommentAsync(
        VcsSession session, string repository, int pullRequest, string? earlier, string markdown, CancellationToken cancellationToken)
    {
        var notes = $"{Project(repository)}/merge_requests/{pullRequest}/notes";
        if (earlier is not null && await TryCallAsync(session, HttpMethod.Put, $"{notes}/{earlier}", new { body = markdown }, [HttpStatusCode.NotFound], cancellationToken) is not null)
        {
            return earlier;
        }
        return (await CallAsync(session, HttpMethod.Post, notes, new { body = markdown }, cancellationToken)).Payload["id"].Maybe;
    }

    public override async Task<IReadOnlyList<VcsRepositoryFound>> RepositoriesAsync(VcsSession session, string? search, CancellationToken cancellationToken) =>
        [.. (await CallAsync(session, HttpMethod.Get, $"/projects?membership=true&simple=true&order_by=last_activity_at&per_page={PageSize}&search={Uri.EscapeDataString(search ?? "")}", null, cancellationToken))
            .Payload.Items.Select(project => new VcsRepositoryFound(
                Payload.Text(project["path_with_namespace"], "path_with_namespace"), project["default_branch"].Maybe, project["visibility"].Maybe != "public"))];

    public override async Task SubscribeAsync(VcsSession session, string repository, string address, string secret, CancellationToken cancellationToken)
    {
        var hooks = await CallAsync(session, HttpMethod.Get, $"{Project(repository)}/hooks?per_page={PageSize}", null, cancellationToken);
        if (!hooks.Payload.Items.Any(hook => hook["url"].Maybe == address))
        {
            await CallAsync(session, HttpMethod.Post, $"{Project(repository)}/hooks", new
            {
                url = address, token = secret, push_events = true, tag_push_events = true, merge_requests_events = true, note_events = true, enable_ssl_verification = true,
            }, cancellationToken);
        }
    }

    public override async Task<VcsComment?> ReadCommentAsync(VcsSession session, VcsComment told, CancellationToken cancellationToken) =>
        await TryCallAsync(
            session, HttpMethod.Get, $"{Project(told.Repository)}/merge_requests/{told.PullRequest}/notes/{Uri.EscapeDataString(told.Id)}", null, [HttpStatusCode.NotFound], cancellationToken) is { } answer
            ? told with { Text = answer.Payload["body"].Maybe ?? "", Author = AuthorOf(answer.Payload["author"]), WrittenAt = answer.Payload["created_at"].Time }
            : null;

    public override async Task<VcsPullRequestState> PullRequestAsync(VcsSession session, string repository, int number, CancellationToken cancellationToken)
    {
        var request = (await CallAsync(session, HttpMethod.Get, $"{Project(repository)}/merge_requests/{number}", null, cancellationToken)).Payload;
        var isOpen = request["state"].Maybe == "opened";
        var status = request["detailed_merge_status"].Maybe ?? request["merge_status"].Maybe;
        return new VcsPullRequestState(
            ChangeOf(request, isOpen ? VcsChangeKind.PullRequest : VcsChangeKind.PullRequestClosed, repository), isOpen,
            request["draft"].IsTrue ? "it is a draft" : status is null || Mergeable.Contains(status) ? null : $"GitLab says '{status}' of it");
    }

    public override async Task<IReadOnlyList<VcsChange>?> OpenPullRequestsAsync(VcsSession session, string repository, CancellationToken cancellationToken) =>
        [.. (await CallAsync(session, HttpMethod.Get, $"{Project(repository)}/merge_requests?state=opened&per_page={MaxPullRequests}", null, cancellationToken))
            .Payload.Items.Select(request => ChangeOf(request, VcsChangeKind.PullRequest, repository))];

    /// <summary>As its API has it, which its deliveries have otherwise.</summary>
    private static VcsChange ChangeOf(Payload request, VcsChangeKind kind, string repository)
    {
        var number = request["iid"].Number ?? throw new VcsPayloadException("The merge request has no 'iid'.");
        return new VcsChange(kind, repository)
        {
            Branch = Payload.Text(request["target_branch"], "target_branch"),
            Commit = Payload.Commit(request["sha"], "sha"),
            PullRequest = new VcsPullRequest(
                number, request["title"].Maybe ?? $"Merge request {number}", request["description"].Maybe, request["web_url"].Maybe,
                Payload.Text(request["source_branch"], "source_branch"),
                request["source_project_id"].Maybe is not { } source || source != request["target_project_id"].Maybe, $"refs/merge-requests/{number}/head"),
            Sender = AuthorOf(request["author"]),
        };
    }

    private static string Project(string repository) => $"/projects/{Uri.EscapeDataString(repository)}";

    private static string TokenOf(VcsSession session) => session.Token ?? throw new VcsProblem("The connection has no token.", VcsProblem.Once);

    private async Task<VcsAnswer> CallAsync(VcsSession session, HttpMethod method, string path, object? json, CancellationToken cancellationToken) =>
        await TryCallAsync(session, method, path, json, [], cancellationToken) ?? throw new VcsProblem($"{method} {path} was answered with nothing.");

    private Task<VcsAnswer?> TryCallAsync(
        VcsSession session, HttpMethod method, string path, object? json, HttpStatusCode[] expected, CancellationToken cancellationToken) =>
        http.TrySendAsync(
            method, session.Connection.ApiUrl.TrimEnd('/') + path, new AuthenticationHeaderValue("Bearer", TokenOf(session)), json, expected, cancellationToken);

    private static VcsEvent ReadPush(Payload body)
    {
        var (branch, tag) = Payload.Reference(Payload.Text(body["ref"], "ref"));
        var (before, after) = (Payload.Commit(body["before"], "before"), Payload.Commit(body["after"], "after"));
        if (Payload.IsNothing(after))
        {
            return VcsEvent.Nothing($"{branch ?? tag} was deleted.");
        }
        if (branch is null && tag is null)
        {
            return VcsEvent.Nothing("It is neither a branch nor a tag.");
        }
        var project = body["project"];
        var commit = Payload.IsCommit(body["checkout_sha"].Maybe) ? body["checkout_sha"].Maybe!.ToLowerInvariant() : after;
        var commits = body["commits"].Items.ToArray();
        var head = commits.FirstOrDefault(row => row["id"].Maybe == commit);
        var isNew = Payload.IsNothing(before);
        return VcsEvent.Of(new VcsChange(tag is null ? VcsChangeKind.Push : VcsChangeKind.Tag, Payload.Text(project["path_with_namespace"], "project.path_with_namespace"))
        {
            Branch = branch,
            Tag = tag,
            Before = isNew ? null : before,
            Commit = commit,
            DefaultBranch = project["default_branch"].Maybe,
            Message = head["message"].Maybe,
            Author = head["author"]["name"].Maybe,
            CommitUrl = head["url"].Maybe,
            CompareUrl = isNew || project["web_url"].Maybe is not { } web ? null : $"{web}/-/compare/{before}...{after}",
            // It names twenty commits at most, and a forced push may take some away, which it does not say.
            Files = isNew || commits.Length == 0 || body["total_commits_count"].Number != commits.Length || commits.All(row => row["id"].Maybe != commit)
                ? null : Payload.Files(commits),
            Sender = new VcsSender(body["user_username"].Maybe ?? body["user_name"].Maybe, body["user_avatar"].Maybe),
        });
    }

    private static VcsEvent ReadNote(Payload body)
    {
        var note = body["object_attributes"];
        return note["noteable_type"].Maybe != "MergeRequest" ? VcsEvent.Nothing("It is a comment on no merge request.")
            : note["action"].Maybe is "update" ? VcsEvent.Nothing("Commands are taken from new comments alone.")
            : VcsEvent.Of(new VcsComment(
                Payload.Text(body["project"]["path_with_namespace"], "project.path_with_namespace"),
                body["merge_request"]["iid"].Number ?? throw new VcsPayloadException("The payload has no 'merge_request.iid'."),
                Payload.Text(note["id"], "object_attributes.id"), note["note"].Maybe ?? "", AuthorOf(body["user"])));
    }

    private static VcsSender AuthorOf(Payload user) => new(user["username"].Maybe, user["avatar_url"].Maybe) { Id = user["id"].Maybe };

    private static VcsEvent ReadMergeRequest(Payload body)
    {
        var request = body["object_attributes"];
        var action = request["action"].Maybe ?? "";
        if (!Planned.Contains(action) && !Closed.Contains(action))
        {
            return VcsEvent.Nothing($"Nothing follows from a merge request's '{action}'.");
        }
        if (action == "update" && !request["oldrev"].Exists)
        {
            return VcsEvent.Nothing("The merge request has no new commits.");
        }
        var number = request["iid"].Number ?? throw new VcsPayloadException("The payload has no 'object_attributes.iid'.");
        var project = body["project"];
        return VcsEvent.Of(new VcsChange(Closed.Contains(action) ? VcsChangeKind.PullRequestClosed : VcsChangeKind.PullRequest,
            Payload.Text(project["path_with_namespace"], "project.path_with_namespace"))
        {
            Branch = Payload.Text(request["target_branch"], "object_attributes.target_branch"),
            Commit = Payload.Commit(request["last_commit"]["id"], "object_attributes.last_commit.id"),
            DefaultBranch = project["default_branch"].Maybe,
            Message = request["last_commit"]["message"].Maybe,
            Author = request["last_commit"]["author"]["name"].Maybe,
            CommitUrl = request["last_commit"]["url"].Maybe,
            PullRequest = new VcsPullRequest(
                number, request["title"].Maybe ?? $"Merge request {number}", request["description"].Maybe, request["url"].Maybe,
                Payload.Text(request["source_branch"], "object_attributes.source_branch"),
                request["source_project_id"].Maybe is not { } source || source != request["target_project_id"].Maybe,
                $"refs/merge-requests/{number}/head"),
            Sender = new VcsSender(body["user"]["username"].Maybe, body["user"]["avatar_url"].Maybe),
        });
    }
}
