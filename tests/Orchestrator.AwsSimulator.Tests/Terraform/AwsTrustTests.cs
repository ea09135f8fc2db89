using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.AwsSimulator.Configuration;
using Orchestrator.AwsSimulator.Tests.Drivers;

namespace Orchestrator.AwsSimulator.Tests.Terraform;

/// <summary>The sample for a real account. Its provider cannot be had offline, so that AWS takes these arguments is not shown here; but
/// terraform itself evaluates every expression of it, and the simulator is given the roles that come out.</summary>
public sealed partial class AwsTrustTests : IDisposable
{
    private const string Host = "orchestrator.example.com/issuer";
    private const string Workspace = "organization:acme:project:Default Project:workspace:network";
    private const string Tags = "https://aws.amazon.com/tags/principal_tags/team";

    private readonly TerraformProcess _terraform = new();

    public AwsTrustTests()
    {
        _terraform.Write("main.tf", WithoutProvider(File.ReadAllText(Path.Combine(Samples.Directory, "aws-trust", "main.tf"))));
        Set("issuer", $"https://{Host}");
        Set("organization", "acme");
        Set("workspace", "network");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Its_roles_let_in_their_own_phase_of_the_workspace_and_nobody_else(bool sessionTags)
    {
        Set("session_tags", sessionTags ? "true" : "false");
        await using var simulation = await SimulateAsync(await ApplyAsync());
        TestToken Token(string subject) => simulation.Issuer.Token().With("sub", subject);

        foreach (var (phase, other) in new[] { ("plan", "apply"), ("apply", "plan") })
        {
            var role = $"arn:aws:iam::{Setup.AccountId}:role/network-{phase}";
            await simulation.AssumeAsync(Token($"{Workspace}:run_phase:{phase}"), request => request.RoleArn = role);
            foreach (var stranger in new[]
            {
                Token($"{Workspace}:run_phase:{other}"),
                Token($"{Workspace}-2:run_phase:{phase}"),
                Token($"{Workspace.Replace("acme", "acme2", StringComparison.Ordinal)}:run_phase:{phase}"),
                Token($"{Workspace}:run_phase:{phase}").With("aud", "second.audience"),
            })
            {
                Assert.Equal("AccessDenied", (await simulation.RefusedAsync(stranger, request => request.RoleArn = role)).ErrorCode);
            }
            var tagged = Token($"{Workspace}:run_phase:{phase}").With(Tags, "core").With("https://aws.amazon.com/source_identity", "alice");
            if (sessionTags)
            {
                await simulation.AssumeAsync(tagged, request => request.RoleArn = role);
            }
            else
            {
                Assert.Equal("AccessDenied", (await simulation.RefusedAsync(tagged, request => request.RoleArn = role)).ErrorCode);
            }
        }
    }

    [Fact]
    public async Task It_prints_the_variables_of_the_workspace_and_lets_only_plans_read()
    {
        Set("max_session_hours", "12");
        Set("audience", "second.audience");

        var made = await ApplyAsync();

        var variables = made["variables"]!["value"]!;
        Assert.Equal("true", variables["TFC_AWS_PROVIDER_AUTH"]!.GetValue<string>());
        Assert.Equal($"arn:aws:iam::{Setup.AccountId}:role/network-plan", variables["TFC_AWS_PLAN_ROLE_ARN"]!.GetValue<string>());
        Assert.Equal($"arn:aws:iam::{Setup.AccountId}:role/network-apply", variables["TFC_AWS_APPLY_ROLE_ARN"]!.GetValue<string>());
        Assert.Equal("second.audience", variables["TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE"]!.GetValue<string>());
        var attached = Assert.Single(made["attachments"]!["value"]!.AsObject()).Value!;
        Assert.Equal(("network-plan", "arn:aws:iam::aws:policy/ReadOnlyAccess"), (attached["role"]!.GetValue<string>(), attached["policy_arn"]!.GetValue<string>()));
        Assert.All(made["roles"]!["value"]!.AsObject(), role => Assert.Equal(12 * 3600, role.Value!["max_session_duration"]!.GetValue<int>()));
    }

    [Fact]
    public async Task A_provider_that_exists_is_used_and_not_made_again()
    {
        Set("create_provider", "false");

        var made = await ApplyAsync();

        Assert.All(made["roles"]!["value"]!.AsObject(), role => Assert.Equal(
            $"arn:aws:iam::{Setup.AccountId}:oidc-provider/{Host}",
            JsonNode.Parse(role.Value!["assume_role_policy"]!.GetValue<string>())!["Statement"]![0]!["Principal"]!["Federated"]!.GetValue<string>()));
        Assert.DoesNotContain("terraform_data.aws_iam_openid_connect_provider_platform", await _terraform.SucceedAsync("state", "list"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("issuer", "http://orchestrator.example.com", "AWS needs an https:// address")]
    [InlineData("issuer", "https://orchestrator.example.com:8443", "AWS needs an https:// address")]
    [InlineData("issuer", "https://orchestrator.example.com/", "AWS needs an https:// address")]
    [InlineData("organization", "ac*", "A wildcard would trust others")]
    [InlineData("project", "a:workspace:b", "A wildcard would trust others")]
    [InlineData("workspace", "net?", "A wildcard would trust others")]
    [InlineData("max_session_hours", "13", "AWS allows 1 to 12 hours")]
    [InlineData("workspace", "a-name-of-sixty-one-characters-which-is-too-long-with-a-phase-x", "A role's name has at most 64 characters")]
    public async Task What_aws_would_not_take_or_would_take_too_widely_is_refused(string variable, string value, string reason)
    {
        Set(variable, value);
        await _terraform.SucceedAsync("init");

        Assert.Contains(reason, await _terraform.FailAsync("plan"), StringComparison.Ordinal);
    }

    public void Dispose() => _terraform.Dispose();

    private void Set(string variable, string value) => _terraform.Environment[$"TF_VAR_{variable}"] = value;

    private async Task<JsonNode> ApplyAsync()
    {
        await _terraform.SucceedAsync("init");
        await _terraform.SucceedAsync("apply", "-auto-approve");
        return JsonNode.Parse(await _terraform.SucceedAsync("output", "-json"))!;
    }

    /// <summary>An account with the roles that terraform made, which trust this simulation's issuer in the other's place.</summary>
    private static Task<Simulation> SimulateAsync(JsonNode made)
    {
        var roles = new JsonArray([.. made["roles"]!["value"]!.AsObject().Select(role => new JsonObject
        {
            ["name"] = role.Value!["name"]!.GetValue<string>(),
            ["maxSessionDuration"] = role.Value["max_session_duration"]!.GetValue<int>(),
            ["trustPolicy"] = JsonNode.Parse(role.Value["assume_role_policy"]!.GetValue<string>()),
        })]);
        var account = new JsonObject
        {
            ["id"] = Setup.AccountId,
            ["oidcProviders"] = new JsonArray(new JsonObject
            {
                ["url"] = "${issuer}",
                ["clientIds"] = new JsonArray(TestIssuer.Audience, "second.audience"),
            }),
            ["roles"] = roles,
        };
        var json = JsonSerializer.Serialize(new JsonObject { ["accounts"] = new JsonArray(account) });
        return Simulation.StartAsync(new Setup(), issuer => SimulatorConfiguration.Parse(
            json.Replace(Host, issuer.Host, StringComparison.Ordinal), issuer.Url));
    }

    /// <summary>The same configuration with terraform's own resource in place of AWS's: its input is what they are given, and its output
    /// that and an ARN.</summary>
    private static string WithoutProvider(string configuration)
    {
        var stripped = RequiredProviders().Replace(configuration, "");
        var replaced = AwsBlock().Replace(stripped, block =>
        {
            var kind = block.Groups["kind"].Value == "data" ? "data_" : "";
            var meta = MetaArgument().Matches(block.Groups["body"].Value);
            return $$"""
                resource "terraform_data" "{{kind}}{{block.Groups["type"]}}_{{block.Groups["name"]}}" {
                {{string.Concat(meta.Select(argument => argument.Value))}}
                  input = merge({ arn = "{{ArnOf(block.Groups["type"].Value)}}" }, {
                {{MetaArgument().Replace(block.Groups["body"].Value, "")}}
                  })
                }

                """;
        });
        return Reference().Replace(replaced, reference =>
                $"terraform_data.{reference.Groups["data"].Value.Replace('.', '_')}{reference.Groups["type"]}_{reference.Groups["name"]}{reference.Groups["index"]}.output.")
            + """

            output "roles" { value = { for phase, role in terraform_data.aws_iam_role_phase : phase => role.output } }
            output "attachments" { value = { for key, attachment in terraform_data.aws_iam_role_policy_attachment_phase : key => attachment.output } }
            """;
    }

    private static string ArnOf(string type) => type switch
    {
        "aws_iam_role" => $"arn:aws:iam::{Setup.AccountId}:role/${{var.workspace}}-${{each.key}}",
        "aws_iam_openid_connect_provider" => $"arn:aws:iam::{Setup.AccountId}:oidc-provider/${{local.issuer_host}}",
        _ => "",
    };

    [GeneratedRegex(@"^  required_providers \{\n.*?^  \}\n", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex RequiredProviders();

    [GeneratedRegex(@"^(?<kind>resource|data) ""(?<type>aws_\w+)"" ""(?<name>\w+)"" \{\n(?<body>.*?)^\}\n", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex AwsBlock();

    [GeneratedRegex(@"^  (?:(?:count|for_each) += [^\n]*\n|lifecycle \{\n.*?^  \}\n)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex MetaArgument();

    [GeneratedRegex(@"(?<![\w.""])(?<data>data\.)?(?<type>aws_\w+)\.(?<name>\w+)(?<index>\[[^\]]*\]*\])?\.")]
    private static partial Regex Reference();
}
