using Amazon.SecurityToken.Model;
using Orchestrator.AwsSimulator.Tests.Drivers;

namespace Orchestrator.AwsSimulator.Tests.Terraform;

/// <summary>The sample that the demo runs: plan with the plan role, apply with the apply role.</summary>
public sealed class SampleTests : IAsyncLifetime
{
    private const string Workspace = "organization:acme:project:Default Project:workspace:aws-remote-state";

    private readonly TerraformProcess _terraform = new();
    private Simulation _simulation = null!;

    public async ValueTask InitializeAsync() => _simulation = await Samples.StartAsync(_terraform, Samples.RemoteState);

    public ValueTask DisposeAsync()
    {
        _terraform.Dispose();
        return _simulation.DisposeAsync();
    }

    [Fact]
    public async Task Plan_reads_and_apply_writes()
    {
        Use(await AssumeAsync("plan"));
        await _terraform.SucceedAsync("init");
        var plan = await _terraform.SucceedAsync("plan", "-out=tfplan");
        Use(await AssumeAsync("apply"));
        var apply = await _terraform.SucceedAsync("apply", "tfplan");

        Assert.Contains("1 to add", plan, StringComparison.Ordinal);
        Assert.Contains("vpc-0a1b2c3d4e5f60718", apply, StringComparison.Ordinal);
        var writes = _simulation.Activity.Events.Where(call => call is { EventName: "PutObject", ErrorCode: null }).ToList();
        Assert.Contains(writes, call => call.RequestParameters["key"] == "reports/network.tfstate");
        Assert.All(writes, call => Assert.EndsWith("assumed-role/orchestrator-apply/run-1-apply", call.UserIdentity.Arn, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Apply_with_the_plan_roles_credentials_is_refused_at_the_first_write()
    {
        Use(await AssumeAsync("plan"));
        await _terraform.SucceedAsync("init");

        var output = await _terraform.FailAsync("apply", "-auto-approve");

        Assert.Contains("AccessDenied", output, StringComparison.Ordinal);
        Assert.Contains("is not authorized to perform: s3:PutObject", output, StringComparison.Ordinal);
        Assert.DoesNotContain(_simulation.Activity.Events, call => call is { EventName: "PutObject", ErrorCode: null });
    }

    [Fact]
    public async Task The_platforms_own_settings_do_not_reach_the_inner_terraform()
    {
        Use(await AssumeAsync("apply"));
        await _terraform.SucceedAsync("init");
        _terraform.Environment["TF_FORCE_LOCAL_BACKEND"] = "1";
        _terraform.Environment["TFE_RUN_ID"] = "run-1";
        _terraform.Environment["TF_DATA_DIR"] = Path.Combine(_terraform.Directory, ".terraform");

        await _terraform.SucceedAsync("apply", "-auto-approve");

        Assert.Contains(_simulation.Activity.Events, call => call.RequestParameters.GetValueOrDefault("key") == "reports/network.tfstate");
    }

    [Theory]
    [InlineData("plan", "apply")]
    [InlineData("apply", "plan")]
    public async Task A_phase_does_not_get_the_other_phases_role(string phase, string role)
    {
        var refusal = await _simulation.RefusedAsync(Token(phase), request => request.RoleArn = Arn(role));

        Assert.Equal("AccessDenied", refusal.ErrorCode);
    }

    private Task<Credentials> AssumeAsync(string phase) => _simulation.AssumeAsync(Token(phase), request =>
    {
        request.RoleArn = Arn(phase);
        request.RoleSessionName = $"run-1-{phase}";
    });

    private TestToken Token(string phase) => _simulation.Issuer.Token().With("sub", $"{Workspace}:run_phase:{phase}");

    private static string Arn(string phase) => $"arn:aws:iam::123456789012:role/orchestrator-{phase}";

    private void Use(Credentials credentials)
    {
        _terraform.Environment["AWS_ACCESS_KEY_ID"] = credentials.AccessKeyId;
        _terraform.Environment["AWS_SECRET_ACCESS_KEY"] = credentials.SecretAccessKey;
        _terraform.Environment["AWS_SESSION_TOKEN"] = credentials.SessionToken;
    }
}
