using System.Text.Json;
using CliWrap;
using CliWrap.Buffered;
using Orchestrator.Credentials.Aws.Trust;
using Orchestrator.Data;
using Orchestrator.Tests.Support;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Tests.Credentials.Trust;

public sealed class TrustGeneratorTests
{
    private static readonly TrustRequest Request = new()
    {
        Issuer = Policies.Issuer,
        Audience = Policies.Audience,
        Workspace = new WorkspaceIdentity(
            OrganizationId.Of("org-aaaaaaaaaaaaaaaa"), "acme", ProjectId.Of("prj-bbbbbbbbbbbbbbbb"), "Default Project",
            WorkspaceId.Of("ws-cccccccccccccccc"), "net"),
        Roles = [new TrustedRole("plan", "net-plan"), new TrustedRole("apply", "net-apply")],
        AccountId = Policies.Account,
    };

    public static TheoryData<string> Cases => [.. Requests.Keys];

    private static Dictionary<string, TrustRequest> Requests => new()
    {
        ["both phases"] = Request,
        ["plan only"] = Request with { Roles = [new TrustedRole("plan", "net-plan")] },
        ["apply only"] = Request with { Roles = [new TrustedRole("apply", "net-apply")] },
        ["ids"] = Request with { Subject = SubjectTemplate.Ids },
        ["tags and source identity"] = Request with { SessionTags = true, SourceIdentity = true, MaxSessionDuration = TimeSpan.FromHours(4) },
        ["existing provider"] = Request with { ProviderExists = true },
        ["another audience"] = Request with { Audience = """a "quoted" \ ${audience} %{if} $${x} 'é'""" },
        ["issuer with a path"] = Request with { Issuer = "https://example.com/orchestrator" },
    };

    [Theory, MemberData(nameof(Cases))]
    public void Every_policy_lets_in_its_own_phase_and_nobody_else(string name)
    {
        var request = Requests[name];
        var neighbour = request.Workspace with
        {
            WorkspaceName = "net-prod", WorkspaceId = WorkspaceId.Of("ws-cccccccccccccccd"),
        };
        var namesake = request.Workspace with { OrganizationName = "acme2", OrganizationId = OrganizationId.Of("org-aaaaaaaaaaaaaaab") };

        foreach (var role in Generate(request).Roles)
        {
            var other = role.Phase == "plan" ? "apply" : "plan";
            Assert.Equal(TrustAnswer.Allowed, Ask(request, role, request.Workspace, role.Phase));
            Assert.Equal(TrustAnswer.Refused, Ask(request, role, request.Workspace, other));
            Assert.Equal(TrustAnswer.Refused, Ask(request, role, neighbour, role.Phase));
            Assert.Equal(TrustAnswer.Refused, Ask(request, role, namesake, role.Phase));
            Assert.Equal(TrustAnswer.Refused, Ask(request with { Audience = "another" }, role, request.Workspace, role.Phase));
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Every_policy_is_json_that_the_linter_has_nothing_to_say_about(string name)
    {
        var request = Requests[name];

        foreach (var role in Generate(request).Roles)
        {
            using var json = JsonDocument.Parse(role.TrustPolicy);
            var statement = Assert.Single(json.RootElement.GetProperty("Statement").EnumerateArray());
            Assert.Equal(role.Subject, statement.GetProperty("Condition").GetProperty("StringEquals").GetProperty($"{HostOf(request)}:sub").GetString());
            Assert.Empty(TrustLinter.Lint(role.TrustPolicy, request.Issuer, request.AccountId));
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task The_configuration_is_formatted_as_terraform_formats_it(string name)
    {
        var formatted = await RunAsync(Generate(Requests[name]).Terraform, "fmt", "-check", "-diff", "-no-color", "-");

        Assert.Equal((0, ""), formatted);
    }

    [Fact]
    public async Task Terraform_reads_every_value_as_it_was_meant()
    {
        var request = Requests["another audience"];
        var trust = Generate(request);
        var conditions = trust.Terraform.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith($"\"{Policies.Host}:", StringComparison.Ordinal));

        var (exit, output) = await RunAsync($"jsonencode({{ {string.Join(", ", conditions.Take(2))} }})\n", "console");

        Assert.Equal(0, exit);
        using var written = JsonDocument.Parse(JsonSerializer.Deserialize<string>(output.Trim())!);
        using var policy = JsonDocument.Parse(trust.Roles[0].TrustPolicy);
        var expected = policy.RootElement.GetProperty("Statement")[0].GetProperty("Condition").GetProperty("StringEquals");
        Assert.True(JsonElement.DeepEquals(expected, written.RootElement), output);
    }

    [Theory]
    [InlineData("both phases", "Both")]
    [InlineData("tags and source identity", "Options")]
    [InlineData("existing provider", "ExistingProvider")]
    public void The_texts_are_these(string name, string file)
    {
        var trust = Generate(Requests[name]);

        Assert.Equal(Expected($"{file}.expected.tf"), trust.Terraform);
        Assert.Equal(Expected($"{file}.expected.yaml"), trust.CloudFormation);
        Assert.Equal(Expected($"{file}.expected.json"), trust.Roles[0].TrustPolicy);
    }

    [Fact]
    public void Quotes_and_variables_are_escaped_in_yaml()
    {
        var trust = Generate(Requests["another audience"] with { ProviderExists = true, Issuer = "https://example.com/${AWS::Region}" });

        Assert.Contains("""Federated: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:oidc-provider/example.com/${!AWS::Region}" """.Trim(), trust.CloudFormation, StringComparison.Ordinal);
        Assert.Contains("""aud": "a \"quoted\" \\ ${$}{audience} %{if} $${$}{x} 'é'" """.Trim(), trust.CloudFormation, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_account_there_is_a_placeholder_that_the_linter_asks_about()
    {
        var trust = Generate(Request with { AccountId = null });

        Assert.Equal("arn:aws:iam::ACCOUNT_ID:oidc-provider/orchestrator.example.com", trust.ProviderArn);
        Assert.Equal("placeholder", Assert.Single(TrustLinter.Lint(trust.Roles[0].TrustPolicy, Policies.Issuer)).Rule);
        Assert.DoesNotContain("ACCOUNT_ID", trust.Terraform + trust.CloudFormation, StringComparison.Ordinal);
    }

    [Fact]
    public void The_order_of_the_roles_does_not_matter() =>
        Assert.Equal(Generate(Request).Terraform, Generate(Request with { Roles = [.. Request.Roles.Reverse()] }).Terraform);

    public static TheoryData<string, string> Impossible => new()
    {
        { "issuer", "is not an absolute URL without a closing slash" },
        { "audience", "1 to 255 characters" },
        { "account", "is not an account id" },
        { "duration", "from 1 to 12 hours" },
        { "no role", "Name a role" },
        { "two of a phase", "Name a role" },
        { "phase", "Name a role" },
        { "role", "is not a role's name" },
        { "same role", "roles with different names" },
    };

    [Theory, MemberData(nameof(Impossible))]
    public void What_cannot_be_written_is_told(string what, string problem)
    {
        var (trust, problems) = TrustGenerator.Generate(what switch
        {
            "issuer" => Request with { Issuer = "https://example.com/" },
            "audience" => Request with { Audience = "" },
            "account" => Request with { AccountId = "1234" },
            "duration" => Request with { MaxSessionDuration = TimeSpan.FromHours(13) },
            "no role" => Request with { Roles = [] },
            "two of a phase" => Request with { Roles = [new TrustedRole("plan", "a"), new TrustedRole("plan", "b")] },
            "phase" => Request with { Roles = [new TrustedRole("destroy", "a")] },
            "role" => Request with { Roles = [new TrustedRole("plan", "a b")] },
            "same role" => Request with { Roles = [new TrustedRole("plan", "net"), new TrustedRole("apply", "Net")] },
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        });

        Assert.Null(trust);
        Assert.Contains(problem, Assert.Single(problems), StringComparison.Ordinal);
    }

    private static GeneratedTrust Generate(TrustRequest request)
    {
        var (trust, problems) = TrustGenerator.Generate(request);
        Assert.Empty(problems);
        return trust!;
    }

    private static TrustAnswer Ask(TrustRequest request, GeneratedRole role, WorkspaceIdentity workspace, string phase) =>
        TrustExplainer.Explain(
            new TrustQuestion
            {
                Policy = role.TrustPolicy,
                Issuer = request.Issuer,
                Subject = request.Subject.Render(workspace, phase),
                Audience = request.Audience,
                AccountId = request.AccountId,
                Tags = request.SessionTags ? new Dictionary<string, string> { ["terraform:run_id"] = "run-1" } : [],
                SourceIdentity = request.SourceIdentity ? "ada" : null,
            },
            DateTimeOffset.UnixEpoch).Answer;

    private static string HostOf(TrustRequest request) => request.Issuer["https://".Length..];

    private static string Expected(string file) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Credentials", "Trust", file));

    private static async Task<(int Exit, string Output)> RunAsync(string input, params string[] arguments)
    {
        using var directory = new TemporaryDirectory();
        var result = await Cli.Wrap(Programs.Terraform.Path)
            .WithArguments(arguments)
            .WithWorkingDirectory(directory.Path)
            .WithEnvironmentVariables(environment => environment.Set("CHECKPOINT_DISABLE", "1"))
            .WithStandardInputPipe(PipeSource.FromString(input))
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        return (result.ExitCode, result.StandardOutput);
    }
}
