using System.Text.Json.Nodes;
using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Web.Credentials;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Credentials;

public sealed class TrustTests
{
    [Theory, EachDatabase]
    public async Task The_documents_of_a_trust_are_as_committed(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api, organization: TestWorkspace.NewName("trust"));
        await AwsTests.SetUpAsync(workspace, ("TFC_AWS_PLAN_ROLE_ARN", Accounts.Plan), ("TFC_AWS_APPLY_ROLE_ARN", Accounts.Apply));
        var names = NamesOf(platform, workspace);

        var trust = await ReadAsync(platform, workspace);
        CommittedDocument.Compare("credential-trust", trust.Json, names);

        var policy = TextOf(await ReadAsync(platform, workspace, "?filter[format]=json"), "plan");
        CommittedDocument.Compare("trust-explanation", (await ExplainAsync(platform, workspace, JsonNode.Parse(policy), "apply")).Expect(200).Json, names);
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("apply")]
    public async Task What_is_generated_lets_its_phase_in_and_not_the_other(string phase)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var policy = TextOf(await ReadAsync(platform, workspace, "?filter[format]=json&filter[account]=123456789012"), phase);

        // As text, the way it is pasted.
        var same = (await ExplainAsync(platform, workspace, policy, phase)).Expect(200).Attributes;
        var other = (await ExplainAsync(platform, workspace, policy, phase == "plan" ? "apply" : "plan")).Expect(200).Attributes;

        Assert.Equal("allowed", same["answer"]!.GetValue<string>());
        Assert.All(same["findings"]!.AsArray(), finding => Assert.Equal("issuer-url", finding!["rule"]!.GetValue<string>()));
        Assert.Equal("refused", other["answer"]!.GetValue<string>());
        var failed = Assert.Single(other["actions"]![0]!["statements"]![0]!["elements"]!.AsArray(), element => element!["matched"]!.GetValue<bool>() == false)!;
        Assert.EndsWith($":run_phase:{phase}", failed["expected"]![0]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(other["subject"]!.GetValue<string>(), failed["actual"]![0]!.GetValue<string>());
    }

    [Fact]
    public async Task A_workspace_that_is_not_set_up_gets_roles_to_set_it_up_with()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);

        var trust = (await ReadAsync(platform, workspace)).Attributes;

        Assert.Null(trust["account-id"]);
        Assert.Equal("aws.workload.identity", trust["audience"]!.GetValue<string>());
        Assert.Equal([$"{workspace.Organization}-{workspace.Name}-plan", $"{workspace.Organization}-{workspace.Name}-apply"], RolesOf(trust));
        Assert.Contains("set TFC_AWS_PROVIDER_AUTH to 'true'", NotesOf(trust), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_role_for_both_phases_becomes_two_and_the_reason_is_told()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await AwsTests.SetUpAsync(workspace, ("TFC_AWS_RUN_ROLE_ARN", Accounts.Trusting), ("TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE", "another"));

        var trust = (await ReadAsync(platform, workspace, "?filter[account]=210987654321")).Attributes;

        Assert.Equal(["trusting-plan", "trusting-apply"], RolesOf(trust));
        Assert.Equal("another", trust["audience"]!.GetValue<string>());
        Assert.Equal("210987654321", trust["account-id"]!.GetValue<string>());
        Assert.Contains("whoever may plan gets what apply may do", NotesOf(trust), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_configuration_has_a_trust_of_its_own()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await SetUpTaggedAsync(platform);

        var first = (await ReadAsync(platform, workspace)).Attributes;
        Assert.Null(first["tag"]);
        Assert.Equal(["FAR", "NEAR"], first["tags"]!.AsArray().Select(tag => tag!.GetValue<string>()));
        Assert.Equal(["orchestrator-plan", "orchestrator-apply"], RolesOf(first));

        var near = await ReadAsync(platform, workspace, "?filter[format]=terraform&filter[tag]=NEAR");
        Assert.Equal("NEAR", near.Attributes["tag"]!.GetValue<string>());
        Assert.Equal("near.audience", near.Attributes["audience"]!.GetValue<string>());
        Assert.Equal(["near-plan", "near-apply"], RolesOf(near.Attributes));
        var text = near.Attributes["documents"]![0]!["text"]!.GetValue<string>();
        Assert.Contains("Set TFC_AWS_PLAN_ROLE_ARN_NEAR to this.", text, StringComparison.Ordinal);
        // The account has one provider for both.
        Assert.Contains("data \"aws_iam_openid_connect_provider\"", text, StringComparison.Ordinal);
        Assert.Contains("'near.audience' must be among its client ids", NotesOf(near.Attributes), StringComparison.Ordinal);

        var far = await ReadAsync(platform, workspace, "?filter[format]=terraform&filter[tag]=FAR");
        Assert.Equal("210987654321", far.Attributes["account-id"]!.GetValue<string>());
        Assert.Equal(["far-plan", "far-apply"], RolesOf(far.Attributes));
        Assert.Contains("set TFC_AWS_PLAN_ROLE_ARN_FAR and TFC_AWS_APPLY_ROLE_ARN_FAR to them", NotesOf(far.Attributes), StringComparison.Ordinal);
        Assert.Contains("resource \"aws_iam_openid_connect_provider\"", far.Attributes["documents"]![0]!["text"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_is_judged_by_the_tokens_of_the_configuration_that_is_named()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await SetUpTaggedAsync(platform);
        var policy = TextOf(await ReadAsync(platform, workspace, "?filter[format]=json&filter[tag]=NEAR"), "plan");

        var near = await ExplainAsync(platform, workspace, policy, "plan", "NEAR");
        var byDefault = await ExplainAsync(platform, workspace, policy, "plan");

        Assert.Equal("allowed", near.Attributes["answer"]!.GetValue<string>());
        Assert.Equal("near.audience", near.Attributes["audience"]!.GetValue<string>());
        Assert.Equal("refused", byDefault.Attributes["answer"]!.GetValue<string>());
        Assert.Equal("/tag", (await ExplainAsync(platform, workspace, policy, "plan", "no-tag")).ExpectError(400).Pointer);
    }

    [Fact]
    public async Task A_configuration_that_is_not_there_yet_gets_roles_to_set_it_up_with()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await SetUpTaggedAsync(platform);

        var (ended, output, errors) = await RunAsync(platform, $"{workspace.Organization}/{workspace.Name}", "--tag", "LATER", "--account", "111122223333");

        Assert.Equal(0, ended);
        Assert.Contains($"\"{workspace.Organization}-{workspace.Name}-LATER-plan\"", output, StringComparison.Ordinal);
        Assert.Contains("set TFC_AWS_PROVIDER_AUTH_LATER to 'true' and TFC_AWS_PLAN_ROLE_ARN_LATER and TFC_AWS_APPLY_ROLE_ARN_LATER to the roles", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_sensitive_is_left_out_and_named()
    {
        const string Secret = "arn:aws:iam::111122223333:role/hidden-from-view";
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.SetAsync("TFC_AWS_RUN_ROLE_ARN", Secret, "env", sensitive: true);

        var trust = await ReadAsync(platform, workspace);

        Assert.DoesNotContain("hidden-from-view", trust.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("111122223333", trust.Text, StringComparison.Ordinal);
        Assert.Contains("TFC_AWS_RUN_ROLE_ARN is sensitive", NotesOf(trust.Attributes), StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task The_organizations_policy_decides_about_subjects_and_tags(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await using (var db = platform.Open())
        {
            db.CredentialPolicies.Add(new CredentialPolicy
            {
                Id = Identifier.New<CredentialPolicyId>(),
                OrganizationId = db.Organizations.Single(organization => organization.Name == workspace.Organization).Id,
                SessionTags = true,
                Speculative = SpeculativeCredentials.SeparateAudience,
                SubjectTemplate = "organization:{organization_name}:workspace_id:{workspace_id}:run_phase:{run_phase}",
            });
            await db.SaveChangesAsync();
        }

        var trust = await ReadAsync(platform, workspace, "?filter[format]=json");
        var policy = TextOf(trust, "plan");

        Assert.Equal(
            $"organization:{workspace.Organization}:workspace_id:{workspace.Id}:run_phase:plan", trust.Attributes["subjects"]!["plan"]!.GetValue<string>());
        Assert.Contains("sts:TagSession", policy, StringComparison.Ordinal);
        Assert.Contains("aws.workload.identity.speculative", NotesOf(trust.Attributes), StringComparison.Ordinal);
        Assert.Equal("allowed", (await ExplainAsync(platform, workspace, policy, "plan")).Attributes["answer"]!.GetValue<string>());
        var untagged = policy.Replace("\"sts:TagSession\",", "", StringComparison.Ordinal);
        Assert.Contains("sts:TagSession", (await ExplainAsync(platform, workspace, untagged, "plan")).Attributes["summary"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?filter[format]=yaml", 400, "terraform, cloudformation, json")]
    [InlineData("?filter[account]=12345", 422, "'12345' is not an account id of twelve digits.")]
    [InlineData("?filter[account]=%3Cscript%3E", 422, "twelve digits")]
    [InlineData("?filter[tag]=a-b", 400, "A tag consists of letters, digits and '_'.")]
    [InlineData("?filter[tag]=TYPE", 400, "'TYPE' is reserved")]
    public async Task A_trust_that_cannot_be_is_refused_with_a_reason(string query, int status, string reason)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);

        var refused = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/credential-trust{query}")).ExpectError(status);

        Assert.Contains(reason, refused.Error["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 400, "/trust-policy")]
    [InlineData("{}", 400, "/trust-policy")]
    [InlineData("[]", 400, null)]
    [InlineData("""{"trust-policy":null}""", 400, "/trust-policy")]
    [InlineData("""{"trust-policy":[1]}""", 400, "/trust-policy")]
    [InlineData("""{"trust-policy":{},"phase":"both"}""", 400, "/phase")]
    [InlineData("""{"trust-policy":"\ud800"}""", 400, "/trust-policy")]
    [InlineData("""{"trust-policy":{}}""", 422, "/trust-policy")]
    [InlineData("""{"trust-policy":""}""", 422, "/trust-policy")]
    [InlineData("""{"trust-policy":"no json"}""", 422, "/trust-policy")]
    [InlineData("""{"trust-policy":{"Version":"2012-10-17","Version":"2012-10-17"}}""", 422, "/trust-policy")]
    [InlineData("""{"trust-policy":{"Version":"\ud800"}}""", 422, "/trust-policy")]
    public async Task What_is_no_trust_policy_is_refused_with_a_reason(string body, int status, string? pointer)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);

        var refused = (await platform.Api.SendTextAsync(HttpMethod.Post, $"workspaces/{workspace.Id}/actions/explain-trust", body)).ExpectError(status);

        Assert.Equal(pointer, refused.Pointer);
        Assert.NotEmpty(refused.Error["detail"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_trust_policy_has_sixteen_kibibytes_at_most()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);

        (await ExplainAsync(platform, workspace, new string(' ', 16 * 1024), "plan")).ExpectError(413);
    }

    [Theory]
    [InlineData("terraform", "resource \"aws_iam_role\" \"plan\"")]
    [InlineData("cloudformation", "Type: AWS::IAM::OIDCProvider")]
    [InlineData("json", "\"Sid\": \"ApplyPhase\"")]
    public async Task The_command_prints_the_text_and_its_notes_apart(string format, string told)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);

        var (ended, output, errors) = await RunAsync(platform, $"{workspace.Organization}/{workspace.Name}", "--format", format, "--account", "210987654321");

        Assert.Equal(0, ended);
        Assert.Contains(told, output, StringComparison.Ordinal);
        Assert.Equal(format == "json", output.Contains("arn:aws:iam::210987654321:oidc-provider/", StringComparison.Ordinal));
        Assert.DoesNotContain("Note:", output, StringComparison.Ordinal);
        Assert.Contains("Note: The workspace's runs ask for no AWS credentials yet.", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--format", "yaml", "The format is one of")]
    [InlineData("--account", "12", "twelve digits")]
    [InlineData("--tag", "a-b", "is no tag")]
    public async Task The_command_says_what_the_server_refuses(string option, string value, string reason)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);

        var (ended, output, errors) = await RunAsync(platform, $"{workspace.Organization}/{workspace.Name}", option, value);

        Assert.Equal(1, ended);
        Assert.Empty(output);
        Assert.Contains(reason, errors, StringComparison.Ordinal);
    }

    private static async Task<(int Ended, string Output, string Errors)> RunAsync(Platform platform, params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var ended = await CredentialsCommand.RunAsync(
            ["trust", .. arguments, "--server", platform.Address.ToString(), "--Orchestrator:AdminToken", Platform.AdminToken], output, errors);
        return (ended, output.ToString(), errors.ToString());
    }

    private static Dictionary<string, string> NamesOf(Platform platform, TestWorkspace workspace) => new Dictionary<string, string>
    {
        [workspace.Organization] = "<organization>",
        [workspace.Name] = "<workspace>",
        [platform.Address.Authority] = "<server>",
    };

    private static async Task<Answer> ReadAsync(Platform platform, TestWorkspace workspace, string query = "") =>
        (await platform.Api.GetAsync($"workspaces/{workspace.Id}/credential-trust{query}")).Expect(200);

    private static Task<Answer> ExplainAsync(Platform platform, TestWorkspace workspace, JsonNode? policy, string phase, string? tag = null) =>
        platform.Api.PostAsync(
            $"workspaces/{workspace.Id}/actions/explain-trust", new JsonObject { ["trust-policy"] = policy, ["phase"] = phase, ["tag"] = tag });

    /// <summary>With a default configuration, one in the same account, and one in another.</summary>
    private static async Task<TestWorkspace> SetUpTaggedAsync(Platform platform)
    {
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await AwsTests.SetUpAsync(workspace,
            ("TFC_AWS_PLAN_ROLE_ARN", Accounts.Plan),
            ("TFC_AWS_APPLY_ROLE_ARN", Accounts.Apply),
            ("TFC_AWS_PROVIDER_AUTH_NEAR", "true"),
            ("TFC_AWS_PLAN_ROLE_ARN_NEAR", "arn:aws:iam::123456789012:role/near-plan"),
            ("TFC_AWS_APPLY_ROLE_ARN_NEAR", "arn:aws:iam::123456789012:role/near-apply"),
            ("TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE_NEAR", "near.audience"),
            ("TFC_AWS_PROVIDER_AUTH_FAR", "true"),
            ("TFC_AWS_RUN_ROLE_ARN_FAR", "arn:aws:iam::210987654321:role/far"));
        return workspace;
    }

    private static string TextOf(Answer trust, string phase) => trust.Attributes["documents"]!.AsArray()
        .Single(document => document!["phase"]?.GetValue<string>() == phase)!["text"]!.GetValue<string>();

    private static IEnumerable<string> RolesOf(JsonNode trust) => trust["roles"]!.AsArray().Select(role => role!["name"]!.GetValue<string>());

    private static string NotesOf(JsonNode trust) => string.Join('\n', trust["notes"]!.AsArray().Select(note => note!.GetValue<string>()));
}
