using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Amazon.SecurityToken.Model;
using Orchestrator.AwsSimulator.Tests.Drivers;

namespace Orchestrator.AwsSimulator.Tests.Terraform;

/// <summary>The real terraform as a client: its S3 backend signs with AWS's Go client.</summary>
public sealed class S3BackendTests
{
    private const string Configuration = """
        terraform {
          backend "s3" {
            bucket         = "data"
            key            = "team/net state.tfstate"
            use_path_style = true
            use_lockfile   = true
          }
        }
        resource "terraform_data" "it" { input = "stored" }
        output "it" { value = terraform_data.it.output }
        """;

    [Fact]
    public async Task State_is_kept_under_a_lock()
    {
        await using var simulation = await Simulation.StartAsync();
        using var terraform = Terraform(simulation, await simulation.AssumeAsync());

        await terraform.SucceedAsync("init");
        await terraform.SucceedAsync("apply", "-auto-approve");

        Assert.Equal("\"stored\"", (await terraform.SucceedAsync("output", "-json", "it")).Trim());
        var calls = simulation.Activity.Events.Select(call => $"{call.EventName} {call.RequestParameters.GetValueOrDefault("key")}").ToList();
        Assert.Contains("GetCallerIdentity ", calls);
        Assert.Contains("ListObjectsV2 ", calls);
        Assert.Contains("PutObject team/net state.tfstate", calls);
        Assert.Contains("PutObject team/net state.tfstate.tflock", calls);
        Assert.Contains("DeleteObject team/net state.tfstate.tflock", calls);
        Assert.All(simulation.Activity.Explanations, explanation => Assert.Equal("NoSuchKey", explanation.Code));
    }

    [Fact]
    public async Task Workspaces_are_kept_apart()
    {
        await using var simulation = await Simulation.StartAsync();
        using var terraform = Terraform(simulation, await simulation.AssumeAsync());

        await terraform.SucceedAsync("init");
        await terraform.SucceedAsync("workspace", "new", "blue");
        await terraform.SucceedAsync("apply", "-auto-approve");

        Assert.Contains("* blue", await terraform.SucceedAsync("workspace", "list"), StringComparison.Ordinal);
        Assert.Contains(
            simulation.Activity.Events,
            call => call is { EventName: "PutObject", ErrorCode: null }
                && call.RequestParameters["key"] == "env:/blue/team/net state.tfstate");
    }

    [Fact]
    public async Task A_held_lock_stops_an_apply()
    {
        await using var simulation = await Simulation.StartAsync();
        var credentials = await simulation.AssumeAsync();
        using var terraform = Terraform(simulation, credentials);
        var s3 = new S3Client(simulation.Address, credentials, simulation.Clock);
        await terraform.SucceedAsync("init");
        await s3.PutAsync("/data/team/net%20state.tfstate.tflock", """{ "ID": "someone-elses", "Who": "alice" }""");

        var output = await terraform.FailAsync("apply", "-auto-approve");

        Assert.Contains("Error acquiring the state lock", output, StringComparison.Ordinal);
        Assert.Contains("PreconditionFailed", output, StringComparison.Ordinal);
        Assert.Contains("someone-elses", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_TLS_the_state_comes_in_chunks()
    {
        using var certificate = SelfSigned();
        await using var simulation = await Simulation.StartAsync(new Setup { Certificate = certificate });
        using var terraform = Terraform(simulation, credentials: null);
        terraform.Write("ca.pem", certificate.ExportCertificatePem());
        terraform.Environment["AWS_CA_BUNDLE"] = Path.Combine(terraform.Directory, "ca.pem");
        UseWebIdentity(simulation, terraform);

        await terraform.SucceedAsync("init");
        await terraform.SucceedAsync("apply", "-auto-approve");

        Assert.Equal("\"stored\"", (await terraform.SucceedAsync("output", "-json", "it")).Trim());
        Assert.Contains(
            simulation.Activity.Events,
            call => call is { EventName: "PutObject", ErrorCode: null }
                && call.RequestParameters["payload"] == "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    }

    [Fact]
    public async Task Terraform_can_trade_the_token_itself()
    {
        await using var simulation = await Simulation.StartAsync();
        using var terraform = Terraform(simulation, credentials: null);
        UseWebIdentity(simulation, terraform);

        await terraform.SucceedAsync("init");

        var exchange = simulation.Activity.Events[0];
        Assert.Equal(("AssumeRoleWithWebIdentity", null), (exchange.EventName, exchange.ErrorCode));
        Assert.Equal("run-7-plan", exchange.RequestParameters["roleSessionName"]);
    }

    [Fact]
    public async Task Terraform_tells_its_user_what_STS_said()
    {
        await using var simulation = await Simulation.StartAsync();
        using var terraform = Terraform(simulation, credentials: null);
        UseWebIdentity(simulation, terraform);
        terraform.Environment["AWS_ROLE_ARN"] = $"arn:aws:iam::{Setup.AccountId}:role/nobody";

        Assert.Contains(
            "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity", await terraform.FailAsync("init"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_that_ends_during_the_work_is_noticed()
    {
        await using var simulation = await Simulation.StartAsync();
        using var terraform = Terraform(simulation, await simulation.AssumeAsync());
        await terraform.SucceedAsync("init");
        // The session is looked at before the date of the request, which is an hour old for the simulator now.
        simulation.Clock.Advance(TimeSpan.FromMinutes(61));

        Assert.Contains("ExpiredToken", await terraform.FailAsync("apply", "-auto-approve"), StringComparison.Ordinal);
    }

    private static TerraformProcess Terraform(Simulation simulation, Credentials? credentials)
    {
        var terraform = new TerraformProcess();
        terraform.Write("main.tf", Configuration);
        terraform.Environment["AWS_ENDPOINT_URL_STS"] = simulation.Address.GetLeftPart(UriPartial.Authority);
        terraform.Environment["AWS_ENDPOINT_URL_S3"] = simulation.Address.GetLeftPart(UriPartial.Authority);
        terraform.Environment["AWS_MAX_ATTEMPTS"] = "1";
        if (credentials is not null)
        {
            terraform.Environment["AWS_ACCESS_KEY_ID"] = credentials.AccessKeyId;
            terraform.Environment["AWS_SECRET_ACCESS_KEY"] = credentials.SecretAccessKey;
            terraform.Environment["AWS_SESSION_TOKEN"] = credentials.SessionToken;
        }

        return terraform;
    }

    private static void UseWebIdentity(Simulation simulation, TerraformProcess terraform)
    {
        terraform.Write("token", simulation.Issuer.Token().ToString());
        terraform.Environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = Path.Combine(terraform.Directory, "token");
        terraform.Environment["AWS_ROLE_ARN"] = Simulation.RoleArn;
        terraform.Environment["AWS_ROLE_SESSION_NAME"] = "run-7-plan";
    }

    private static X509Certificate2 SelfSigned()
    {
        var request = new CertificateRequest("CN=127.0.0.1", TestKeys.P256, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
