using System.Diagnostics;
using Orchestrator.AwsSimulator.Configuration;
using Orchestrator.AwsSimulator.Tests.Drivers;

namespace Orchestrator.AwsSimulator.Tests.Configuration;

public sealed class ConfigurationTests
{
    private const string Issuer = "http://localhost:8080";

    [Fact]
    public void Placeholders_take_the_issuers_place()
    {
        var configuration = SimulatorConfiguration.Parse(new Setup().Json, Issuer + "/");

        var account = configuration.Accounts[0];
        Assert.Equal(Issuer, account.OidcProviders[0].Url);
        Assert.Equal("arn:aws:iam::123456789012:oidc-provider/localhost:8080", account.OidcProviders[0].Arn);
        Assert.Equal("localhost:8080:aud", account.Roles[0].TrustPolicy.Statements[0].Conditions[0].Key);
    }

    [Fact]
    public void A_placeholder_without_issuer_is_named_with_its_line()
    {
        var refusal = Assert.Throws<InvalidConfigurationException>(
            () => SimulatorConfiguration.Parse("{\n\"accounts\": [\"${issuer}\"] }", source: "accounts.json"));

        Assert.Equal("accounts.json, line 2: ${issuer} has no value; give the issuer's URL with --issuer.", refusal.Message);
    }

    [Theory]
    [InlineData("""{ "accounts": ["${issuer_hots}"] }""", "line 1: ${issuer_hots} is unknown")]
    [InlineData("""{ }""", "$: \"accounts\" is missing")]
    [InlineData("""[]""", "$: must be an object")]
    [InlineData("""{ "accounts": [{ "id": "1" }] }""", "$.accounts[0].id: '1' is not an account id")]
    [InlineData("""{ "accounts": [], "fualts": {} }""", "$.fualts: unknown member")]
    [InlineData("""{ "accounts": [], "faults": { "throttleFirst": -1 } }""", "$.faults.throttleFirst: must be a whole number")]
    [InlineData("""{ "accounts": [], "accounts": [] }""", "accounts")]
    [InlineData("""{ "accounts": [ }""", "LineNumber: 0")]
    [InlineData("""{ "accounts": [{ "id": "123456789012" }, { "id": "123456789012" }] }""", "$.accounts[1]: the account id")]
    [InlineData(
        """{ "accounts": [{ "id": "123456789012", "oidcProviders": [{ "url": "ftp://x", "clientIds": ["a"] }] }] }""",
        "$.accounts[0].oidcProviders[0].url: 'ftp://x' is not an https URL")]
    [InlineData(
        """{ "accounts": [{ "id": "123456789012", "oidcProviders": [{ "url": "https://x", "clientIds": [] }] }] }""",
        "$.accounts[0].oidcProviders[0].clientIds: must hold 1 to 100")]
    [InlineData(
        """
        { "relaxations": { "allowHttpIssuer": false },
          "accounts": [{ "id": "123456789012", "oidcProviders": [{ "url": "${issuer}", "clientIds": ["a"] }] }] }
        """,
        "AWS accepts https issuers only")]
    [InlineData(
        """
        { "relaxations": { "allowPortInIssuer": false },
          "accounts": [{ "id": "123456789012", "oidcProviders": [{ "url": "${issuer}", "clientIds": ["a"] }] }] }
        """,
        "AWS accepts no port in an issuer")]
    [InlineData(
        """{ "accounts": [{ "id": "123456789012", "roles": [{ "name": "r", "trustPolicy": { "Statement": { "Effect": "Maybe" } } }] }] }""",
        "$.accounts[0].roles[0].trustPolicy.Statement.Effect: must be \"Allow\" or \"Deny\"")]
    [InlineData(
        """{ "accounts": [{ "id": "123456789012", "buckets": [{ "name": "twice" }, { "name": "twice" }] }] }""",
        "$.accounts[0].buckets[1]: the bucket name 'twice' is already taken")]
    public void A_mistake_is_named_with_its_place(string json, string message)
    {
        var refusal = Assert.Throws<InvalidConfigurationException>(
            () => SimulatorConfiguration.Parse(json, Issuer, "accounts.json"));

        Assert.StartsWith("accounts.json", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_objects_content_may_be_text_or_JSON()
    {
        var configuration = SimulatorConfiguration.Parse("""
            { "accounts": [{ "id": "123456789012", "buckets": [{ "name": "data", "objects": {
              "text": "plain ${aws:text}", "json": { /* not stored */ "version": 4 } } }] }] }
            """);

        var objects = configuration.Accounts[0].Buckets[0].Objects;
        Assert.Equal("plain ${aws:text}", objects["text"]);
        Assert.Equal("{\n  \"version\": 4\n}", objects["json"]);
    }

    [Fact]
    public void The_sample_is_valid() =>
        Assert.Equal([3, 1], SimulatorConfiguration.Load(Samples.Accounts, Issuer).Accounts.Select(account => account.Roles.Count));

    [Theory]
    [InlineData("--config /no/such/file", "/no/such/file: cannot be read")]
    [InlineData("", "--config is missing.")]
    [InlineData("--config a --port 1", "Unknown argument --port.")]
    [InlineData("--config", "--config needs one value.")]
    [InlineData("--config a --urls nonsense", "'nonsense' is not an http address")]
    [InlineData("--config a --urls https://127.0.0.1:8090", "is not an http address")]
    public async Task The_program_says_what_is_wrong_and_ends_with_2(string arguments, string message)
    {
        var (exitCode, error) = await RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, exitCode);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Error)> RunAsync(string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Orchestrator.AwsSimulator.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardError = true })!;
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, error);
    }
}
