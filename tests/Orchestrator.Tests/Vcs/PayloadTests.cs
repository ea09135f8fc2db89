using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Orchestrator.Tests.Support;
using Orchestrator.Vcs;
using Orchestrator.Vcs.Comments;
using Orchestrator.Vcs.Providers;

namespace Orchestrator.Tests.Vcs;

/// <summary>What each service sends, published examples among it, and what is read from it.</summary>
public sealed class PayloadTests
{
    private const string Commit = "95790bf891e76fee5e1747ab589903a6a1f80f22";
    private const string Earlier = "da1560886d4f094c3e6c9ef40349f7d38b5d27d7";

    private static readonly VcsHttp Http = new(Options.Create(new VcsOptions()));
    private static readonly GitHub GitHub = new(Http, TimeProvider.System);

    [Fact]
    public void GitHubs_push_names_its_branch_its_commit_and_its_author()
    {
        var change = Assert.Single(Read(GitHub, "push", Example("github-push")).Changes);

        Assert.Equal((VcsChangeKind.Push, "Codertocat/Hello-World", "master", null), (change.Kind, change.Repository, change.Branch, change.Tag));
        Assert.Equal(("6113728f27ae82c7b1a177c8d03f9e96e0adf246", null, "master"), (change.Commit, change.Before, change.DefaultBranch));
        Assert.Equal("Codertocat", change.Sender.Name);
        // A new branch has no commit before it, so nobody knows which files are new.
        Assert.Null(change.Files);
    }

    [Fact]
    public void GitHubs_tags_and_deletions_are_told_apart()
    {
        var tag = Assert.Single(Read(GitHub, "push", Example("github-push-tag")).Changes);

        Assert.Equal((VcsChangeKind.Tag, "simple-tag", null), (tag.Kind, tag.Tag, tag.Branch));
        Assert.Equal("simple-tag was deleted.", Read(GitHub, "push", Example("github-push-deleted")).Ignored);
        Assert.NotNull(Read(GitHub, "ping", Example("github-ping")).Ignored);
    }

    [Theory]
    [InlineData("opened", VcsChangeKind.PullRequest)]
    [InlineData("synchronize", VcsChangeKind.PullRequest)]
    [InlineData("closed", VcsChangeKind.PullRequestClosed)]
    public void GitHubs_pull_requests_name_where_they_come_from_and_where_they_go(string action, VcsChangeKind kind)
    {
        var change = Assert.Single(Read(GitHub, "pull_request", Example($"github-pull-request-{action}")).Changes);

        Assert.Equal((kind, "Codertocat/Hello-World", "master"), (change.Kind, change.Repository, change.Branch));
        Assert.Equal((2, "Update the README with new information.", "changes", false, "refs/pull/2/head"), (
            change.PullRequest!.Number, change.PullRequest.Title, change.PullRequest.HeadBranch, change.PullRequest.IsFork, change.PullRequest.HeadReference));
    }

    [Fact]
    public void Nothing_follows_from_a_label() => Assert.NotNull(Read(GitHub, "pull_request", Example("github-pull-request-labeled")).Ignored);

    [Fact]
    public void The_files_of_a_push_are_known_only_when_all_of_them_are_named()
    {
        string Push(string more, string commits) => $$"""
            {"ref":"refs/heads/main","before":"{{Earlier}}","after":"{{Commit}}","repository":{"full_name":"a/b"},"commits":[{{commits}}]{{more}}}
            """;
        const string one = """{"added":["a.tf"],"modified":["b.tf"],"removed":["c.tf"]}""";

        Assert.Equal(["a.tf", "b.tf", "c.tf"], Assert.Single(Read(GitHub, "push", Push("", one)).Changes).Files!.Order());
        Assert.Null(Assert.Single(Read(GitHub, "push", Push(",\"forced\":true", one)).Changes).Files);
        Assert.Null(Assert.Single(Read(GitHub, "push", Push("", "{}")).Changes).Files);
        Assert.Null(Assert.Single(Read(GitHub, "push", Push("", string.Join(',', Enumerable.Repeat(one, 2048)))).Changes).Files);
        Assert.Null(Assert.Single(Read(new Gitea(Http), "push", Push(",\"total_commits\":30", one)).Changes).Files);
        Assert.NotNull(Assert.Single(Read(new Gitea(Http), "push", Push(",\"total_commits\":1", one)).Changes).Files);
    }

    [Theory]
    [InlineData("""{"ref":"refs/heads/main"}""", "before")]
    [InlineData("""{"ref":7}""", "before")]
    [InlineData("""{"ref":"refs/heads/main","before":"x","after":"y"}""", "before")]
    [InlineData("""{"ref":"refs/heads/main","before":"0000000000000000000000000000000000000000","after":"--upload-pack=x"}""", "after")]
    [InlineData("""{"ref":"refs/heads/main","before":"0000000000000000000000000000000000000000","after":"95790bf891e76fee5e1747ab589903a6a1f80f22"}""", "repository.full_name")]
    public void What_a_payload_lacks_is_named(string payload, string what) =>
        Assert.Contains($"'{what}'", Assert.Throws<VcsPayloadException>(() => Read(GitHub, "push", payload)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_pull_request_whose_repository_is_gone_counts_as_a_forks()
    {
        string Request(string head) => $$$"""
            {"action":"opened","pull_request":{"number":3,"head":{"ref":"x","sha":"{{{Commit}}}","repo":{{{head}}} },"base":{"ref":"main","repo":{"full_name":"acme/network"} } } }
            """;

        Assert.True(Assert.Single(Read(GitHub, "pull_request", Request("null")).Changes).PullRequest!.IsFork);
        Assert.True(Assert.Single(Read(GitHub, "pull_request", Request("""{"full_name":"mallory/network"}""")).Changes).PullRequest!.IsFork);
        Assert.False(Assert.Single(Read(GitHub, "pull_request", Request("""{"full_name":"Acme/Network"}""")).Changes).PullRequest!.IsFork);
    }

    [Fact]
    public void GitLabs_pushes_tags_and_merge_requests_are_read()
    {
        var gitlab = new GitLab(Http);
        const string project = """ "project":{"path_with_namespace":"mike/diaspora","default_branch":"master","web_url":"http://example.com/mike/diaspora"} """;
        var push = Assert.Single(Read(gitlab, "Push Hook", $$"""
            {"object_kind":"push","before":"{{Earlier}}","after":"{{Commit}}","ref":"refs/heads/master","checkout_sha":"{{Commit}}","user_username":"jsmith",{{project}},
             "commits":[{"id":"{{Commit}}","message":"Fix it","author":{"name":"Jordi"},"added":["CHANGELOG"],"modified":["app/x.rb"],"removed":[]}],"total_commits_count":1}
            """).Changes);
        Assert.Equal((VcsChangeKind.Push, "mike/diaspora", "master", Commit, Earlier, "Fix it", "jsmith"), (push.Kind, push.Repository, push.Branch, push.Commit, push.Before, push.Message, push.Sender.Name));
        Assert.Equal(["CHANGELOG", "app/x.rb"], push.Files!.Order(StringComparer.Ordinal));
        var many = Assert.Single(Read(gitlab, "Push Hook", $$"""
            {"before":"{{Earlier}}","after":"{{Commit}}","ref":"refs/heads/master",{{project}},"commits":[{"id":"{{Commit}}","added":[]}],"total_commits_count":40}
            """).Changes);
        Assert.Null(many.Files);
        var tag = Assert.Single(Read(gitlab, "Tag Push Hook", $$"""
            {"before":"0000000000000000000000000000000000000000","after":"{{Earlier}}","checkout_sha":"{{Commit}}","ref":"refs/tags/v1.0.0",{{project}},"commits":[],"total_commits_count":0}
            """).Changes);
        Assert.Equal((VcsChangeKind.Tag, "v1.0.0", Commit), (tag.Kind, tag.Tag, tag.Commit));
        string Merge(string action, string more = "") => $$"""
            {"user":{"username":"root"},{{project}},"object_attributes":{"iid":5,"title":"MS-Viewport","source_branch":"ms-viewport","target_branch":"master","source_project_id":14,"target_project_id":14,
             "last_commit":{"id":"{{Commit}}","message":"fixed readme"},"action":"{{action}}"{{more}} } }
            """;
        var merge = Assert.Single(Read(gitlab, "Merge Request Hook", Merge("open")).Changes);
        Assert.Equal((VcsChangeKind.PullRequest, "master", 5, false), (merge.Kind, merge.Branch, merge.PullRequest!.Number, merge.PullRequest.IsFork));
        Assert.NotNull(Read(gitlab, "Merge Request Hook", Merge("update")).Ignored);
        Assert.Single(Read(gitlab, "Merge Request Hook", Merge("update", $",\"oldrev\":\"{Earlier}\"")).Changes);
        Assert.Equal(VcsChangeKind.PullRequestClosed, Assert.Single(Read(gitlab, "Merge Request Hook", Merge("merge")).Changes).Kind);
        Assert.NotNull(Read(gitlab, "Note Hook", "{}").Ignored);
    }

    [Fact]
    public void Bitbucket_Clouds_pushes_bring_several_changes_and_its_requests_short_hashes()
    {
        var bitbucket = new Bitbucket(Http);
        var pushed = Read(bitbucket, "repo:push", $$"""
            {"actor":{"nickname":"emma"},"repository":{"full_name":"team/repo","mainbranch":{"name":"main"} },"push":{"changes":[
              {"new":{"type":"branch","name":"main","target":{"hash":"{{Commit}}","message":"Fix","author":{"raw":"Emma <e@x>"} } },"old":{"type":"branch","name":"main","target":{"hash":"{{Earlier}}"} },"created":false,"closed":false},
              {"new":{"type":"tag","name":"v1.0.0","target":{"hash":"{{Commit}}"} },"old":null,"created":true,"closed":false},
              {"new":null,"old":{"type":"branch","name":"gone","target":{"hash":"{{Earlier}}"} },"closed":true} ] } }
            """).Changes;
        Assert.Equal([(VcsChangeKind.Push, "main", null, Earlier), (VcsChangeKind.Tag, null, "v1.0.0", null)], pushed.Select(change => (change.Kind, change.Branch, change.Tag, change.Before)));
        Assert.All(pushed, change => Assert.Equal(("team/repo", Commit, "emma", null), (change.Repository, change.Commit, change.Sender.Name, change.Files)));
        var request = Assert.Single(Read(bitbucket, "pullrequest:created", """
            {"actor":{"nickname":"emma"},"pullrequest":{"id":1,"title":"Title","source":{"branch":{"name":"branch2"},"commit":{"hash":"d3022fc0ca3d"},"repository":{"full_name":"other/repo"} },
             "destination":{"branch":{"name":"main"},"commit":{"hash":"ce5965ddd289"},"repository":{"full_name":"team/repo"} } } }
            """).Changes);
        Assert.Equal((VcsChangeKind.PullRequest, "main", "d3022fc0ca3d", true), (request.Kind, request.Branch, request.Commit, request.PullRequest!.IsFork));
        Assert.NotNull(Read(bitbucket, "repo:fork", "{}").Ignored);
    }

    [Fact]
    public void Bitbucket_Data_Centers_pushes_and_requests_are_read()
    {
        var bitbucket = new Bitbucket(Http);
        var push = Assert.Single(Read(bitbucket, "repo:refs_changed", $$"""
            {"actor":{"name":"admin"},"repository":{"slug":"repository","project":{"key":"PROJ"} },"changes":[
              {"ref":{"id":"refs/heads/main","displayId":"main","type":"BRANCH"},"fromHash":"{{Earlier}}","toHash":"{{Commit}}","type":"UPDATE"},
              {"ref":{"id":"refs/heads/gone"},"fromHash":"{{Earlier}}","toHash":"0000000000000000000000000000000000000000","type":"DELETE"} ] }
            """).Changes);
        Assert.Equal((VcsChangeKind.Push, "PROJ/repository", "main", Commit, Earlier), (push.Kind, push.Repository, push.Branch, push.Commit, push.Before));
        string Request() => $$"""
            {"actor":{"name":"admin"},"pullRequest":{"id":1,"title":"a new file","fromRef":{"displayId":"a-branch","latestCommit":"{{Commit}}","repository":{"slug":"repository","project":{"key":"PROJ"} } },
             "toRef":{"displayId":"main","repository":{"slug":"repository","project":{"key":"PROJ"} } } } }
            """;
        Assert.Equal((VcsChangeKind.PullRequest, false), (Assert.Single(Read(bitbucket, "pr:opened", Request()).Changes).Kind, Assert.Single(Read(bitbucket, "pr:opened", Request()).Changes).PullRequest!.IsFork));
        Assert.Equal(VcsChangeKind.PullRequestClosed, Assert.Single(Read(bitbucket, "pr:merged", Request()).Changes).Kind);
    }

    [Fact]
    public void Azure_DevOps_says_in_the_body_what_has_happened()
    {
        var azure = new AzureDevOps(Http);
        const string repository = """ "repository":{"remoteUrl":"https://acme@dev.azure.com/acme/My%20Project/_git/network","defaultBranch":"refs/heads/main"} """;
        var push = Assert.Single(Read(azure, "service-hook", $$"""
            {"id":"1","eventType":"git.push","resource":{ {{repository}},"pushedBy":{"displayName":"Jamal"},"commits":[{"commitId":"{{Commit}}","comment":"Fixed","author":{"name":"Jamal"} }],
             "refUpdates":[{"name":"refs/heads/main","oldObjectId":"{{Earlier}}","newObjectId":"{{Commit}}"}] } }
            """).Changes);
        Assert.Equal((VcsChangeKind.Push, "acme/My Project/_git/network", "main", "Fixed", "Jamal"), (push.Kind, push.Repository, push.Branch, push.Message, push.Sender.Name));
        string Request(string status, string more = "") => $$"""
            {"eventType":"git.pullrequest.updated","resource":{ {{repository}},"pullRequestId":9,"status":"{{status}}","title":"T","sourceRefName":"refs/heads/topic","targetRefName":"refs/heads/main",
             "lastMergeSourceCommit":{"commitId":"{{Commit}}"}{{more}} } }
            """;
        var request = Assert.Single(Read(azure, "service-hook", Request("active")).Changes);
        Assert.Equal((VcsChangeKind.PullRequest, 9, "main", "topic", false), (request.Kind, request.PullRequest!.Number, request.Branch, request.PullRequest.HeadBranch, request.PullRequest.IsFork));
        Assert.True(Assert.Single(Read(azure, "service-hook", Request("active", ",\"forkSource\":{}")).Changes).PullRequest!.IsFork);
        Assert.Equal(VcsChangeKind.PullRequestClosed, Assert.Single(Read(azure, "service-hook", Request("completed")).Changes).Kind);
        Assert.Contains("eventType", Assert.Throws<VcsPayloadException>(() => Read(azure, "service-hook", "{}")).Message, StringComparison.Ordinal);
        string Basic(string password) => $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"anybody:{password}"))}";
        Assert.Null(azure.Refuse(name => name == "Authorization" ? Basic("a:secret") : null, "{}"u8, "a:secret"));
        foreach (var wrong in new[] { null, "", "Basic", "Basic !", Basic("other"), Basic(""), "Bearer a:secret" })
        {
            Assert.NotNull(azure.Refuse(name => name == "Authorization" ? wrong : null, "{}"u8, "a:secret"));
        }
    }

    [Fact]
    public void Comments_on_pull_requests_name_who_has_written_them_by_a_number_that_stays()
    {
        void Holds(VcsProvider provider, string name, string payload, (string Repository, string Id, string Author, bool IsUnique) expected)
        {
            var comment = Read(provider, name, payload).Comment!;
            Assert.Equal((expected.Repository, 7, expected.Id, "orchestrator plan", expected.Author, expected.IsUnique),
                (comment.Repository, comment.PullRequest, comment.Id, comment.Text, comment.Author.Id, comment.Author.NameIsUnique));
        }

        string Hub(string action, string more) => $$"""
            {"action":"{{action}}","issue":{"number":7{{more}} },"comment":{"id":9,"body":"orchestrator plan","user":{"id":5,"login":"ada"} },"repository":{"full_name":"a/b"} }
            """;
        Holds(GitHub, "issue_comment", Hub("created", ",\"pull_request\":{}"), ("a/b", "9", "5", true));
        Assert.Equal("Commands are taken from new comments alone.", Read(GitHub, "issue_comment", Hub("edited", ",\"pull_request\":{}")).Ignored);
        Assert.Equal("It is a comment on no pull request.", Read(GitHub, "issue_comment", Hub("created", "")).Ignored);
        Holds(new Gitea(Http), "pull_request_comment", Hub("created", "").Replace("{\"action\"", "{\"is_pull\":true,\"action\"", StringComparison.Ordinal), ("a/b", "9", "5", true));
        string Note(string type, string action) => $$"""
            {"user":{"id":5,"username":"ada"},"project":{"path_with_namespace":"a/b"},"merge_request":{"iid":7},"object_attributes":{"id":9,"note":"orchestrator plan","noteable_type":"{{type}}"{{action}} } }
            """;
        Holds(new GitLab(Http), "Note Hook", Note("MergeRequest", ""), ("a/b", "9", "5", true));
        Assert.NotNull(Read(new GitLab(Http), "Note Hook", Note("Issue", "")).Ignored);
        Assert.NotNull(Read(new GitLab(Http), "Note Hook", Note("MergeRequest", ",\"action\":\"update\"")).Ignored);
        Holds(new Bitbucket(Http), "pullrequest:comment_created", """
            {"repository":{"full_name":"a/b"},"pullrequest":{"id":7},"comment":{"id":9,"content":{"raw":"orchestrator plan"},"user":{"account_id":"712020:5","nickname":"ada"} } }
            """, ("a/b", "9", "712020:5", false));
        Holds(new Bitbucket(Http), "pr:comment:added", """
            {"comment":{"id":9,"text":"orchestrator plan","author":{"id":5,"name":"ada"} },"pullRequest":{"id":7,"toRef":{"repository":{"slug":"b","project":{"key":"A"} } } } }
            """, ("A/b", "9", "5", true));
        Holds(new AzureDevOps(Http), "service-hook", """
            {"eventType":"ms.vss-code.git-pullrequest-comment-event","resource":{"comment":{"id":2,"content":"orchestrator plan","author":{"id":"5","uniqueName":"ada@x"},
             "_links":{"self":{"href":"https://dev.azure.com/o/_apis/git/repositories/r/pullRequests/7/threads/4/comments/2"} } },
             "pullRequest":{"pullRequestId":7,"repository":{"remoteUrl":"https://dev.azure.com/o/p/_git/b"} } } }
            """, ("o/p/_git/b", "4/2", "5", true));
    }

    [Theory]
    [InlineData("orchestrator plan", CommentVerb.Plan, null)]
    [InlineData("\n  Orchestrator APPLY -w network  \nPlease!", CommentVerb.Apply, "network")]
    [InlineData("orchestrator unlock --workspace network", CommentVerb.Unlock, "network")]
    [InlineData("orchestrator", CommentVerb.Help, null)]
    [InlineData("orchestrator apply network", CommentVerb.Help, null)]
    [InlineData("orchestrator apply -w", CommentVerb.Help, null)]
    [InlineData("orchestrator plan -w a -w b", CommentVerb.Help, null)]
    [InlineData("orchestrator link", CommentVerb.Help, null)]
    public void The_first_line_of_a_comment_is_a_command_when_it_begins_so(string text, CommentVerb verb, string? workspace) =>
        Assert.Equal((verb, workspace), (CommentCommand.Read(text)!.Verb, CommentCommand.Read(text)!.Workspace));

    [Theory]
    [InlineData("")]
    [InlineData("> orchestrator apply -w network")]
    [InlineData("Let us orchestrator apply")]
    [InlineData("`orchestrator apply`")]
    [InlineData("Nice.\norchestrator apply -w network")]
    public void What_is_for_people_is_no_command(string text) => Assert.Null(CommentCommand.Read(text));

    [Fact]
    public void Each_service_proves_itself_in_its_own_way()
    {
        var body = "{}"u8.ToArray();
        const string secret = "a-secret-of-some-length";
        var hmac = Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));
        foreach (var (provider, header, right) in new (VcsProvider, string, string)[]
        {
            (GitHub, "X-Hub-Signature-256", $"sha256={hmac}"),
            (new Gitea(Http), "X-Gitea-Signature", hmac),
            (new GitLab(Http), "X-Gitlab-Token", secret),
            (new Bitbucket(Http), "X-Hub-Signature", $"sha256={hmac}"),
            (new PlainGit(), "X-Hub-Signature-256", $"sha256={hmac}"),
        })
        {
            Assert.Null(provider.Refuse(name => name == header ? right : null, body, secret));
            foreach (var wrong in new[] { null, "", "x", right[..^1], right + "0", right[..^1] + (right[^1] == '0' ? '1' : '0') })
            {
                Assert.NotNull(provider.Refuse(name => name == header ? wrong : null, body, secret));
            }
            if (header != "X-Gitlab-Token")
            {
                Assert.NotNull(provider.Refuse(name => name == header ? right : null, "{ }"u8, secret));
            }
        }
    }

    private static VcsEvent Read(VcsProvider provider, string name, string payload) => provider.Read(name, JsonDocument.Parse(payload).RootElement);

    private static string Example(string name) => File.ReadAllText(Path.Combine(Repository.Root, "tests", "Orchestrator.Tests", "Vcs", "Payloads", name + ".json"));
}
