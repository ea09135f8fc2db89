using Orchestrator.Terraform;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Hosting;

public sealed class StartTests : IDisposable
{
    private static readonly Uri AnyPort = new("http://127.0.0.1:0");

    private readonly string _outside = Directory.CreateTempSubdirectory("orchestrator-start-test-").FullName;

    private string Data => Path.Combine(_outside, "data");

    [Fact]
    public async Task A_second_server_on_the_same_data_directory_is_refused_with_a_sentence()
    {
        await using var first = await ServerProcess.StartAsync(Data);

        await AssertRefusedAsync("Another Orchestrator process is using the data directory");
    }

    [Fact]
    public Task Without_terraform_the_server_says_how_to_get_it() => AssertRefusedAsync(
        "Orchestrator needs the terraform program, and it was not found (/nonexistent). Install it from",
        ("Orchestrator__TerraformPath", "/nonexistent"));

    [Fact]
    public Task A_terraform_that_is_none_is_refused_with_a_sentence() => AssertRefusedAsync(
        "it did not answer 'terraform version -json'", ("Orchestrator__TerraformPath", "/bin/true"));

    [Fact]
    public Task A_short_admin_token_is_refused_with_a_sentence() => AssertRefusedAsync(
        "is shorter than 16 characters", ("Orchestrator__AdminToken", "short"));

    [Fact]
    public Task A_time_limit_out_of_range_is_refused_with_a_sentence() => AssertRefusedAsync(
        "PlanTimeout", ("Orchestrator__Runs__PlanTimeout", "00:00:00"));

    [Fact]
    public Task A_setting_of_the_wrong_type_is_refused_with_a_sentence() => AssertRefusedAsync(
        "MaxConcurrentRuns", ("Orchestrator__Worker__MaxConcurrentRuns", "many"));

    [Theory]
    [InlineData("orchestrator.example.com", "it is not an absolute https URL")]
    [InlineData("https://orchestrator.example.com?tenant=one", "it has a query, a fragment or a user")]
    [InlineData("http://orchestrator.example.com", "it does not begin with https://")]
    [InlineData("https://orchestrator.example.com:8443", "it contains a port")]
    public Task An_issuer_that_aws_would_never_accept_is_refused_with_a_sentence(string issuer, string fault) => AssertRefusedAsync(
        $"{fault}. Set Orchestrator__Issuer to an https URL without a port", ("Orchestrator__Issuer", issuer));

    [Fact]
    public Task Another_signing_algorithm_is_refused_with_a_sentence() => AssertRefusedAsync(
        "Orchestrator__SigningKeys__Algorithm is RS256 or ES256.", ("Orchestrator__SigningKeys__Algorithm", "HS256"));

    [Theory]
    [InlineData("http://orchestrator.internal:8080", "true")]
    [InlineData("http://localhost:8080", "false")]
    public async Task An_issuer_that_is_good_for_a_simulator_is_only_pointed_out(string issuer, string simulator)
    {
        await using var server = ServerProcess.Start(
            Data, AnyPort, ("Orchestrator__Issuer", issuer), ("Orchestrator__IssuerIsElsewhere", "false"),
            ("Orchestrator__AwsSimulator__Enabled", simulator), ("Orchestrator__AwsSimulator__Url", "http://127.0.0.1:0"));

        await Wait.UntilAsync("the server to listen", () => server.Said.Contains("Orchestrator is at http://", StringComparison.Ordinal));
        Assert.Contains($"The issuer {issuer} is good for a simulator, but AWS would never accept it", server.Said, StringComparison.Ordinal);
    }

    [Fact]
    public Task PostgreSql_without_a_connection_is_refused_with_a_sentence() => AssertRefusedAsync(
        "ConnectionString", ("Orchestrator__Database__Provider", "PostgreSql"));

    [Fact]
    public Task PostgreSql_that_does_not_answer_is_refused_with_a_sentence() => AssertRefusedAsync(
        "does not answer",
        ("Orchestrator__Database__Provider", "PostgreSql"),
        ("Orchestrator__Database__ConnectionString", "Host=127.0.0.1;Port=1;Username=nobody;Database=nothing"));

    [Fact]
    public async Task Without_a_token_in_its_settings_the_server_makes_one_that_only_its_owner_can_read()
    {
        await using var server = ServerProcess.Start(Data, AnyPort, ("Orchestrator__AdminToken", ""));
        await Wait.UntilAsync("the token", () => server.Said.Contains("The admin's API token is in ", StringComparison.Ordinal));

        var file = Path.Combine(Data, "admin-token");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Data));
        Assert.Matches("\\A[0-9a-f]{64}\n\\z", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.Contains("/sign-in/", server.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_servers_own_environment_does_not_reach_a_run()
    {
        // Nobody listens there, which is of no harm to a run either.
        await using var server = await ServerProcess.StartAsync(
            Data, new Uri("http://127.0.0.1:0"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"), ("OTEL_EXPORTER_OTLP_HEADERS", $"key={Planted.Secret("of-a-collector")}"), ("OTEL_SERVICE_NAME", "ours"));
        using var api = new ApiClient(server.Address!, Platform.AdminToken);
        var workspace = await TestWorkspace.CreateAsync(api);
        await workspace.UploadAsync("""
            resource "terraform_data" "one" {
              provisioner "local-exec" { command = "cat /proc/*/environ | tr '\\0' '\\n'; echo looked-$((40 + 2))-times" }
            }
            """);

        var run = await workspace.ApplyAsync();

        Assert.Contains("looked-42-times", await run.LogAsync("apply"), StringComparison.Ordinal);
        Assert.DoesNotContain("Orchestrator__", await run.LogAsync("apply"), StringComparison.Ordinal);
        Assert.DoesNotContain("OTEL_", await run.LogAsync("apply"), StringComparison.Ordinal);
        Assert.DoesNotContain("TRACEPARENT", await run.LogAsync("apply"), StringComparison.OrdinalIgnoreCase);
    }

    public void Dispose() => DirectoryRemoval.Remove(_outside);

    private async Task AssertRefusedAsync(string sentence, params (string Name, string Value)[] environment)
    {
        await using var server = ServerProcess.Start(Data, AnyPort, environment);

        Assert.NotEqual(0, await server.WaitForExitAsync());
        Assert.Contains(sentence, server.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Said, StringComparison.Ordinal);
    }
}
