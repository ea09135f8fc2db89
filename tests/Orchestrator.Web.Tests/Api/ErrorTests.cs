using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Api;

public sealed class ErrorTests
{
    [Theory]
    [InlineData("", 400)]
    [InlineData("   \n", 400)]
    [InlineData("{", 400)]
    [InlineData("hello", 400)]
    [InlineData("null", 400)]
    [InlineData("[]", 400)]
    [InlineData("7", 400)]
    [InlineData("{}", 400)]
    [InlineData("""{"data":null}""", 400)]
    [InlineData("""{"data":"text"}""", 400)]
    [InlineData("""{"data":[]}""", 400)]
    [InlineData("""{"data":{"attributes":{"name":"\ud800"}}}""", 422)]
    [InlineData("""{"data":{}}""", 422)]
    [InlineData("""{"data":{"attributes":null}}""", 422)]
    [InlineData("""{"data":{"attributes":"text"}}""", 422, "/data/attributes")]
    [InlineData("""{"data":{"attributes":{"name":7}}}""", 422)]
    [InlineData("""{"data":{"attributes":{"name":{"deep":true}}}}""", 422)]
    [InlineData("""{"data":{"attributes":{"name":["a"]}}}""", 422)]
    [InlineData("""{"data":{"attributes":{"name":""}}}""", 422)]
    [InlineData("""{"data":{"attributes":{"name":"with space"}}}""", 422)]
    [InlineData("""{"data":{"attributes":{"name":"with:colon"}}}""", 422)]
    [InlineData("""{"data":{"attributes":{"name":"with*star"}}}""", 422)]
    [InlineData("""{"data":{"attributes":{"name":"with/slash"}}}""", 422)]
    [InlineData("""{"data":{"attributes":{"name":".."}}}""", 422)]
    [InlineData("""{"data":{"attributes":{"name":"trailing\n"}}}""", 422)]
    [InlineData("""{"data":{"attributes":{"name":"nul\u0000"}}}""", 422)]
    [InlineData("""{"data":{"attributes":{"name":"ünïcode"}}}""", 422)]
    [InlineData("""{"data":{"attributes":{"name":"a2345678901234567890123456789012345678901"}}}""", 422)]
    public async Task An_organization_that_cannot_be_is_refused_with_a_reason(string body, int status, string pointer = "/data/attributes/name")
    {
        var platform = await SharedPlatforms.OfAsync();

        var refused = (await platform.Api.SendTextAsync(HttpMethod.Post, "organizations", body)).ExpectError(status);

        Assert.NotEmpty(refused.Error["detail"]!.GetValue<string>());
        if (status == 422)
        {
            Assert.Equal(pointer, refused.Pointer);
        }
    }

    [Theory]
    [InlineData("""{"name":"ok","auto-apply":"yes"}""", "auto-apply")]
    [InlineData("""{"name":"ok","auto-apply":1}""", "auto-apply")]
    [InlineData("""{"name":"ok","working-directory":"../../etc"}""", "working-directory")]
    [InlineData("""{"name":"ok","working-directory":7}""", "working-directory")]
    [InlineData("""{"name":"ok","execution-mode":"agent"}""", "agent-pool-id")]
    [InlineData("""{"name":"ok","execution-mode":"on the moon"}""", "execution-mode")]
    [InlineData("""{"name":"ok","terraform-version":""}""", "terraform-version")]
    [InlineData("""{"name":"not ok"}""", "name")]
    [InlineData("""{"auto-apply":true}""", "name")]
    public async Task A_workspace_that_cannot_be_is_refused_with_a_reason(string attributes, string attribute)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);

        var refused = await platform.Api.SendTextAsync(
            HttpMethod.Post, $"organizations/{workspace.Organization}/workspaces", With(attributes));

        Assert.Equal($"/data/attributes/{attribute}", refused.ExpectError(422).Pointer);
    }

    [Theory]
    [InlineData("""{"key":"k"}""", "category")]
    [InlineData("""{"key":"k","category":"moon"}""", "category")]
    [InlineData("""{"key":"","category":"env"}""", "key")]
    [InlineData("""{"key":"a b","category":"env"}""", "key")]
    [InlineData("""{"key":"A=B","category":"env"}""", "key")]
    [InlineData("""{"category":"env"}""", "key")]
    [InlineData("""{"key":"k","category":"terraform","hcl":"maybe"}""", "hcl")]
    [InlineData("""{"key":"k","category":"env","value":7}""", "value")]
    [InlineData("""{"key":"TFC_AWS_RUN_ROLE_ARN","category":"env","value":"not-an-arn"}""", "value")]
    [InlineData("""{"key":"TFC_AWS_PROVIDER_AUTH","category":"env","value":"yes"}""", "value")]
    public async Task A_variable_that_cannot_be_is_refused_with_a_reason(string attributes, string attribute)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);

        var refused = await platform.Api.SendTextAsync(
            HttpMethod.Post, $"workspaces/{workspace.Id}/vars", With(attributes));

        Assert.Equal($"/data/attributes/{attribute}", refused.ExpectError(422).Pointer);
    }

    [Fact]
    public async Task A_name_is_given_once()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.SetAsync("key", "value");
        JsonObject Named(string name) => new() { ["name"] = name };

        Answer[] refused =
        [
            await platform.Api.PostAsync("organizations", ApiClient.Document("organizations", Named(workspace.Organization))),
            await platform.Api.PostAsync($"organizations/{workspace.Organization}/workspaces", ApiClient.Document("workspaces", Named(workspace.Name))),
            await platform.Api.PostAsync($"organizations/{workspace.Organization}/projects", ApiClient.Document("projects", Named("Default Project"))),
        ];
        var variable = await platform.Api.PostAsync($"workspaces/{workspace.Id}/vars", ApiClient.Document("vars", new JsonObject
        {
            ["key"] = "key",
            ["category"] = "terraform",
        }));

        Assert.All(refused, answer => Assert.Equal("/data/attributes/name", answer.ExpectError(422).Pointer));
        Assert.All(refused, answer => Assert.Equal("Name has already been taken", answer.Error["detail"]!.GetValue<string>()));
        Assert.Equal("/data/attributes/key", variable.ExpectError(422).Pointer);
        // The same key in the other category is another variable.
        await workspace.SetAsync("key", "value", "env");
    }

    [Fact]
    public async Task Of_many_who_want_a_name_at_once_one_gets_it()
    {
        var platform = await SharedPlatforms.OfAsync();
        var name = TestWorkspace.NewName("race");

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            platform.Api.PostAsync("organizations", ApiClient.Document("organizations", new JsonObject { ["name"] = name }))));

        Assert.Single(answers, answer => answer.Status == 201);
        Assert.All(answers.Where(answer => answer.Status != 201), answer => answer.ExpectError(422));
        Assert.Single((await platform.Api.GetAsync($"organizations/{name}/projects")).Expect(200).Json["data"]!.AsArray());
    }

    /// <summary>Whatever a value is: it is taken or refused, and never breaks the server.</summary>
    [Fact]
    public async Task No_value_of_any_attribute_breaks_the_server()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var configuration = await workspace.UploadSampleAsync("hello");
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/lock")).Expect(200);
        var run = await workspace.StartAsync();
        var set = await platform.Api.CreateSetAsync(workspace.Organization, "set", null);
        var count = 0;
        (HttpMethod Method, string Path, string Valid, string[] Attributes)[] requests =
        [
            (HttpMethod.Post, "organizations", """{"name":"NAME"}""", ["name", "email"]),
            (HttpMethod.Post, $"organizations/{workspace.Organization}/projects", """{"name":"NAME"}""", ["name", "description"]),
            (HttpMethod.Post, $"organizations/{workspace.Organization}/workspaces", """{"name":"NAME"}""",
                ["name", "description", "execution-mode", "operations", "auto-apply", "terraform-version", "working-directory"]),
            (HttpMethod.Patch, $"workspaces/{workspace.Id}", "{}", ["description", "allow-destroy-plan", "terraform-version", "working-directory"]),
            (HttpMethod.Post, $"workspaces/{workspace.Id}/vars", """{"key":"NAME","category":"env","value":"x"}""",
                ["key", "value", "description", "category", "hcl", "sensitive"]),
            (HttpMethod.Post, $"organizations/{workspace.Organization}/varsets", """{"name":"NAME"}""", ["name", "description", "global", "priority"]),
            (HttpMethod.Post, $"varsets/{set}/relationships/vars", """{"key":"NAME","category":"env","value":"x"}""",
                ["key", "value", "description", "category", "hcl", "sensitive"]),
            (HttpMethod.Patch, $"varsets/{set}", "{}", ["name", "description", "priority"]),
            (HttpMethod.Post, $"workspaces/{workspace.Id}/configuration-versions", "{}", ["auto-queue-runs", "speculative", "provisional"]),
            (HttpMethod.Post, $"workspaces/{workspace.Id}/state-versions", """{"serial":1,"md5":"00000000000000000000000000000000","lineage":"l"}""",
                ["serial", "md5", "lineage", "force", "state"]),
            (HttpMethod.Post, $"workspaces/{workspace.Id}/actions/lock", "{}", ["reason"]),
            (HttpMethod.Patch, $"workspaces/{workspace.Id}/credential-policy", "{}",
                ["delivery", "speculative", "read-only-plan", "session-tags", "allowed-roles"]),
        ];
        string[] values =
        [
            "null", "true", "7", "-1", "1e400", "99999999999999999999", "\"\"", "\" \"", "\"\\u0000\"", "\"a\\u0000b\"", "\"\\ud800\"", "\"\\ufffe\"", "[]", "[null]", "{}",
            "\"" + new string('x', 70_000) + "\"", "\"" + string.Concat(Enumerable.Repeat("𝄞", 300)) + "\"", "\"'; drop table runs; --\"", "\"../../etc/passwd\"",
        ];
        foreach (var (method, path, valid, attributes) in requests)
        {
            foreach (var attribute in attributes)
            {
                foreach (var value in values)
                {
                    var document = JsonNode.Parse(valid.Replace("NAME", $"fuzz{count++}", StringComparison.Ordinal))!.AsObject();
                    document.Remove(attribute);
                    var members = document.Select(member => $"\"{member.Key}\":{member.Value!.ToJsonString()}").Append($"\"{attribute}\":{value}");
                    var answer = await platform.Api.SendTextAsync(method, path, With("{" + string.Join(',', members) + "}"));
                    Assert.True(answer.Status < 500, $"{method} {path} with {attribute} = {value[..Math.Min(40, value.Length)]}: {answer.Status} {answer.Text}");
                    if (answer.Status >= 400)
                    {
                        answer.ExpectError(answer.Status);
                    }
                }
            }
        }
        var template = ApiClient.Document(
            "runs", new JsonObject { ["VALUE"] = 0 }, ("workspace", "workspaces", workspace.Id), ("configuration-version", "configuration-versions", configuration))
            .ToJsonString().Replace("\"VALUE\":0", "VALUE", StringComparison.Ordinal);
        foreach (var value in values)
        {
            foreach (var attribute in new[] { "message", "target-addrs", "replace-addrs", "variables", "is-destroy", "refresh" })
            {
                var answer = await platform.Api.SendTextAsync(
                    HttpMethod.Post, "runs", template.Replace("VALUE", $"\"{attribute}\":{value}", StringComparison.Ordinal));
                Assert.True(answer.Status < 500, $"POST runs with {attribute} = {value[..Math.Min(40, value.Length)]}: {answer.Status} {answer.Text}");
            }
            // Nobody may confirm a pending run, but everybody may try.
            var comment = await platform.Api.SendTextAsync(HttpMethod.Post, $"runs/{run.Id}/actions/apply", "{\"comment\":" + value + "}");
            Assert.Contains(comment.Status, new[] { 400, 409, 422 });
            var related = await platform.Api.SendTextAsync(
                HttpMethod.Post, "runs", "{\"data\":{\"relationships\":{\"workspace\":{\"data\":{\"id\":" + value + "}}}}}");
            Assert.Contains(related.Status, new[] { 400, 422 });
        }
        foreach (var value in values.Append("[[]]").Append("[7]").Append("""[{"id":7}]""").Append("""[{"id":"a\u0000b"}]""").Append("""[{"attributes":[]}]"""))
        {
            foreach (var (method, path) in new[]
            {
                (HttpMethod.Post, $"varsets/{set}/relationships/workspaces"), (HttpMethod.Delete, $"varsets/{set}/relationships/projects"),
                (HttpMethod.Patch, $"workspaces/{workspace.Id}/relationships/vars"),
            })
            {
                var answer = await platform.Api.SendTextAsync(method, path, "{\"data\":" + value + "}");
                Assert.True(answer.Status < 500, $"{method} {path} with {value[..Math.Min(40, value.Length)]}: {answer.Status} {answer.Text}");
            }
            foreach (var relation in new[] { "vars", "workspaces", "projects", "parent" })
            {
                var answer = await platform.Api.SendTextAsync(
                    HttpMethod.Patch, $"varsets/{set}", "{\"data\":{\"relationships\":{\"" + relation + "\":{\"data\":" + value + "}}}}");
                Assert.True(answer.Status < 500, $"{relation} {value[..Math.Min(40, value.Length)]}: {answer.Status} {answer.Text}");
            }
        }
        var cancelled = await platform.Api.SendTextAsync(
            HttpMethod.Post, $"runs/{run.Id}/actions/cancel", "{\"comment\":\"" + new string('y', 70_000) + "\"}");
        Assert.Contains(cancelled.Status, new[] { 202, 422 });
    }

    [Fact]
    public async Task No_query_breaks_the_server()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        foreach (var value in new[] { "%00", "a%00b", "%ff", "%25", "-1", "0", "x", "99999999999999999999", "2147483647", "'", "%F0%9D%84%9E" })
        {
            foreach (var path in new[]
            {
                $"organizations?page%5Bnumber%5D={value}",
                $"organizations?page%5Bsize%5D={value}",
                $"organizations/{workspace.Organization}/workspaces?search%5Bname%5D={value}",
                $"organizations/{workspace.Organization}/workspaces?filter%5Bproject%5D%5Bid%5D={value}",
                $"organizations/{workspace.Organization}/projects?filter%5Bnames%5D={value}",
                $"workspaces/{workspace.Id}/runs?filter%5Bstatus%5D={value}&filter%5Boperation%5D={value}",
                $"organizations/{workspace.Organization}/credential-grants?filter%5Brun%5D={value}&filter%5Brole%5D={value}&search%5Bquery%5D={value}",
                $"workspaces/{workspace.Id}/credential-grants/export?filter%5Bsince%5D={value}",
                $"organizations/{workspace.Organization}/varsets?q={value}&filter%5Bglobal%5D={value}&scope={value}",
                $"vars?filter%5Borganization%5D%5Bname%5D={value}&filter%5Bworkspace%5D%5Bname%5D={value}",
                $"varsets/{value}",
                $"organizations/{value}",
                $"runs/{value}",
                $"workspaces/{workspace.Id}/vars/{value}",
                $"logs/plans/{value}?offset={value}&limit={value}",
            })
            {
                var answer = await platform.Api.GetAsync(path);
                Assert.True(answer.Status < 500, $"{path}: {answer.Status} {answer.Text}");
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_that_is_too_large_is_refused(bool withLength)
    {
        var platform = await SharedPlatforms.OfAsync();
        var body = Encoding.UTF8.GetBytes(With("{\"name\":\"" + new string('x', 5 * 1024 * 1024) + "\"}"));
        HttpContent content = withLength ? new ByteArrayContent(body) : new StreamContent(new Unmeasured(body));

        var refused = await platform.Api.SendAsync(HttpMethod.Post, "organizations", content);

        refused.ExpectError(413);
    }

    [Theory]
    [InlineData("organizations/no-such-thing")]
    [InlineData("organizations/no-such-thing/entitlement-set")]
    [InlineData("organizations/no-such-thing/projects")]
    [InlineData("organizations/no-such-thing/workspaces")]
    [InlineData("organizations/no-such-thing/workspaces/nor-this")]
    [InlineData("projects/prj-0000000000000000")]
    [InlineData("workspaces/ws-0000000000000000")]
    [InlineData("workspaces/ws-0000000000000000/vars")]
    [InlineData("workspaces/ws-0000000000000000/all-vars")]
    [InlineData("workspaces/ws-0000000000000000/effective-vars")]
    [InlineData("workspaces/ws-0000000000000000/varsets")]
    [InlineData("projects/prj-0000000000000000/varsets")]
    [InlineData("organizations/no-such-thing/varsets")]
    [InlineData("varsets/varset-0000000000000000")]
    [InlineData("varsets/varset-0000000000000000/relationships/vars")]
    [InlineData("workspaces/ws-0000000000000000/credential-trust")]
    [InlineData("workspaces/ws-0000000000000000/runs")]
    [InlineData("workspaces/ws-0000000000000000/configuration-versions")]
    [InlineData("workspaces/ws-0000000000000000/state-versions")]
    [InlineData("workspaces/ws-0000000000000000/current-state-version")]
    [InlineData("configuration-versions/cv-0000000000000000")]
    [InlineData("runs/run-0000000000000000")]
    [InlineData("runs/run-0000000000000000/plan")]
    [InlineData("runs/run-0000000000000000/run-events")]
    [InlineData("plans/plan-0000000000000000")]
    [InlineData("plans/plan-0000000000000000/json-output")]
    [InlineData("applies/apply-0000000000000000")]
    [InlineData("state-versions/sv-0000000000000000")]
    [InlineData("no/such/route")]
    [InlineData("no/such/file.json")]
    [InlineData("")]
    public async Task What_does_not_exist_is_not_found(string path)
    {
        var platform = await SharedPlatforms.OfAsync();

        (await platform.Api.GetAsync(path.Length == 0 ? "/api/v2" : path)).ExpectError(404);
    }

    [Theory]
    [InlineData("DELETE", "ping", "GET")]
    [InlineData("PUT", "organizations/no-such-thing", "DELETE")]
    [InlineData("GET", "runs/run-0000000000000000/actions/apply", "POST")]
    [InlineData("OPTIONS", "organizations", "POST")]
    public async Task A_method_that_a_route_does_not_know_is_refused_with_those_it_does(string method, string path, string known)
    {
        var platform = await SharedPlatforms.OfAsync();

        var refused = (await platform.Api.SendAsync(new HttpMethod(method), path)).ExpectError(405);

        Assert.Contains(known, refused.ContentHeaders.Allow);
        (await platform.Anonymous.SendAsync(new HttpMethod(method), path)).ExpectError(401);
    }

    [Theory]
    [InlineData("application/vnd.api+json", 422)]
    [InlineData("application/json; charset=utf-8", 422)]
    [InlineData("application/x-www-form-urlencoded", 422)]
    [InlineData("", 422)]
    [InlineData("application/xml", 415)]
    [InlineData("multipart/form-data; boundary=x", 415)]
    public async Task Only_a_body_that_cannot_be_json_is_refused_for_its_type(string type, int status)
    {
        var platform = await SharedPlatforms.OfAsync();
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(With("{\"name\":\"not a name\"}")));
        if (type.Length > 0)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        (await platform.Api.SendAsync(HttpMethod.Post, "organizations", content)).ExpectError(status);
    }

    [Fact]
    public async Task What_does_not_exist_cannot_be_changed()
    {
        var platform = await SharedPlatforms.OfAsync();
        foreach (var route in Access.ApiRoute.AllOf(platform).Where(route => route.Method != HttpMethod.Get && route.Pattern.Contains('{', StringComparison.Ordinal)))
        {
            var path = route.Path(name => $"{name}-0000000000000000");
            var answer = await platform.Api.SendAsync(
                route.Method, path, new StringContent("""{"data":{"attributes":{"name":"Some-name","serial":1,"md5":"00000000000000000000000000000000","state":"e30="}}}"""));
            Assert.True(answer.Status is 404 or 409, $"{route}: {answer.Status} {answer.Text}");
            answer.ExpectError(answer.Status);
        }
    }

    [Fact]
    public async Task What_belongs_to_another_is_not_found_here()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (mine, other) = (await TestWorkspace.CreateAsync(platform.Api), await TestWorkspace.CreateAsync(platform.Api));
        await other.SetAsync("key", "value");
        var configuration = await other.UploadSampleAsync("hello");
        var variable = (await platform.Api.GetAsync($"workspaces/{other.Id}/vars")).Json["data"]![0]!["id"]!.GetValue<string>();
        var project = (await other.ReadAsync()).RelatedId("project");

        (await platform.Api.GetAsync($"workspaces/{mine.Id}/vars/{variable}")).ExpectError(404);
        (await platform.Api.DeleteAsync($"workspaces/{mine.Id}/vars/{variable}")).ExpectError(404);
        (await platform.Api.GetAsync($"organizations/{mine.Organization}/workspaces/{other.Name}")).ExpectError(404);
        Assert.Equal("/data/relationships/configuration-version", (await platform.Api.PostAsync("runs", ApiClient.Document(
            "runs", null, ("workspace", "workspaces", mine.Id), ("configuration-version", "configuration-versions", configuration)))).ExpectError(422).Pointer);
        Assert.Equal("/data/relationships/project", (await platform.Api.PatchAsync($"workspaces/{mine.Id}", ApiClient.Document(
            "workspaces", null, ("project", "projects", project)))).ExpectError(422).Pointer);
        Assert.Equal("/data/relationships/project", (await platform.Api.PostAsync($"organizations/{mine.Organization}/workspaces", ApiClient.Document(
            "workspaces", new JsonObject { ["name"] = "another" }, ("project", "projects", project)))).ExpectError(422).Pointer);
    }

    [Theory]
    [InlineData("""{"data":{"type":"runs","attributes":{}}}""")]
    [InlineData("""{"data":{"type":"runs","relationships":{}}}""")]
    [InlineData("""{"data":{"type":"runs","relationships":{"workspace":{}}}}""")]
    [InlineData("""{"data":{"type":"runs","relationships":{"workspace":{"data":null}}}}""")]
    [InlineData("""{"data":{"type":"runs","relationships":{"workspace":{"data":[]}}}}""")]
    [InlineData("""{"data":{"type":"runs","relationships":{"workspace":null}}}""")]
    [InlineData("""{"data":{"type":"runs","relationships":{"workspace":"ws-0000000000000000"}}}""")]
    [InlineData("""{"data":{"type":"runs","relationships":{"workspace":[]}}}""")]
    [InlineData("""{"data":{"type":"runs","relationships":{"workspace":{"data":"ws-0000000000000000"}}}}""")]
    [InlineData("""{"data":{"type":"runs","relationships":{"workspace":{"data":[{"id":"ws-0000000000000000"}]}}}}""")]
    [InlineData("""{"data":{"type":"runs","relationships":{"workspace":{"data":{}}}}}""")]
    [InlineData("""{"data":{"type":"runs","relationships":{"workspace":{"data":{"id":null}}}}}""")]
    [InlineData("""{"data":{"type":"runs","relationships":{"workspace":{"data":{"id":""}}}}}""")]
    [InlineData("""{"data":{"type":"runs","relationships":{"workspace":{"data":{"id":7}}}}}""")]
    [InlineData("""{"data":{"type":"runs","relationships":{"workspace":{"data":{"id":"\u0000"}}}}}""")]
    [InlineData("""{"data":{"type":"runs","relationships":{"workspace":{"data":{"id":"ws-0000000000000000"}}}}}""")]
    public async Task A_run_names_its_workspace(string body)
    {
        var platform = await SharedPlatforms.OfAsync();

        Assert.Equal("/data/relationships/workspace", (await platform.Api.SendTextAsync(HttpMethod.Post, "runs", body)).ExpectError(422).Pointer);
    }

    [Fact]
    public async Task A_workspace_without_a_configuration_runs_nothing()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);

        var refused = (await platform.Api.PostAsync("runs", ApiClient.Document("runs", null, ("workspace", "workspaces", workspace.Id)))).ExpectError(422);

        Assert.Equal("/data/relationships/configuration-version", refused.Pointer);
        Assert.Contains("no configuration yet", refused.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"data":{"type":"","attributes":{"reason":"because"}}}""", "because")]
    [InlineData("""{"reason":"because"}""", "because")]
    [InlineData("""{"data":{"type":"anything","id":"ignored","attributes":{"reason":"because","unknown":{"a":[1]}},"meta":7},"jsonapi":{}}""", "because")]
    [InlineData("", "")]
    [InlineData("{}", "")]
    public async Task Types_and_unknown_members_are_not_looked_at(string body, string reason)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api, new JsonObject { ["there-is-no-such-attribute"] = new JsonObject { ["a"] = 1 } });

        var locked = (await platform.Api.SendTextAsync(HttpMethod.Post, $"workspaces/{workspace.Id}/actions/lock", body)).Expect(200);

        Assert.Equal(reason, locked.Attributes["locked-reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task Lock_conflicts_are_told_in_the_words_that_clients_look_for()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        string Of(string action) => $"workspaces/{workspace.Id}/actions/{action}";

        (await platform.Api.PostAsync(Of("unlock"))).ExpectError(409);
        (await platform.Api.PostAsync(Of("force-unlock"))).ExpectError(409);
        (await platform.Api.PostAsync(Of("lock"))).Expect(200);
        (await platform.Api.PostAsync(Of("lock"))).ExpectError(409);
        (await platform.Api.PostAsync(Of("unlock"))).Expect(200);
        await workspace.UploadSampleAsync("hello");
        await (await workspace.StartAsync()).ReachAsync("planned");
        Assert.Contains("is locked by Run", (await platform.Api.PostAsync(Of("unlock"))).ExpectError(409).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_is_a_stretch_of_the_whole()
    {
        var platform = await SharedPlatforms.OfAsync();
        var organization = TestWorkspace.NewName("pages");
        foreach (var name in new[] { "a", "b", "c", "d", "e" })
        {
            await TestWorkspace.CreateAsync(platform.Api, organization: organization, name: name);
        }

        async Task<(string Names, JsonNode Pagination)> PageAsync(int number)
        {
            var page = (await platform.Api.GetAsync($"organizations/{organization}/workspaces?page%5Bnumber%5D={number}&page%5Bsize%5D=2")).Expect(200).Json;
            return (string.Concat(page["data"]!.AsArray().Select(row => row!["attributes"]!["name"]!.GetValue<string>())), page["meta"]!["pagination"]!);
        }
        var pages = new[] { await PageAsync(1), await PageAsync(2), await PageAsync(3), await PageAsync(4) };

        Assert.Equal(["ab", "cd", "e", ""], pages.Select(page => page.Names));
        Assert.All(pages, page => Assert.Equal((3, 5), (page.Pagination["total-pages"]!.GetValue<int>(), page.Pagination["total-count"]!.GetValue<int>())));
        Assert.Null(pages[0].Pagination["prev-page"]);
        Assert.Equal(2, pages[0].Pagination["next-page"]!.GetValue<int>());
        Assert.Null(pages[2].Pagination["next-page"]);
    }

    [Fact]
    public async Task A_workspace_is_changed_member_by_member()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api, new JsonObject { ["description"] = "before", ["working-directory"] = "envs" });

        // Without an id in the body, as clients send it.
        var patched = (await platform.Api.PatchAsync($"workspaces/{workspace.Id}", ApiClient.Document("workspaces", new JsonObject
        {
            ["description"] = null,
            ["auto-apply"] = true,
        }))).Expect(200);

        Assert.Null(patched.Attributes["description"]);
        Assert.True(patched.Attributes["auto-apply"]!.GetValue<bool>());
        Assert.Equal("envs", patched.Attributes["working-directory"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_is_in_use_is_not_deleted()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        var run = await workspace.StartAsync();
        await run.ReachAsync("planned");
        var project = (await workspace.ReadAsync()).RelatedId("project");

        (await platform.Api.DeleteAsync($"projects/{project}")).ExpectError(409);
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/safe-delete")).ExpectError(409);

        (await run.ActAsync("discard")).Expect(202);
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/safe-delete")).Expect(204);
        (await platform.Api.GetAsync($"runs/{run.Id}")).ExpectError(404);
        (await platform.Api.DeleteAsync($"organizations/{workspace.Organization}")).Expect(204);
        (await platform.Api.GetAsync($"organizations/{workspace.Organization}")).ExpectError(404);
    }

    private static string With(string attributes) => "{\"data\":{\"attributes\":" + attributes + "}}";

    /// <summary>A stream of unknown length, which is sent in chunks.</summary>
    private sealed class Unmeasured(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }
}
