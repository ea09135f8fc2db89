using System.Text.Json.Nodes;

namespace Orchestrator.Web.Tests.Vcs;

/// <summary>What each service sends, as far as it is read.</summary>
internal static class ServicePayloads
{
    private const string Nothing = "0000000000000000000000000000000000000000";

    /// <summary>A push of a new branch <c>main</c>.</summary>
    public static JsonNode Push(string service, string repository, string host, string commit) => JsonNode.Parse(service switch
    {
        "gitlab_community_edition" => $$"""
            {"before":"{{Nothing}}","after":"{{commit}}","ref":"refs/heads/main","checkout_sha":"{{commit}}","user_username":"ada",
             "project":{"path_with_namespace":"{{repository}}","default_branch":"main"},"commits":[],"total_commits_count":0}
            """,
        "bitbucket_hosted" => $$"""
            {"actor":{"nickname":"ada"},"repository":{"full_name":"{{repository}}","mainbranch":{"name":"main"} },
             "push":{"changes":[{"new":{"type":"branch","name":"main","target":{"hash":"{{commit}}"} },"old":null}]} }
            """,
        "bitbucket_data_center" => $$"""
            {"actor":{"name":"ada"},"repository":{{ServerRepository(repository)}},
             "changes":[{"ref":{"id":"refs/heads/main"},"fromHash":"{{Nothing}}","toHash":"{{commit}}","type":"UPDATE"}]}
            """,
        "ado_server" => $$"""
            {"eventType":"git.push","resource":{"repository":{{AzureRepository(repository, host)}},"pushedBy":{"displayName":"Ada"},"commits":[],
             "refUpdates":[{"name":"refs/heads/main","oldObjectId":"{{Nothing}}","newObjectId":"{{commit}}"}]} }
            """,
        _ => $$"""
            {"ref":"refs/heads/main","before":"{{Nothing}}","after":"{{commit}}","commits":[],"repository":{"full_name":"{{repository}}","default_branch":"main"},"sender":{"login":"ada"} }
            """,
    })!;

    /// <summary>Pull request 7, from the branch <c>theirs</c> of a stranger's fork to <c>main</c>.</summary>
    public static JsonNode PullRequest(string service, string repository, string host, string commit) => JsonNode.Parse(service switch
    {
        "gitlab_community_edition" => $$"""
            {"user":{"username":"mallory"},"project":{"path_with_namespace":"{{repository}}","default_branch":"main"},
             "object_attributes":{"iid":7,"title":"Propose","source_branch":"theirs","target_branch":"main","source_project_id":2,"target_project_id":1,"last_commit":{"id":"{{commit}}"},"action":"open"} }
            """,
        "bitbucket_hosted" => $$"""
            {"actor":{"nickname":"mallory"},"repository":{"full_name":"{{repository}}"},"pullrequest":{"id":7,"title":"Propose",
             "source":{"branch":{"name":"theirs"},"commit":{"hash":"{{commit[..12]}}"},"repository":{"full_name":"mallory/network"} },
             "destination":{"branch":{"name":"main"},"repository":{"full_name":"{{repository}}"} } } }
            """,
        "bitbucket_data_center" => $$"""
            {"actor":{"name":"mallory"},"pullRequest":{"id":7,"title":"Propose",
             "fromRef":{"displayId":"theirs","latestCommit":"{{commit}}","repository":{{ServerRepository("~MALLORY/network")}} },
             "toRef":{"displayId":"main","repository":{{ServerRepository(repository)}} } } }
            """,
        "ado_server" => $$"""
            {"eventType":"git.pullrequest.created","resource":{"repository":{{AzureRepository(repository, host)}},"pullRequestId":7,"status":"active","title":"Propose",
             "sourceRefName":"refs/heads/theirs","targetRefName":"refs/heads/main","lastMergeSourceCommit":{"commitId":"{{commit}}"},"forkSource":{"name":"refs/heads/theirs"} } }
            """,
        _ => $$"""
            {"action":"opened","number":7,"pull_request":{"number":7,"title":"Propose","head":{"sha":"{{commit}}","ref":"theirs","repo":{"full_name":"mallory/network"} },
             "base":{"ref":"main","repo":{"full_name":"{{repository}}","default_branch":"main"} } },"repository":{"full_name":"{{repository}}"},"sender":{"login":"mallory"} }
            """,
    })!;

    private static string ServerRepository(string name) => $$"""{"slug":"{{name.Split('/')[1]}}","project":{"key":"{{name.Split('/')[0]}}"} }""";

    private static string AzureRepository(string name, string host) => $$"""{"remoteUrl":"{{host}}/{{name.Replace(" ", "%20", StringComparison.Ordinal)}}","defaultBranch":"refs/heads/main"}""";
}
