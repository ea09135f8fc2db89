using System.Text.Json;
using Amazon.SecurityToken.Model;
using Orchestrator.AwsSimulator.Tests.Drivers;

namespace Orchestrator.AwsSimulator.Tests.Terraform;

/// <summary>The sample with two tagged configurations. The files hold plain keys here; how the platform fills them is its own
/// affair.</summary>
public sealed class MultiAccountTests : IAsyncLifetime
{
    private const string Network = "arn:aws:iam::123456789012:role/multi-account-network";
    private const string Billing = "arn:aws:iam::111122223333:role/multi-account-billing";

    private readonly TerraformProcess _terraform = new();
    private Simulation _simulation = null!;

    public async ValueTask InitializeAsync() => _simulation = await Samples.StartAsync(_terraform, Samples.MultiAccount);

    public ValueTask DisposeAsync()
    {
        _terraform.Dispose();
        return _simulation.DisposeAsync();
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("apply")]
    public async Task Each_tag_reads_its_own_account(string phase)
    {
        await UseAsync(phase, Network, Billing);
        await _terraform.SucceedAsync("init");

        var output = await _terraform.SucceedAsync("apply", "-auto-approve");

        Assert.Contains("vpc_id = \"vpc-0a1b2c3d4e5f60718\"", output, StringComparison.Ordinal);
        Assert.Contains("monthly_budget = 1200", output, StringComparison.Ordinal);
        Assert.Equal(
            ["acme-billing by 111122223333", "acme-network by 123456789012"],
            _simulation.Activity.Events
                .Where(call => call is { EventName: "GetObject", ErrorCode: null })
                .Select(call => $"{call.RequestParameters["bucketName"]} by {call.UserIdentity.AccountId}")
                .Distinct()
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task With_the_files_swapped_neither_may_read_the_others_bucket()
    {
        await UseAsync("plan", Billing, Network);
        await _terraform.SucceedAsync("init");

        var output = await _terraform.FailAsync("plan");

        Assert.Contains("api error Forbidden", output, StringComparison.Ordinal);
        Assert.DoesNotContain(_simulation.Activity.Events, call => call is { EventName: "GetObject" or "HeadObject", ErrorCode: null });
    }

    private async Task UseAsync(string phase, string network, string billing) =>
        _terraform.Environment["TF_VAR_tfc_aws_dynamic_credentials"] = JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["default"] = null,
            ["aliases"] = new Dictionary<string, object>
            {
                ["NETWORK"] = new { shared_config_file = await WriteAsync("network.config", phase, network) },
                ["BILLING"] = new { shared_config_file = await WriteAsync("billing.config", phase, billing) },
            },
        });

    private async Task<string> WriteAsync(string file, string phase, string role)
    {
        var credentials = await AssumeAsync(phase, role);
        _terraform.Write(file, $"""
            [default]
            aws_access_key_id = {credentials.AccessKeyId}
            aws_secret_access_key = {credentials.SecretAccessKey}
            aws_session_token = {credentials.SessionToken}

            """);
        return Path.Combine(_terraform.Directory, file);
    }

    private Task<Credentials> AssumeAsync(string phase, string role) => _simulation.AssumeAsync(
        _simulation.Issuer.Token().With("sub", $"organization:acme:project:Default Project:workspace:multi-account:run_phase:{phase}"),
        request => request.RoleArn = role);
}
