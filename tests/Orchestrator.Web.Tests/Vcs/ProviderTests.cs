using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Orchestrator.Data;
using Orchestrator.Vcs;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Vcs;

/// <summary>What each service's API is told, word for word, and how it is answered when it says no.</summary>
public sealed class ProviderTests
{
    private const string Commit = "95790bf891e76fee5e1747ab589903a6a1f80f22";
    private static readonly CommitStatus Status = new(CommitState.Failure, "orchestrator/acme/network", "The plan failed.", "https://orchestrator.example/run");

    [Theory]
    [InlineData("gitea", "a/b", "token the-token", "POST /repos/a/b/statuses/C {\"state\":\"failure\"", "POST /repos/a/b/issues/7/comments", "PATCH /repos/a/b/issues/comments/11", "POST /repos/a/b/hooks {\"type\":\"gitea\"")]
    [InlineData("github_enterprise", "a/b", "Bearer the-token", "POST /repos/a/b/statuses/C {\"state\":\"failure\"", "POST /repos/a/b/issues/7/comments", "PATCH /repos/a/b/issues/comments/11", "POST /repos/a/b/hooks {\"name\":\"web\"")]
    [InlineData("gitlab_community_edition", "a/b", "Bearer the-token", "POST /projects/a%2Fb/statuses/C {\"state\":\"failed\"", "POST /projects/a%2Fb/merge_requests/7/notes", "PUT /projects/a%2Fb/merge_requests/7/notes/11", "POST /projects/a%2Fb/hooks {\"url\"")]
    [InlineData("bitbucket_hosted", "a/b", "Bearer the-token", "POST /repositories/a/b/commit/C/statuses/build {\"state\":\"FAILED\"", "POST /repositories/a/b/pullrequests/7/comments", "PUT /repositories/a/b/pullrequests/7/comments/11", "POST /repositories/a/b/hooks {\"description\"")]
    [InlineData("bitbucket_data_center", "A/b", "Bearer the-token", "POST /api/1.0/projects/A/repos/b/commits/C/builds {\"state\":\"FAILED\"", "POST /api/1.0/projects/A/repos/b/pull-requests/7/comments", "PUT /api/1.0/projects/A/repos/b/pull-requests/7/comments/11", "POST /api/1.0/projects/A/repos/b/webhooks {\"name\"")]
    [InlineData("ado_server", "o/p/_git/b", "Basic OnRoZS10b2tlbg==", "POST /o/p/_apis/git/repositories/b/commits/C/statuses?api-version=7.0 {\"state\":\"failed\"", "POST /o/p/_apis/git/repositories/b/pullRequests/7/threads?api-version=7.0", "PATCH /o/p/_apis/git/repositories/b/pullRequests/7/threads/11/comments/1?api-version=7.0", null)]
    public async Task Marks_comments_and_subscriptions_are_written_as_the_service_has_them(
        string service, string repository, string authorization, string mark, string comment, string edit, string? hook)
    {
        await using var api = await ApiStub.StartAsync();
        var (provider, session) = await OpenAsync(service, api);

        await provider.SetStatusAsync(session, repository, Commit, Status, CancellationToken.None);
        Assert.Equal("11", await provider.CommentAsync(session, repository, 7, null, "The **plan**", CancellationToken.None));
        Assert.Equal("11", await provider.CommentAsync(session, repository, 7, "11", "Another", CancellationToken.None));
        // Somebody has deleted it.
        api.Missing = edit.Split(' ')[1].Split('?')[0];
        Assert.Equal("11", await provider.CommentAsync(session, repository, 7, "11", "Again", CancellationToken.None));
        if (hook is not null)
        {
            await provider.SubscribeAsync(session, repository, "https://orchestrator.example/webhooks/x", "the-secret", CancellationToken.None);
        }
        else
        {
            await Assert.ThrowsAsync<VcsProblem>(() => provider.SubscribeAsync(session, repository, "https://orchestrator.example/webhooks/x", "the-secret", CancellationToken.None));
        }

        Assert.All(api.Calls, call => Assert.Equal(authorization, call.Authorization));
        string[] told = [.. api.Calls.Where(call => !call.Text.StartsWith("GET", StringComparison.Ordinal)).Select(call => call.Text.Replace(Commit, "C", StringComparison.Ordinal))];
        Assert.StartsWith(mark, told[0], StringComparison.Ordinal);
        Assert.Contains("https://orchestrator.example/run", told[0], StringComparison.Ordinal);
        Assert.StartsWith(comment + " ", told[1], StringComparison.Ordinal);
        Assert.Contains("The **plan**", told[1], StringComparison.Ordinal);
        Assert.StartsWith(edit + " ", told[2], StringComparison.Ordinal);
        Assert.Contains(told[3..], text => text.StartsWith(comment + " ", StringComparison.Ordinal) && text.Contains("Again", StringComparison.Ordinal));
        if (hook is not null)
        {
            Assert.StartsWith(hook, told[^1], StringComparison.Ordinal);
            Assert.Contains("the-secret", told[^1], StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(400, VcsProblem.Seldom, "400")]
    [InlineData(401, VcsProblem.Seldom, "wrong, expired or revoked")]
    [InlineData(403, VcsProblem.Seldom, "lacks a permission")]
    [InlineData(404, VcsProblem.Seldom, "does not exist")]
    [InlineData(422, VcsProblem.Seldom, "422")]
    [InlineData(429, VcsProblem.Often, "too many requests")]
    [InlineData(500, VcsProblem.Often, "has trouble")]
    [InlineData(302, VcsProblem.Once, "do not follow")]
    public async Task A_service_that_says_no_is_told_apart_and_no_secret_is_repeated(int status, int attempts, string sentence)
    {
        await using var api = await ApiStub.StartAsync();
        var (provider, session) = await OpenAsync("github_enterprise", api);
        api.Status = status;

        var problem = await Assert.ThrowsAsync<VcsProblem>(() => provider.SetStatusAsync(session, "a/b", Commit, Status, CancellationToken.None));

        Assert.Equal(attempts, problem.Attempts);
        Assert.Contains(sentence, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("the-token", problem.Message, StringComparison.Ordinal);
        Assert.Equal(status == 429 ? TimeSpan.FromSeconds(17) : null, status == 429 ? problem.WaitAfter(1) : null);
    }

    /// <summary>A comment is read back, and a pull request looked at, before anything follows from them.</summary>
    [Theory]
    [InlineData("gitea", "a/b", "11", "/repos/a/b/issues/comments/11", """{"body":"T","created_at":"2026-01-02T03:04:05Z","user":{"id":5,"login":"ada"}}""", "/repos/a/b/pulls/7",
        """{"number":7,"state":"open","mergeable":false,"head":{"sha":"C","ref":"f","repo":{"full_name":"a/b"}},"base":{"ref":"main","repo":{"full_name":"a/b"}}}""", "it has conflicts, or is not ready")]
    [InlineData("github_enterprise", "a/b", "11", "/repos/a/b/issues/comments/11", """{"body":"T","created_at":"2026-01-02T03:04:05Z","user":{"id":5,"login":"ada"}}""", "/repos/a/b/pulls/7",
        """{"number":7,"state":"open","mergeable":true,"mergeable_state":"blocked","head":{"sha":"C","ref":"f","repo":{"full_name":"a/b"}},"base":{"ref":"main","repo":{"full_name":"a/b"}}}""", "reviews or checks are missing that its branch asks for")]
    [InlineData("gitlab_community_edition", "a/b", "11", "/projects/a%2Fb/merge_requests/7/notes/11", """{"body":"T","created_at":"2026-01-02T03:04:05.000Z","author":{"id":5,"username":"ada"}}""", "/projects/a%2Fb/merge_requests/7",
        """{"iid":7,"state":"opened","detailed_merge_status":"not_approved","sha":"C","source_branch":"f","target_branch":"main","source_project_id":1,"target_project_id":1}""", "GitLab says 'not_approved' of it")]
    [InlineData("bitbucket_hosted", "a/b", "11", "/repositories/a/b/pullrequests/7/comments/11", """{"content":{"raw":"T"},"created_on":"2026-01-02T03:04:05+00:00","user":{"account_id":"5","nickname":"ada"}}""", "/repositories/a/b/pullrequests/7",
        """{"id":7,"state":"OPEN","participants":[{"state":"changes_requested"}],"source":{"branch":{"name":"f"},"commit":{"hash":"C"},"repository":{"full_name":"a/b"}},"destination":{"branch":{"name":"main"},"repository":{"full_name":"a/b"}}}""", "a reviewer asks for changes")]
    [InlineData("bitbucket_data_center", "A/b", "11", "/api/1.0/projects/A/repos/b/pull-requests/7/comments/11", """{"text":"T","createdDate":1767323045000,"author":{"id":5,"name":"ada"}}""", "/api/1.0/projects/A/repos/b/pull-requests/7",
        """{"id":7,"state":"OPEN","fromRef":{"displayId":"f","latestCommit":"C","repository":{"slug":"b","project":{"key":"A"}}},"toRef":{"displayId":"main","repository":{"slug":"b","project":{"key":"A"}}}}""", "Bitbucket says 'Two approvals'")]
    [InlineData("ado_server", "o/p/_git/b", "3/11", "/o/p/_apis/git/repositories/b/pullRequests/7/threads/3/comments/11?api-version=7.0", """{"content":"T","publishedDate":"2026-01-02T03:04:05Z","author":{"id":"5","uniqueName":"ada"}}""",
        "/o/p/_apis/git/repositories/b/pullRequests/7?api-version=7.0",
        """{"pullRequestId":7,"status":"active","reviewers":[{"vote":-10}],"lastMergeSourceCommit":{"commitId":"C"},"sourceRefName":"refs/heads/f","targetRefName":"refs/heads/main"}""", "a reviewer has rejected it")]
    public async Task A_comment_is_read_back_and_a_pull_request_asked_whether_it_can_be_merged(
        string service, string repository, string id, string comment, string said, string request, string state, string hindrance)
    {
        await using var api = await ApiStub.StartAsync();
        var (provider, session) = await OpenAsync(service, api);
        api.Answers[$"GET {comment}"] = JsonNode.Parse(said)!;
        api.Answers[$"GET {request}"] = JsonNode.Parse(state.Replace("\"C\"", $"\"{Commit}\"", StringComparison.Ordinal))!;
        api.Answers[$"GET {request}/merge"] = JsonNode.Parse("""{"canMerge":false,"conflicted":false,"vetoes":[{"summaryMessage":"Two approvals"}]}""")!;
        var told = new VcsComment(repository, 7, id, "Another text", new VcsSender("somebody"));

        var read = await provider.ReadCommentAsync(session, told, CancellationToken.None);
        var now = await provider.PullRequestAsync(session, repository, 7, CancellationToken.None);

        Assert.Equal(("T", "5", "ada"), (read!.Text, read.Author.Id, read.Author.Name));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), read.WrittenAt);
        Assert.Equal((true, hindrance, Commit, "main", false), (now.IsOpen, now.Hindrance, now.Change.Commit, now.Change.Branch, now.Change.PullRequest!.IsFork));
        api.Missing = comment.Split('?')[0];
        Assert.Null(await provider.ReadCommentAsync(session, told, CancellationToken.None));
    }

    [Fact]
    public async Task A_github_app_proves_itself_by_its_key_and_works_with_its_installations_token()
    {
        using var key = RSA.Create(2048);
        await using var api = await ApiStub.StartAsync();
        var (provider, session) = await OpenAsync("github_app", api, new VcsConnectionEdit { AppId = "7", InstallationId = "8", AppKey = key.ExportRSAPrivateKeyPem() });
        api.Answers["POST /app/installations/8/access_tokens"] = new JsonObject { ["token"] = "of-the-installation", ["expires_at"] = "2099-01-01T00:00:00Z" };
        api.Answers["GET /app"] = new JsonObject { ["slug"] = "orchestrator", ["permissions"] = new JsonObject { ["contents"] = "read", ["statuses"] = "read" } };

        var check = await provider.CheckAsync(session, CancellationToken.None);
        await provider.SetStatusAsync(session, "a/b", Commit, Status, CancellationToken.None);
        await provider.SetStatusAsync(session, "a/b", Commit, Status, CancellationToken.None);

        Assert.Equal(("orchestrator", "The App lacks the permissions statuses: write, pull_requests: write."), (check.Account, check.Problem));
        var proof = api.Calls.Single(call => call.Text.StartsWith("POST /app/", StringComparison.Ordinal)).Authorization["Bearer ".Length..];
        var read = await new JsonWebTokenHandler().ValidateTokenAsync(proof, new TokenValidationParameters { ValidIssuer = "7", ValidateAudience = false, IssuerSigningKey = new RsaSecurityKey(key) });
        Assert.True(read.IsValid, read.Exception?.Message);
        Assert.True(((JsonWebToken)read.SecurityToken).ValidTo - ((JsonWebToken)read.SecurityToken).IssuedAt <= TimeSpan.FromMinutes(10));
        Assert.Equal(["Bearer of-the-installation", "Bearer of-the-installation"], api.Calls.Where(call => call.Text.Contains("/statuses/", StringComparison.Ordinal)).Select(call => call.Authorization));
    }

    private static async Task<(VcsProvider Provider, VcsSession Session)> OpenAsync(string service, ApiStub api, VcsConnectionEdit? more = null)
    {
        var platform = await SharedPlatforms.OfAsync();
        var (connection, _, refusal) = platform.Get<VcsConnectionEditor>().Create(
            Identifier.New<OrganizationId>(),
            (more ?? new VcsConnectionEdit { Token = "the-token" }) with { Service = service, HttpUrl = api.Address, ApiUrl = api.Address },
            TimeProvider.System.GetUtcNow());
        Assert.Null(refusal);
        return (platform.Get<VcsProviders>().Of(connection!), platform.Get<VcsVault>().Open(connection!));
    }

    private sealed class ApiStub : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private ApiStub()
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
            _app = builder.Build();
            _app.Run(AnswerAsync);
        }

        public string Address => _app.Urls.First();

        public ConcurrentQueue<(string Text, string Authorization)> Calls { get; } = new();

        public Dictionary<string, JsonNode> Answers { get; } = [];

        public string? Missing { get; set; }

        public int Status { get; set; } = 200;

        public static async Task<ApiStub> StartAsync()
        {
            var stub = new ApiStub();
            await stub._app.StartAsync();
            return stub;
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task AnswerAsync(HttpContext context)
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            var body = await reader.ReadToEndAsync();
            // As it was sent: a slash within a name is no slash between two.
            var target = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
            Calls.Enqueue(($"{context.Request.Method} {target} {body}", context.Request.Headers.Authorization.ToString()));
            context.Response.StatusCode = target.Split('?')[0] == Missing ? 404 : Status;
            context.Response.Headers.RetryAfter = Status == 429 ? "17" : default(string);
            context.Response.Headers.Location = Status == 302 ? "/elsewhere" : default(string);
            context.Response.ContentType = "application/json";
            var answer = Answers.GetValueOrDefault($"{context.Request.Method} {target}")
                ?? (context.Request.Method == "GET" && target.Contains("hooks", StringComparison.Ordinal) ? new JsonObject { ["values"] = new JsonArray() } : new JsonObject { ["id"] = 11, ["version"] = 3 });
            await context.Response.WriteAsync(answer.ToJsonString());
        }
    }
}
