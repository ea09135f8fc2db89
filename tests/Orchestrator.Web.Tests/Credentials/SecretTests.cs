using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Credentials;

/// <summary>What was minted for a run exists in its own processes, and nowhere else: not while it runs, and not afterwards.</summary>
public sealed class SecretTests
{
    [Theory, EachDatabase]
    public async Task A_curious_configuration_gets_none_of_its_secrets_out(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var workspace = await TestWorkspace.CreateAsync(platform.Api, organization: "acme");
        await AwsTests.SetUpAsync(workspace, ("TFC_AWS_RUN_ROLE_ARN", Accounts.Trusting));
        await workspace.SetAsync(
            "listener", ((System.Net.IPEndPoint)listener.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture), hcl: true);
        await workspace.UploadSampleAsync("threats/dump");

        var run = await workspace.StartAsync(new JsonObject { ["auto-apply"] = true });
        using var limit = new CancellationTokenSource(Wait.Limit);
        using var caller = await listener.AcceptTcpClientAsync(limit.Token);
        using var reader = new StreamReader(caller.GetStream(), Encoding.UTF8);
        var stateToken = await reader.ReadToEndAsync(limit.Token);
        await run.ReachAsync("applied");

        Assert.StartsWith("orun.", stateToken, StringComparison.Ordinal);
        string[] secrets = [stateToken, .. platform.Sts.Of(run.Id, "plan").All, .. platform.Sts.Of(run.Id, "apply").All];
        Assert.Equal(7, secrets.Distinct().Count());
        Assert.All(secrets, secret => Assert.True(secret.Length >= 40));

        var apply = await run.LogAsync("apply");
        Assert.Contains("--- base64", apply, StringComparison.Ordinal);
        Assert.Contains("AWS_SECRET_ACCESS_KEY=***", apply, StringComparison.Ordinal);
        Assert.Contains("key id ASIA", apply, StringComparison.Ordinal);
        foreach (var (name, text) in new[]
        {
            ("plan log", await run.LogAsync("plan")), ("apply log", apply), ("plan JSON", (await run.PlanJsonAsync()).Text),
            ("run", (await run.ReadAsync()).Text), ("state versions", (await platform.Api.GetAsync($"workspaces/{workspace.Id}/state-versions")).Text),
            ("ledger", (await platform.Api.GetAsync($"runs/{run.Id}/credential-grants")).Text),
            ("export", (await platform.Api.GetAsync($"runs/{run.Id}/credential-grants/export")).Text),
            ("settings", (await platform.Api.GetAsync($"workspaces/{workspace.Id}/credential-settings")).Text),
        })
        {
            AssertNone(name, Encoding.UTF8.GetBytes(text), secrets);
        }
        await AwsTests.AssertWipedAsync(platform, run);

        SearchFiles(platform.DirectoryPath, provider == DatabaseProvider.Sqlite ? 4 : 0, secrets);
        SearchProcesses(secrets);
        if (provider == DatabaseProvider.PostgreSql)
        {
            // The cluster itself: its tables, its log of writes, its temporary files.
            await using var db = platform.Open();
            await db.Database.ExecuteSqlAsync($"CHECKPOINT");
            SearchFiles(new NpgsqlConnectionStringBuilder(db.Database.GetConnectionString()).Host!, 100, secrets);
        }
    }

    [Theory, EachDatabase]
    public async Task A_plan_that_holds_its_own_credentials_is_not_kept(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api, organization: "acme");
        await AwsTests.SetUpAsync(workspace, ("TFC_AWS_RUN_ROLE_ARN", Accounts.Trusting));
        await workspace.UploadSampleAsync("threats/output");

        var run = await workspace.StartAsync(new JsonObject { ["auto-apply"] = true });
        var errored = await run.ReachAsync("errored");

        Assert.Contains("The plan holds credentials that were made for this run alone", errored.Attributes["outcome"]!.GetValue<string>(), StringComparison.Ordinal);
        string[] secrets = [.. platform.Sts.Of(run.Id, "plan").All];
        AssertNone("plan log", Encoding.UTF8.GetBytes(await run.LogAsync("plan")), secrets);
        (await platform.Api.GetAsync($"plans/{run.PlanId}/json-output")).Expect(204);
        Assert.Null(await workspace.StateAsync());
        await AwsTests.AssertWipedAsync(platform, run);
    }

    [Fact]
    public async Task Credentials_that_an_apply_writes_into_its_state_are_told_by_the_receipt()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api, organization: "acme");
        await AwsTests.SetUpAsync(workspace, ("TFC_AWS_RUN_ROLE_ARN", Accounts.Trusting));
        await workspace.UploadSampleAsync("threats/late-output");

        var run = await workspace.StartAsync(new JsonObject { ["auto-apply"] = true });
        await run.ReachAsync("applied");

        string[] secrets = [.. platform.Sts.Of(run.Id, "plan").All, .. platform.Sts.Of(run.Id, "apply").All];
        AssertNone("plan log", Encoding.UTF8.GetBytes(await run.LogAsync("plan")), secrets);
        AssertNone("apply log", Encoding.UTF8.GetBytes(await run.LogAsync("apply")), secrets);
        Assert.Contains("AWS_SECRET_ACCESS_KEY=***", await run.LogAsync("apply"), StringComparison.Ordinal);
        AssertNone("plan JSON", (await run.PlanJsonAsync()).Bytes, secrets);
        SearchFiles(platform.DirectoryPath, 4, secrets);
        await using var db = platform.Open();
        var apply = await db.Applies.AsNoTracking().FirstAsync(apply => apply.RunId == new RunId(run.Id));
        Assert.Equal(["state"], Orchestrator.Runs.WipeReceipt.Parse(apply.WipeReceiptJson)!.Findings);
    }

    [Theory]
    [InlineData(CredentialDelivery.Endpoint)]
    [InlineData(CredentialDelivery.WebIdentityFile)]
    public async Task However_they_are_delivered_a_dump_shows_none(CredentialDelivery delivery)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await DeliveryTests.SetUpAsync(platform, policy => policy.Delivery = delivery);
        await workspace.UploadSampleAsync("threats/dump");

        var run = await workspace.ApplyAsync();

        var log = await run.LogAsync("apply");
        Assert.Contains(delivery == CredentialDelivery.Endpoint ? "AWS_CONTAINER_AUTHORIZATION_TOKEN=***" : "web_identity_token_file", log, StringComparison.Ordinal);
        // The beginning of every token, in clear and in base64.
        Assert.DoesNotContain("eyJhbGciOi", log, StringComparison.Ordinal);
        Assert.DoesNotContain("ZXlKaGJHY2lPa", log, StringComparison.Ordinal);
        AssertNone("apply log", Encoding.UTF8.GetBytes(log), [.. platform.Sts.Of(run.Id, "plan").All, .. platform.Sts.Of(run.Id, "apply").All]);
        await AwsTests.AssertWipedAsync(platform, run);
    }

    [Fact]
    public async Task Keys_that_are_fetched_and_printed_are_masked_and_nobody_is_left_who_asks()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await DeliveryTests.SetUpAsync(platform, policy => policy.Delivery = CredentialDelivery.Endpoint);
        await workspace.UploadSampleAsync("threats/endpoint");

        var run = await workspace.ApplyAsync();

        var log = await run.LogAsync("apply");
        Assert.Contains("\"SecretAccessKey\":\"***\"", log, StringComparison.Ordinal);
        Assert.Contains("--- done", log, StringComparison.Ordinal);
        AssertNone("apply log", Encoding.UTF8.GetBytes(log), [.. platform.Sts.Of(run.Id, "apply").All]);
        await AwsTests.AssertWipedAsync(platform, run);
    }

    [Fact]
    public async Task A_run_finds_nothing_of_the_run_before_it()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await DeliveryTests.SetUpAsync(platform, _ => { });
        await workspace.UploadSampleAsync("threats/next-run");
        await workspace.ApplyAsync();

        var second = await workspace.ApplyAsync();

        var log = await second.LogAsync("apply");
        Assert.Contains("looked around", log, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[0mfound in", log, StringComparison.Ordinal);
        SearchFiles(platform.DirectoryPath, 4, [.. platform.Sts.Of(second.Id, "apply").All]);
    }

    private static void SearchFiles(string directory, int atLeast, string[] secrets)
    {
        var searched = 0;
        foreach (var file in Directory.EnumerateFiles(directory, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Where(file => !Path.GetFileName(file).StartsWith(".s.PGSQL", StringComparison.Ordinal)))
        {
            try
            {
                using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using var content = new MemoryStream();
                open.CopyTo(content);
                AssertNone(file, content.GetBuffer().AsSpan(0, (int)content.Length), secrets);
                searched++;
            }
            catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException || gone is IOException && !File.Exists(file))
            {
                // Removed meanwhile by another test's run.
            }
            catch (IOException) when (Path.GetFileName(file) == "orchestrator.lock")
            {
                // Held by the server, and empty.
            }
        }
        Assert.True(searched >= atLeast, $"Only {searched} files were searched in {directory}.");
    }

    private static void SearchProcesses(string[] secrets)
    {
        var searched = 0;
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => path["/proc/".Length..].All(char.IsAsciiDigit)))
        {
            foreach (var file in new[] { "environ", "cmdline" })
            {
                try
                {
                    AssertNone($"{process}/{file}", File.ReadAllBytes($"{process}/{file}"), secrets);
                    searched++;
                }
                catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
                {
                    // It has ended.
                }
            }
        }
        Assert.True(searched > 1);
    }

    private static void AssertNone(string place, ReadOnlySpan<byte> content, string[] secrets)
    {
        foreach (var secret in secrets)
        {
            foreach (var form in new[] { secret, Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)).TrimEnd('=')[..^1], Uri.EscapeDataString(secret) })
            {
                Assert.True(content.IndexOf(Encoding.UTF8.GetBytes(form)) < 0, $"A secret of the run is in {place}.");
            }
        }
    }
}
