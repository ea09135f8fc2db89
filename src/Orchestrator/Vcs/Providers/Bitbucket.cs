using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Orchestrator.Vcs.Git;

namespace Orchestrator.Vcs.Providers;

/// <summary>Bitbucket Cloud and Bitbucket Data Center: two products that send and take different things.</summary>
public sealed class Bitbucket(VcsHttp http) : VcsProvider
{
    private const int MaxPages = 30;

    private static readonly string[] CloudEvents = ["repo:push", "pullrequest:created", "pullrequest:updated", "pullrequest:fulfilled", "pullrequest:rejected", "pullrequest:comment_created"];
    private static readonly string[] ServerEvents = ["repo:refs_changed", "pr:opened", "pr:from_ref_updated", "pr:merged", "pr:declined", "pr:comment:added"];

    public override VcsFamily Family => VcsFamily.Bitbucket;

    public override string? Refuse(DeliveryHeaders headers, ReadOnlySpan<byte> body, string secret) => headers("X-Hub-Signature") switch
    {
        null or "" => "It is not signed: the header X-Hub-Signature is missing. Give the webhook the connection's secret.",
        var given => IsSigned(given.StartsWith("sha256=", StringComparison.Ordinal) ? given["sha256=".Length..] : null, body, secret)
            ? null : "Its signature is not by the connection's webhook secret.",
    };

    public override DeliveryName? NameOf(DeliveryHeaders headers) => headers("X-Event-Key") is { Length: > 0 } name
        ? new DeliveryName(name, headers("X-Request-UUID") ?? headers("X-Request-Id"))
        : null;

    public override VcsEvent Read(string name, JsonElement body) => name switch
    {
        "repo:push" => ReadCloudPush(new Payload(body)),
        "pullrequest:created" or "pullrequest:updated" => ReadCloudRequest(new Payload(body), VcsChangeKind.PullRequest),
        "pullrequest:fulfilled" or "pullrequest:rejected" => ReadCloudRequest(new Payload(body), VcsChangeKind.PullRequestClosed),
        "pullrequest:comment_created" => ReadCloudComment(new Payload(body)),
        "pr:comment:added" => ReadServerComment(new Payload(body)),
        "repo:refs_changed" => ReadServerPush(new Payload(body)),
        "pr:opened" or "pr:from_ref_updated" => ReadServerRequest(new Payload(body), VcsChangeKind.PullRequest),
        "pr:merged" or "pr:declined" or "pr:deleted" => ReadServerRequest(new Payload(body), VcsChangeKind.PullRequestClosed),
        "diagnostics:ping" => VcsEvent.Nothing("The service has tried whether its deliveries arrive. They do."),
        _ => VcsEvent.Nothing($"Nothing follows from a '{(name.Length > 60 ? name[..60] : name)}'."),
    };

    public override Task<GitSource> SourceAsync(VcsSession session, string repository, CancellationToken cancellationToken)
    {
        var root = session.Connection.HttpUrl.TrimEnd('/');
        return Task.FromResult(GitSource.Http(
            IsCloud(session) ? $"{root}/{repository}.git" : $"{root}/scm/{repository}.git", session.Connection.Username ?? "x-token-auth", TokenOf(session)));
    }

    public override async Task<VcsCheck> CheckAsync(VcsSession session, CancellationToken cancellationToken)
    {
        if (IsCloud(session))
        {
            // A repository's or workspace's own token is no user's.
            var user = await TryCallAsync(session, HttpMethod.Get, "/user", null, [HttpStatusCode.Forbidden, HttpStatusCode.NotFound], cancellationToken);
            return new VcsCheck(user?.Payload["username"].Maybe ?? session.Connection.Username, null);
        }
        await CallAsync(session, HttpMethod.Get, "/api/1.0/projects?limit=1", null, cancellationToken);
        return new VcsCheck(session.Connection.Username, null);
    }

    public override async Task<IReadOnlyCollection<string>?> FilesOfAsync(
        VcsSession session, string repository, int pullRequest, CancellationToken cancellationToken)
    {
        var files = new HashSet<string>();
        var start = 0;
        for (var page = 1; page <= MaxPages; page++)
        {
            var answer = (await CallAsync(session, HttpMethod.Get, IsCloud(session)
                ? $"/repositories/{Path(repository)}/pullrequests/{pullRequest}/diffstat?pagelen=500&page={page}"
                : $"{Server(repository)}/pull-requests/{pullRequest}/changes?limit=500&start={start}", null, cancellationToken)).Payload;
            foreach (var file in answer["values"].Items)
            {
                files.UnionWith((IsCloud(session)
                    ? new[] { file["new"]["path"].Maybe, file["old"]["path"].Maybe }
                    : [file["path"]["toString"].Maybe, file["srcPath"]["toString"].Maybe]).OfType<string>());
            }
            if (IsCloud(session) ? !answer["next"].Exists : answer["isLastPage"].IsTrue)
            {
                return files;
            }
            start = answer["nextPageStart"].Number ?? start + 500;
        }
        return null;
    }

    public override async Task SetStatusAsync(VcsSession session, string repository, string commit, CommitStatus status, CancellationToken cancellationToken)
    {
        var body = new
        {
            state = status.State switch
            {
                CommitState.Pending => "INPROGRESS",
                CommitState.Success => "SUCCESSFUL",
                CommitState.Failure or CommitState.Error => "FAILED",
            },
            // Keys are short in the cloud.
            key = status.Context.Length <= 40 ? status.Context : Data.Identifier.Derive(status.Context),
            name = status.Context,
            url = status.Url,
            description = status.Description.Length > 255 ? status.Description[..254] + "…" : status.Description,
        };
        await CallAsync(session, HttpMethod.Post, IsCloud(session)
            ? $"/repositories/{Path(repository)}/commit/{commit}/statuses/build"
            : $"{Server(repository)}/commits/{commit}/builds", body, cancellationToken);
    }

    public override async Task<string?> CommentAsync(
        VcsSession session, string repository, int pullRequest, string? earlier, string markdown, CancellationToken cancellationToken)
    {
        if (IsCloud(session))
        {
            var comments = $"/repositories/{Path(repository)}/pullrequests/{pullRequest}/comments";
            var content = new { content = new { raw = markdown } };
            if (earlier is not null && await TryCallAsync(session, HttpMethod.Put, $"{comments}/{earlier}", content, [HttpStatusCode.NotFound], cancellationToken) is not null)
            {
                return earlier;
            }
            return (await CallAsync(session, HttpMethod.Post, comments, content, cancellationToken)).Payload["id"].Maybe;
        }
        var there = $"{Server(repository)}/pull-requests/{pullRequest}/comments";
        if (earlier is not null && await TryCallAsync(session, HttpMethod.Get, $"{there}/{earlier}", null, [HttpStatusCode.NotFound], cancellationToken) is { } known)
        {
            await CallAsync(session, HttpMethod.Put, $"{there}/{earlier}", new { text = markdown, version = known.Payload["version"].Number ?? 0 }, cancellationToken);
            return earlier;
        }
        return (await CallAsync(session, HttpMethod.Post, there, new { text = markdown }, cancellationToken)).Payload["id"].Maybe;
    }

    public override async Task<IReadOnlyList<VcsRepositoryFound>> RepositoriesAsync(VcsSession session, string? search, CancellationToken cancellationToken)
    {
        var answer = (await CallAsync(session, HttpMethod.Get, IsCloud(session)
            ? "/repositories?role=member&pagelen=100&sort=-updated_on"
            : $"/api/1.0/repos?limit=100&name={Uri.EscapeDataString(search ?? "")}", null, cancellationToken)).Payload;
        return [.. answer["values"].Items.Select(repository => IsCloud(session)
                ? new VcsRepositoryFound(Payload.Text(repository["full_name"], "full_name"), repository["mainbranch"]["name"].Maybe, repository["is_private"].IsTrue)
                : new VcsRepositoryFound(NameOf(repository), null, !repository["public"].IsTrue))
            .Where(repository => search is null || repository.Identifier.Contains(search, StringComparison.OrdinalIgnoreCase))];
    }

    public override async Task SubscribeAsync(VcsSession session, string repository, string address, string secret, CancellationToken cancellationToken)
    {
        var hooks = IsCloud(session) ? $"/repositories/{Path(repository)}/hooks" : $"{Server(repository)}/webhooks";
        var known = await CallAsync(session, HttpMethod.Get, hooks, null, cancellationToken);
        if (known.Payload["values"].Items.Any(hook => hook["url"].Maybe == address))
        {
            return;
        }
        await CallAsync(session, HttpMethod.Post, hooks, IsCloud(session)
            ? new { description = "Orchestrator", url = address, active = true, secret, events = CloudEvents }
            : new { name = "Orchestrator", url = address, active = true, configuration = new { secret }, events = ServerEvents }, cancellationToken);
    }

    public override async Task<VcsComment?> ReadCommentAsync(VcsSession session, VcsComment told, CancellationToken cancellationToken)
    {
        var (number, id) = (told.PullRequest, Uri.EscapeDataString(told.Id));
        var path = IsCloud(session) ? $"/repositories/{Path(told.Repository)}/pullrequests/{number}/comments/{id}" : $"{Server(told.Repository)}/pull-requests/{number}/comments/{id}";
        if (await TryCallAsync(session, HttpMethod.Get, path, null, [HttpStatusCode.NotFound], cancellationToken) is not { Payload: var comment })
        {
            return null;
        }
        return IsCloud(session)
            ? told with { Text = comment["content"]["raw"].Maybe ?? "", Author = CloudAuthor(comment), WrittenAt = comment["created_on"].Time }
            : told with { Text = comment["text"].Maybe ?? "", Author = ServerAuthor(comment), WrittenAt = comment["createdDate"].Time };
    }

    public override async Task<VcsPullRequestState> PullRequestAsync(VcsSession session, string repository, int number, CancellationToken cancellationToken)
    {
        var path = IsCloud(session) ? $"/repositories/{Path(repository)}/pullrequests/{number}" : $"{Server(repository)}/pull-requests/{number}";
        var request = (await CallAsync(session, HttpMethod.Get, path, null, cancellationToken)).Payload;
        var isOpen = request["state"].Maybe == "OPEN";
        var kind = isOpen ? VcsChangeKind.PullRequest : VcsChangeKind.PullRequestClosed;
        if (IsCloud(session))
        {
            var refused = request["participants"].Items.Any(person => person["state"].Maybe == "changes_requested");
            return new VcsPullRequestState(
                CloudChange(request, kind, null, CloudSender(request["author"])), isOpen, request["draft"].IsTrue ? "it is a draft" : refused ? "a reviewer asks for changes" : null);
        }
        var merge = isOpen ? (await CallAsync(session, HttpMethod.Get, $"{path}/merge", null, cancellationToken)).Payload : default;
        return new VcsPullRequestState(
            ServerChange(request, kind, new VcsSender(request["author"]["user"]["name"].Maybe)), isOpen,
            merge["conflicted"].IsTrue ? "it has conflicts"
                : merge["canMerge"].IsFalse ? merge["vetoes"].Items.Select(veto => veto["summaryMessage"].Maybe).FirstOrDefault() is { } veto ? $"Bitbucket says '{veto}'" : "Bitbucket does not let it be merged"
                : null);
    }

    public override async Task<IReadOnlyList<VcsChange>?> OpenPullRequestsAsync(VcsSession session, string repository, CancellationToken cancellationToken)
    {
        var found = (await CallAsync(session, HttpMethod.Get, IsCloud(session)
            ? $"/repositories/{Path(repository)}/pullrequests?state=OPEN&pagelen={MaxPullRequests}"
            : $"{Server(repository)}/pull-requests?state=OPEN&limit={MaxPullRequests}", null, cancellationToken)).Payload["values"].Items;
        return [.. found.Select(request => IsCloud(session)
            ? CloudChange(request, VcsChangeKind.PullRequest, null, CloudSender(request["author"]))
            : ServerChange(request, VcsChangeKind.PullRequest, new VcsSender(request["author"]["user"]["name"].Maybe)))];
    }

    private static bool IsCloud(VcsSession session) => session.Connection.Service == VcsService.BitbucketCloud;

    private static string Path(string repository) => string.Join('/', repository.Split('/').Select(Uri.EscapeDataString));

    private static string Server(string repository) => repository.Split('/') is [var project, var slug]
        ? $"/api/1.0/projects/{Uri.EscapeDataString(project)}/repos/{Uri.EscapeDataString(slug)}"
        : throw new VcsProblem("A repository of Bitbucket Data Center is named by its project's key and its own, such as NET/network.", VcsProblem.Once);

    private static string NameOf(Payload repository) => $"{Payload.Text(repository["project"]["key"], "repository.project.key")}/{Payload.Text(repository["slug"], "repository.slug")}";

    private static string TokenOf(VcsSession session) => session.Token ?? throw new VcsProblem("The connection has no token.", VcsProblem.Once);

    /// <summary>An app password needs its user's name; access tokens do not.</summary>
    private static AuthenticationHeaderValue AuthorizationOf(VcsSession session) => session.Connection.Username is { } user
        ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{TokenOf(session)}")))
        : new AuthenticationHeaderValue("Bearer", TokenOf(session));

    private async Task<VcsAnswer> CallAsync(VcsSession session, HttpMethod method, string path, object? json, CancellationToken cancellationToken) =>
        await TryCallAsync(session, method, path, json, [], cancellationToken) ?? throw new VcsProblem($"{method} {path} was answered with nothing.");

    private Task<VcsAnswer?> TryCallAsync(VcsSession session, HttpMethod method, string path, object? json, HttpStatusCode[] expected, CancellationToken cancellationToken) =>
        http.TrySendAsync(method, session.Connection.ApiUrl.TrimEnd('/') + path, AuthorizationOf(session), json, expected, cancellationToken);

    private static VcsEvent ReadCloudPush(Payload body)
    {
        var (repository, main) = (Payload.Text(body["repository"]["full_name"], "repository.full_name"), body["repository"]["mainbranch"]["name"].Maybe);
        var changes = new List<VcsChange>();
        foreach (var change in body["push"]["changes"].Items.Where(change => change["new"].Exists))
        {
            var (after, isTag) = (change["new"], change["new"]["type"].Maybe is "tag" or "annotated_tag");
            changes.Add(new VcsChange(isTag ? VcsChangeKind.Tag : VcsChangeKind.Push, repository)
            {
                Branch = isTag ? null : Payload.Text(after["name"], "push.changes.new.name"),
                Tag = isTag ? Payload.Text(after["name"], "push.changes.new.name") : null,
                Before = change["old"]["target"]["hash"].Maybe is { } before && Payload.IsCommit(before) ? before.ToLowerInvariant() : null,
                Commit = Payload.Commit(after["target"]["hash"], "push.changes.new.target.hash"),
                DefaultBranch = main,
                Message = after["target"]["message"].Maybe,
                Author = after["target"]["author"]["user"]["display_name"].Maybe ?? after["target"]["author"]["raw"].Maybe,
                CommitUrl = after["target"]["links"]["html"]["href"].Maybe,
                CompareUrl = change["links"]["html"]["href"].Maybe,
                Sender = CloudSender(body["actor"]),
            });
        }
        return changes.Count == 0 ? VcsEvent.Nothing("Nothing was pushed that is still there.") : new VcsEvent(changes);
    }

    private static VcsEvent ReadCloudRequest(Payload body, VcsChangeKind kind) =>
        VcsEvent.Of(CloudChange(body["pullrequest"], kind, body["repository"]["mainbranch"]["name"].Maybe, CloudSender(body["actor"])));

    private static VcsEvent ReadCloudComment(Payload body) => VcsEvent.Of(new VcsComment(
        Payload.Text(body["repository"]["full_name"], "repository.full_name"),
        body["pullrequest"]["id"].Number ?? throw new VcsPayloadException("The payload has no 'pullrequest.id'."),
        Payload.Text(body["comment"]["id"], "comment.id"), body["comment"]["content"]["raw"].Maybe ?? "", CloudAuthor(body["comment"])));

    private static VcsEvent ReadServerComment(Payload body) => VcsEvent.Of(new VcsComment(
        NameOf(body["pullRequest"]["toRef"]["repository"]),
        body["pullRequest"]["id"].Number ?? throw new VcsPayloadException("The payload has no 'pullRequest.id'."),
        Payload.Text(body["comment"]["id"], "comment.id"), body["comment"]["text"].Maybe ?? "", ServerAuthor(body["comment"])));

    /// <summary>Nicknames are nobody's alone there.</summary>
    private static VcsSender CloudAuthor(Payload comment) => CloudSender(comment["user"]) with { Id = comment["user"]["account_id"].Maybe ?? comment["user"]["uuid"].Maybe, NameIsUnique = false };

    private static VcsSender ServerAuthor(Payload comment) => new(comment["author"]["name"].Maybe) { Id = comment["author"]["id"].Maybe };

    private static VcsChange CloudChange(Payload request, VcsChangeKind kind, string? main, VcsSender sender)
    {
        var number = request["id"].Number ?? throw new VcsPayloadException("The payload has no 'pullrequest.id'.");
        var (source, target) = (request["source"], request["destination"]);
        var repository = Payload.Text(target["repository"]["full_name"], "pullrequest.destination.repository.full_name");
        return new VcsChange(kind, repository)
        {
            Branch = Payload.Text(target["branch"]["name"], "pullrequest.destination.branch.name"),
            // The cloud writes short hashes here; git finds the commit by its branch.
            Commit = ShortCommit(source["commit"]["hash"], "pullrequest.source.commit.hash"),
            DefaultBranch = main,
            PullRequest = new VcsPullRequest(
                number, request["title"].Maybe ?? $"Pull request {number}", request["description"].Maybe, request["links"]["html"]["href"].Maybe,
                Payload.Text(source["branch"]["name"], "pullrequest.source.branch.name"),
                !string.Equals(source["repository"]["full_name"].Maybe, repository, StringComparison.OrdinalIgnoreCase))
            {
                SourceRepository = source["repository"]["full_name"].Maybe,
            },
            Sender = sender,
        };
    }

    private static string ShortCommit(Payload value, string name) => Payload.Text(value, name) is var hash && hash.Length is >= 7 and <= 64 && hash.All(char.IsAsciiHexDigit)
        ? hash.ToLowerInvariant()
        : throw new VcsPayloadException($"The payload's '{name}' is no commit's hash.");

    private static VcsEvent ReadServerPush(Payload body)
    {
        var repository = NameOf(body["repository"]);
        var changes = new List<VcsChange>();
        foreach (var change in body["changes"].Items.Where(change => change["type"].Maybe != "DELETE"))
        {
            var (branch, tag) = Payload.Reference(Payload.Text(change["ref"]["id"], "changes.ref.id"));
            if (branch is null && tag is null)
            {
                continue;
            }
            var before = Payload.Commit(change["fromHash"], "changes.fromHash");
            changes.Add(new VcsChange(tag is null ? VcsChangeKind.Push : VcsChangeKind.Tag, repository)
            {
                Branch = branch,
                Tag = tag,
                Before = Payload.IsNothing(before) ? null : before,
                Commit = Payload.Commit(change["toHash"], "changes.toHash"),
                Message = body["toCommit"]["id"].Maybe == change["toHash"].Maybe ? body["toCommit"]["message"].Maybe : null,
                Sender = new VcsSender(body["actor"]["name"].Maybe),
            });
        }
        return changes.Count == 0 ? VcsEvent.Nothing("Nothing was pushed that is still there.") : new VcsEvent(changes);
    }

    private static VcsEvent ReadServerRequest(Payload body, VcsChangeKind kind) => VcsEvent.Of(ServerChange(body["pullRequest"], kind, new VcsSender(body["actor"]["name"].Maybe)));

    private static VcsChange ServerChange(Payload request, VcsChangeKind kind, VcsSender sender)
    {
        var number = request["id"].Number ?? throw new VcsPayloadException("The payload has no 'pullRequest.id'.");
        var repository = NameOf(request["toRef"]["repository"]);
        return new VcsChange(kind, repository)
        {
            Branch = Payload.Text(request["toRef"]["displayId"], "pullRequest.toRef.displayId"),
            Commit = Payload.Commit(request["fromRef"]["latestCommit"], "pullRequest.fromRef.latestCommit"),
            PullRequest = new VcsPullRequest(
                number, request["title"].Maybe ?? $"Pull request {number}", request["description"].Maybe, request["links"]["self"].Items.Select(link => link["href"].Maybe).FirstOrDefault(),
                Payload.Text(request["fromRef"]["displayId"], "pullRequest.fromRef.displayId"),
                !string.Equals(NameOf(request["fromRef"]["repository"]), repository, StringComparison.OrdinalIgnoreCase),
                $"refs/pull-requests/{number}/from"),
            Sender = sender,
        };
    }

    private static VcsSender CloudSender(Payload actor) =>
        new(actor["nickname"].Maybe ?? actor["display_name"].Maybe, actor["links"]["avatar"]["href"].Maybe, actor["links"]["html"]["href"].Maybe);
}
