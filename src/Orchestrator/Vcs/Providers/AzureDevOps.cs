using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.Vcs.Git;

namespace Orchestrator.Vcs.Providers;

/// <summary>Azure DevOps. A repository is named as in its own address: <c>organization/project/_git/repository</c>.</summary>
public sealed partial class AzureDevOps(VcsHttp http) : VcsProvider
{
    private const string Version = "api-version=7.0";

    public override VcsFamily Family => VcsFamily.AzureDevOps;

    /// <summary>Its service hooks sign nothing; they show a name and a password, of which the password is the secret.</summary>
    public override string? Refuse(DeliveryHeaders headers, ReadOnlySpan<byte> body, string secret)
    {
        if (headers("Authorization") is not { } given || !given.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            return "It proves nothing: give the service hook a basic authentication, with the connection's secret as its password.";
        }
        var buffer = new byte[given.Length];
        var password = Convert.TryFromBase64String(given["Basic ".Length..].Trim(), buffer, out var length)
            && Encoding.UTF8.GetString(buffer, 0, length) is var pair && pair.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? pair[(colon + 1)..] : null;
        return IsSecret(password, secret) ? null : "Its password is not the connection's webhook secret.";
    }

    /// <summary>Both stand in the body, and so does what happened.</summary>
    public override DeliveryName? NameOf(DeliveryHeaders headers) => new("service-hook", null);

    public override VcsEvent Read(string name, JsonElement body)
    {
        var payload = new Payload(body);
        return payload["eventType"].Maybe switch
        {
            "git.push" => ReadPush(payload["resource"]),
            "git.pullrequest.created" or "git.pullrequest.updated" or "git.pullrequest.merged" => ReadRequest(payload["resource"]),
            "ms.vss-code.git-pullrequest-comment-event" => ReadComment(payload["resource"]),
            null => throw new VcsPayloadException("The payload has no 'eventType'."),
            var other => VcsEvent.Nothing($"Nothing follows from a '{(other.Length > 60 ? other[..60] : other)}'."),
        };
    }

    public override Task<GitSource> SourceAsync(VcsSession session, string repository, CancellationToken cancellationToken) =>
        Task.FromResult(GitSource.Http(
            $"{session.Connection.HttpUrl.TrimEnd('/')}/{string.Join('/', repository.Split('/').Select(Uri.EscapeDataString))}", session.Connection.Username ?? "orchestrator", TokenOf(session)));

    /// <summary>Its API is one organisation's, and a connection may reach several: the first repository that is named shows whether it is good.</summary>
    public override Task<VcsCheck> CheckAsync(VcsSession session, CancellationToken cancellationToken) =>
        Task.FromResult(new VcsCheck(session.Connection.Username, session.Token is null ? "The connection has no token." : null));

    public override async Task SetStatusAsync(VcsSession session, string repository, string commit, CommitStatus status, CancellationToken cancellationToken) =>
        await http.SendAsync(HttpMethod.Post, $"{Api(session, repository)}/commits/{commit}/statuses?{Version}", AuthorizationOf(session), new
        {
            state = status.State switch
            {
                CommitState.Pending => "pending",
                CommitState.Success => "succeeded",
                CommitState.Failure => "failed",
                CommitState.Error => "error",
            },
            description = status.Description,
            targetUrl = status.Url,
            context = new { genre = "orchestrator", name = status.Context },
        }, cancellationToken);

    public override async Task<string?> CommentAsync(
        VcsSession session, string repository, int pullRequest, string? earlier, string markdown, CancellationToken cancellationToken)
    {
        var threads = $"{Api(session, repository)}/pullRequests/{pullRequest}/threads";
        if (earlier is not null && await http.TrySendAsync(
            HttpMethod.Patch, $"{threads}/{earlier}/comments/1?{Version}", AuthorizationOf(session), new { content = markdown }, [HttpStatusCode.NotFound], cancellationToken) is not null)
        {
            return earlier;
        }
        var written = await http.SendAsync(HttpMethod.Post, $"{threads}?{Version}", AuthorizationOf(session), new
        {
            comments = new[] { new { parentCommentId = 0, content = markdown, commentType = "text" } }, status = "closed",
        }, cancellationToken);
        return written.Payload["id"].Maybe;
    }

    public override async Task<VcsComment?> ReadCommentAsync(VcsSession session, VcsComment told, CancellationToken cancellationToken) =>
        told.Id.Split('/') is [var thread, var comment] && await http.TrySendAsync(
            HttpMethod.Get, $"{Api(session, told.Repository)}/pullRequests/{told.PullRequest}/threads/{thread}/comments/{comment}?{Version}", AuthorizationOf(session), null,
            [HttpStatusCode.NotFound], cancellationToken) is { Payload: var found }
            ? told with { Text = found["content"].Maybe ?? "", Author = AuthorOf(found), WrittenAt = found["publishedDate"].Time }
            : null;

    public override async Task<VcsPullRequestState> PullRequestAsync(VcsSession session, string repository, int number, CancellationToken cancellationToken)
    {
        var request = (await http.SendAsync(HttpMethod.Get, $"{Api(session, repository)}/pullRequests/{number}?{Version}", AuthorizationOf(session), null, cancellationToken)).Payload;
        return new VcsPullRequestState(
            ChangeOf(request, repository), request["status"].Maybe == "active",
            request["isDraft"].IsTrue ? "it is a draft"
                : request["mergeStatus"].Maybe is "conflicts" or "rejectedByPolicy" or "failure" ? $"Azure DevOps says '{request["mergeStatus"].Maybe}' of it"
                : request["reviewers"].Items.Any(reviewer => reviewer["vote"].Maybe == "-10") ? "a reviewer has rejected it"
                : null);
    }

    public override async Task<IReadOnlyList<VcsChange>?> OpenPullRequestsAsync(VcsSession session, string repository, CancellationToken cancellationToken) =>
        [.. (await http.SendAsync(
                HttpMethod.Get, $"{Api(session, repository)}/pullRequests?searchCriteria.status=active&$top={MaxPullRequests}&{Version}", AuthorizationOf(session), null, cancellationToken))
            .Payload["value"].Items.Select(request => ChangeOf(request, repository))];

    private static string Api(VcsSession session, string repository) => repository.Split("/_git/") is [var project, var name]
        ? $"{session.Connection.ApiUrl.TrimEnd('/')}/{string.Join('/', project.Split('/').Select(Uri.EscapeDataString))}/_apis/git/repositories/{Uri.EscapeDataString(name)}"
        : throw new VcsProblem("A repository of Azure DevOps is named as in its address: organization/project/_git/repository.", VcsProblem.Once);

    private static string TokenOf(VcsSession session) => session.Token ?? throw new VcsProblem("The connection has no token.", VcsProblem.Once);

    private static AuthenticationHeaderValue AuthorizationOf(VcsSession session) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($":{TokenOf(session)}")));

    /// <summary>The path of its address, without the name of a user before the host.</summary>
    private static string NameOf(Payload repository) =>
        Uri.TryCreate(Payload.Text(repository["remoteUrl"], "resource.repository.remoteUrl"), UriKind.Absolute, out var address)
            ? Uri.UnescapeDataString(address.AbsolutePath.Trim('/'))
            : throw new VcsPayloadException("The payload's 'resource.repository.remoteUrl' is no address.");

    private static VcsEvent ReadPush(Payload resource)
    {
        var repository = NameOf(resource["repository"]);
        var main = Payload.Reference(resource["repository"]["defaultBranch"].Maybe ?? "").Branch;
        var changes = new List<VcsChange>();
        foreach (var update in resource["refUpdates"].Items)
        {
            var (branch, tag) = Payload.Reference(Payload.Text(update["name"], "resource.refUpdates.name"));
            var (before, after) = (Payload.Commit(update["oldObjectId"], "resource.refUpdates.oldObjectId"), Payload.Commit(update["newObjectId"], "resource.refUpdates.newObjectId"));
            if (Payload.IsNothing(after) || (branch is null && tag is null))
            {
                continue;
            }
            var head = resource["commits"].Items.FirstOrDefault(commit => commit["commitId"].Maybe == after);
            changes.Add(new VcsChange(tag is null ? VcsChangeKind.Push : VcsChangeKind.Tag, repository)
            {
                Branch = branch,
                Tag = tag,
                Before = Payload.IsNothing(before) ? null : before,
                Commit = after,
                DefaultBranch = main,
                Message = head["comment"].Maybe,
                Author = head["author"]["name"].Maybe,
                Sender = new VcsSender(resource["pushedBy"]["displayName"].Maybe, resource["pushedBy"]["imageUrl"].Maybe),
            });
        }
        return changes.Count == 0 ? VcsEvent.Nothing("Nothing was pushed that is still there.") : new VcsEvent(changes);
    }

    private static VcsEvent ReadRequest(Payload resource) => VcsEvent.Of(ChangeOf(resource, NameOf(resource["repository"])));

    private static VcsEvent ReadComment(Payload resource)
    {
        var (comment, request) = (resource["comment"], resource["pullRequest"]);
        // Comments are counted within their thread, which only the address names.
        var place = Place().Match(comment["_links"]["self"]["href"].Maybe ?? "");
        return comment["isDeleted"].IsTrue ? VcsEvent.Nothing("The comment was deleted.")
            : VcsEvent.Of(new VcsComment(
                NameOf(request["repository"]),
                request["pullRequestId"].Number ?? throw new VcsPayloadException("The payload has no 'resource.pullRequest.pullRequestId'."),
                place.Success ? $"{place.Groups["thread"].Value}/{place.Groups["comment"].Value}" : throw new VcsPayloadException("The payload's 'resource.comment._links.self.href' names no thread."),
                comment["content"].Maybe ?? "", AuthorOf(comment)));
    }

    private static VcsSender AuthorOf(Payload comment) => new(comment["author"]["uniqueName"].Maybe ?? comment["author"]["displayName"].Maybe)
    {
        Id = comment["author"]["id"].Maybe, NameIsUnique = comment["author"]["uniqueName"].Exists,
    };

    [GeneratedRegex(@"/threads/(?<thread>[0-9]{1,10})/comments/(?<comment>[0-9]{1,10})\z")]
    private static partial Regex Place();

    private static VcsChange ChangeOf(Payload resource, string repository)
    {
        var number = resource["pullRequestId"].Number ?? throw new VcsPayloadException("The payload has no 'resource.pullRequestId'.");
        var isOver = resource["status"].Maybe is "completed" or "abandoned";
        return new VcsChange(isOver ? VcsChangeKind.PullRequestClosed : VcsChangeKind.PullRequest, repository)
        {
            Branch = Payload.Reference(Payload.Text(resource["targetRefName"], "resource.targetRefName")).Branch,
            Commit = Payload.Commit(resource["lastMergeSourceCommit"]["commitId"], "resource.lastMergeSourceCommit.commitId"),
            DefaultBranch = Payload.Reference(resource["repository"]["defaultBranch"].Maybe ?? "").Branch,
            PullRequest = new VcsPullRequest(
                number, resource["title"].Maybe ?? $"Pull request {number}", resource["description"].Maybe, resource["_links"]["web"]["href"].Maybe,
                Payload.Reference(Payload.Text(resource["sourceRefName"], "resource.sourceRefName")).Branch ?? "", resource["forkSource"].Exists,
                // What would be merged: its parents are the target's head and the request's.
                $"refs/pull/{number}/merge"),
            Sender = new VcsSender(resource["createdBy"]["displayName"].Maybe),
        };
    }
}
