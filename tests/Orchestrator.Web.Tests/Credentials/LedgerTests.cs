using System.Text.Json.Nodes;
using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Credentials;

public sealed class LedgerTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory, EachDatabase]
    public async Task The_ledger_of_a_run_its_workspace_and_its_organization_is_one(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var (workspace, run) = await FillAsync(platform, 2);

        foreach (var path in new[] { $"runs/{run.Id}", $"workspaces/{workspace.Id}", $"organizations/{workspace.Organization}" })
        {
            var answer = (await platform.Api.GetAsync($"{path}/credential-grants")).Expect(200);
            CommittedDocument.Compare("credential-grants", answer.Json, new Dictionary<string, string> { [$"{path}/credential-grants"] = "<path>" });
        }
    }

    [Theory, EachDatabase]
    public async Task The_ledger_is_searched_and_paged_and_the_next_page_is_of_the_same_search(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var (workspace, run) = await FillAsync(platform, 7);
        var path = $"organizations/{workspace.Organization}/credential-grants";

        var first = (await platform.Api.GetAsync($"{path}?filter%5Bresult%5D=granted&page%5Bsize%5D=2")).Expect(200).Json;
        var second = (await platform.Api.GetAsync(first["links"]!["next"]!.GetValue<string>())).Expect(200).Json;

        Assert.Equal(4, first["meta"]!["pagination"]!["total-count"]!.GetValue<int>());
        Assert.Equal(["jti-6", "jti-4", "jti-2", "jti-0"], Tokens(first["data"]!).Concat(Tokens(second["data"]!)));
        Assert.Equal(["jti-3"], await FindAsync("search%5Bquery%5D=KEY3"));
        Assert.Equal(["jti-5", "jti-3", "jti-1"], await FindAsync("filter%5Bresult%5D=refused&filter%5Bphase%5D=apply"));
        Assert.Equal(["jti-6"], await FindAsync("filter%5Bsince%5D=2026-03-01T18:00:00Z"));
        Assert.Equal(7, (await FindAsync($"filter%5Brun%5D={run.Id}&filter%5Bprovider%5D=aws&filter%5Brole%5D=role/team&filter%5Buntil%5D=2026-03-01")).Length);

        async Task<string[]> FindAsync(string query) => [.. Tokens((await platform.Api.GetAsync($"{path}?{query}")).Expect(200).Json["data"]!)];
    }

    [Fact]
    public async Task A_role_that_a_sensitive_variable_names_is_not_told_by_the_ledger()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api, organization: "acme");
        await AwsTests.SetUpAsync(workspace);
        await workspace.SetAsync("TFC_AWS_RUN_ROLE_ARN", Accounts.TrustingToo, "env", sensitive: true);
        await workspace.UploadAsync("output \"x\" { value = 1 }");
        await workspace.ApplyAsync();
        var trial = (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/try-credentials", new JsonObject { ["phase"] = "plan" })).Expect(200);

        var ledger = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/credential-grants")).Expect(200);
        var export = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/credential-grants/export")).Expect(200);

        Assert.All(new[] { ledger.Text, export.Text, trial.Text }, text =>
        {
            Assert.DoesNotContain("trusting-too", text, StringComparison.Ordinal);
            Assert.Contains("(sensitive)", text, StringComparison.Ordinal);
        });
        Assert.All(ledger.Json["data"]!.AsArray(), entry => Assert.StartsWith("ASIA", entry!["attributes"]!["access-key-id"]!.GetValue<string>(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("filter%5Bresult%5D=maybe", "filter[result]: The result is 'granted' or 'refused'.")]
    [InlineData("filter%5Bsince%5D=yesterday", "filter[since]: 'yesterday' is no point in time.")]
    public async Task A_filter_that_means_nothing_is_named(string query, string detail)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);

        foreach (var form in new[] { "", "/export" })
        {
            var refused = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/credential-grants{form}?{query}")).ExpectError(400);
            Assert.StartsWith(detail, refused.Error["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        }
    }

    [Theory, EachDatabase]
    public async Task The_organizations_ledger_outlives_the_workspace(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var (workspace, _) = await FillAsync(platform, 2);
        (await platform.Api.DeleteAsync($"workspaces/{workspace.Id}")).Expect(204);

        var left = (await platform.Api.GetAsync($"organizations/{workspace.Organization}/credential-grants")).Expect(200);

        Assert.Equal(["jti-1", "jti-0"], Tokens(left.Data));
    }

    [Theory]
    [InlineData("organizations/no-such-organization")]
    [InlineData("workspaces/ws-0000000000000000")]
    [InlineData("runs/run-0000000000000000")]
    public async Task A_ledger_of_nobody_is_not_there(string path)
    {
        var platform = await SharedPlatforms.OfAsync();

        (await platform.Api.GetAsync($"{path}/credential-grants")).ExpectError(404);
        (await platform.Api.GetAsync($"{path}/credential-grants/export")).ExpectError(404);
    }

    [Theory, EachDatabase]
    public async Task An_export_is_a_stream_of_lines_however_many_they_are(DatabaseProvider provider)
    {
        const int Many = 1500;
        var platform = await SharedPlatforms.OfAsync(provider);
        var (workspace, _) = await FillAsync(platform, Many);
        var path = $"workspaces/{workspace.Id}/credential-grants";

        var asked = await platform.Api.SendAsync(HttpMethod.Get, path, headers: headers => headers.TryAddWithoutValidation("Accept", "application/jsonl"));
        var exported = await platform.Api.GetAsync($"{path}/export?filter%5Bresult%5D=refused");

        foreach (var (answer, count) in new[] { (asked, Many), (exported, Many / 2) })
        {
            answer.Expect(200);
            Assert.Equal("application/jsonl", answer.ContentHeaders.ContentType?.ToString());
            // It was sent before its end was known.
            Assert.True(answer.Headers.TransferEncodingChunked);
            var lines = answer.Text.Split('\n');
            Assert.Equal("", lines[^1]);
            Assert.Equal(count, lines.Length - 1);
            Assert.All(lines[..^1], line => Assert.Equal("credential-grants", JsonNode.Parse(line)!["type"]!.GetValue<string>()));
        }
        Assert.Equal($"jti-{Many - 1}", JsonNode.Parse(asked.Text.Split('\n')[0])!["attributes"]!["token-id"]!.GetValue<string>());
    }

    /// <summary>A run with that many entries, an hour apart; every second one was refused in the apply.</summary>
    private static async Task<(TestWorkspace Workspace, TestRun Run)> FillAsync(Platform platform, int count)
    {
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/lock")).Expect(200);
        await workspace.UploadSampleAsync("hello");
        var run = await workspace.StartAsync();
        await using var db = platform.Open();
        var organization = db.Workspaces.Where(row => row.Id == new WorkspaceId(workspace.Id)).Select(row => row.OrganizationId).Single();
        db.AddRange(Enumerable.Range(0, count).Select(number => new CredentialGrant
        {
            Id = Identifier.New<CredentialGrantId>(),
            OrganizationId = organization,
            WorkspaceId = new WorkspaceId(workspace.Id),
            RunId = new RunId(run.Id),
            Phase = number % 2 == 0 ? "plan" : "apply",
            Provider = "aws",
            Tag = number % 2 == 0 ? null : "B",
            CreatedAt = Start.AddHours(number),
            TokenId = $"jti-{number}",
            Subject = "organization:acme:project:Default Project:workspace:network:run_phase:plan",
            Audience = "aws.workload.identity",
            TokenIssuedAt = Start.AddHours(number),
            TokenExpiresAt = Start.AddHours(number).AddMinutes(5),
            TokenMilliseconds = 3,
            Role = "arn:aws:iam::123456789012:role/team",
            SessionName = "a-session",
            Principal = number % 2 == 0 ? "arn:aws:sts::123456789012:assumed-role/team/a-session" : null,
            AccessKeyId = $"KEY{number}",
            ExpiresAt = number % 2 == 0 ? Start.AddHours(number + 1) : null,
            RequestId = $"request-{number}",
            ErrorCode = number % 2 == 0 ? null : "AccessDenied",
            ExchangeMilliseconds = 80,
        }));
        await db.SaveChangesAsync();
        return (workspace, run);
    }

    private static IEnumerable<string> Tokens(JsonNode data) => data.AsArray().Select(entry => entry!["attributes"]!["token-id"]!.GetValue<string>());
}
