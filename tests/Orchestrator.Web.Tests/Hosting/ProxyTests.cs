using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Data.Audit;
using Orchestrator.Web.Access;
using Orchestrator.Web.Hosting;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Hosting;

/// <summary>A server behind a proxy that speaks TLS with the world and plain HTTP with it.</summary>
public sealed class ProxyTests
{
    private const string Name = "orchestrator.example.com";
    private const string MetricsToken = "a-token-for-metrics-alone";

    [Fact]
    public async Task What_a_trusted_proxy_says_counts_for_cookies_links_addresses_and_metrics()
    {
        await using var platform = await Platform.StartAsync(
            DatabaseProvider.Sqlite,
            ("Orchestrator:TrustedProxies:0", "127.0.0.0/8"), ("Orchestrator:TrustedProxies:1", "10.0.0.7"),
            ("Orchestrator:Metrics:Token", MetricsToken), ("Orchestrator:Metrics:Networks:0", "198.51.100.0/24"));
        var workspace = await TestWorkspace.CreateAsync(platform.Api);

        var entered = await AskAsync(platform.Anonymous, await platform.Get<SignInLinks>().MakeAsync(User.AdminId, CancellationToken.None), "203.0.113.9");
        Assert.Contains("; secure", entered.Headers.GetValues("Set-Cookie").First(cookie => cookie.StartsWith("orchestrator=", StringComparison.Ordinal)), StringComparison.Ordinal);
        var upload = (await platform.Api.SendAsync(
            HttpMethod.Post, $"workspaces/{workspace.Id}/configuration-versions",
            new StringContent(ApiClient.Document("configuration-versions").ToJsonString(), System.Text.Encoding.UTF8, ApiClient.JsonApi), Through("203.0.113.9"))).Expect(201);
        Assert.StartsWith($"https://{Name}/", upload.Attributes["upload-url"]!.GetValue<string>(), StringComparison.Ordinal);
        // Whatever the caller has written before: the first one from the right that is no proxy is who it is.
        await AskAsync(platform.Anonymous, $"/sign-in/{new string('a', 43)}", "192.0.2.1, 203.0.113.10, 10.0.0.7");
        await using var db = await platform.OpenTrailAsync();
        Assert.Equal("203.0.113.10", (await db.AuditEntries.OrderByDescending(entry => entry.Sequence).FirstAsync(entry => entry.Outcome == AuditOutcome.Refused)).Address);
        Assert.Equal("203.0.113.9", (await db.Sessions.SingleAsync()).Address);
        // Each fails for itself alone.
        for (var attempt = 0; attempt < FailedAttempts.MaxInWindow; attempt++)
        {
            await AskAsync(platform.Anonymous, $"/sign-in/{new string('a', 43)}", "203.0.113.11");
        }
        Assert.Equal(429, (await AskAsync(platform.Anonymous, $"/sign-in/{new string('a', 43)}", "203.0.113.11")).Status);
        Assert.Equal(302, (await AskAsync(platform.Anonymous, $"/sign-in/{new string('a', 43)}", "203.0.113.12")).Status);

        // Metrics are for this machine, the networks that are named, and whoever shows a token.
        (await platform.Anonymous.GetAsync("/metrics")).Expect(200);
        Assert.Equal(200, (await AskAsync(platform.Anonymous, "/metrics", "198.51.100.3")).Status);
        foreach (var path in new[] { "/metrics", "/metrics/", "/Metrics" })
        {
            var refused = await AskAsync(platform.Anonymous, path, "203.0.113.9");
            Assert.Equal((401, "Bearer"), (refused.Status, refused.Headers.WwwAuthenticate.ToString()));
            Assert.DoesNotContain("# HELP", refused.Text, StringComparison.Ordinal);
        }
        using var scraper = new ApiClient(platform.Address, MetricsToken);
        using var stranger = new ApiClient(platform.Address, MetricsToken + "x");
        using var member = await platform.CallerAsync(await platform.AccountAsync());
        Assert.Contains("# HELP", (await AskAsync(scraper, "/metrics", "203.0.113.9")).Expect(200).Text, StringComparison.Ordinal);
        Assert.Equal(200, (await AskAsync(platform.Api, "/metrics", "203.0.113.9")).Status);
        Assert.Equal(401, (await AskAsync(stranger, "/metrics", "203.0.113.9")).Status);
        Assert.Equal(401, (await AskAsync(member, "/metrics", "203.0.113.9")).Status);
        Assert.Equal(401, (await scraper.GetAsync("account/details")).Status);
    }

    [Fact]
    public async Task Where_no_proxy_is_named_nothing_that_one_would_say_is_believed()
    {
        var platform = await SharedPlatforms.OfAsync();
        var mark = TestWorkspace.NewName("liar");

        var page = await platform.Anonymous.SendAsync(HttpMethod.Get, "/sign-in", headers: Through("203.0.113.9"));
        await platform.Anonymous.SendAsync(HttpMethod.Get, $"/sign-in/{mark}", headers: headers =>
        {
            Through("203.0.113.9")(headers);
            headers.UserAgent.ParseAdd(mark);
        });
        using var forged = new ApiClient(platform.Address, $"AAAAAAAAAAAAAA.atlasv1.{new string('x', 67)}");
        await forged.SendAsync(HttpMethod.Get, $"workspaces/{mark}", headers: headers =>
        {
            Through("203.0.113.9")(headers);
            headers.UserAgent.ParseAdd(mark);
        });
        var upload = (await platform.Api.SendAsync(HttpMethod.Get, "organizations?page[size]=1", headers: Through("203.0.113.9"))).Expect(200);

        Assert.DoesNotContain(page.Headers.GetValues("Set-Cookie"), cookie => cookie.Contains("; secure", StringComparison.Ordinal));
        Assert.StartsWith(platform.Address.GetLeftPart(UriPartial.Authority), upload.Json["links"]!["self"]!.GetValue<string>(), StringComparison.Ordinal);
        await using var db = await platform.OpenTrailAsync();
        Assert.All(await db.AuditEntries.AsNoTracking().Where(entry => entry.UserAgent == mark).ToListAsync(), entry => Assert.Equal("127.0.0.1", entry.Address));
        // It has come through a proxy that nobody has named, so it may be anybody's.
        Assert.Equal(401, (await platform.Anonymous.SendAsync(HttpMethod.Get, "/metrics", headers: Through("203.0.113.9"))).Status);
    }

    [Theory]
    [InlineData("Orchestrator:TrustedProxies:0", "the proxy", "'the proxy'")]
    [InlineData("Orchestrator:TrustedProxies:0", "10.1.2.3/80", "'10.1.2.3/80'")]
    [InlineData("Orchestrator:Metrics:Networks:0", "everywhere", "Orchestrator__Metrics__Networks")]
    [InlineData("Orchestrator:Metrics:Token", "short", "16 characters")]
    public void A_setting_that_says_nothing_stops_the_start_with_a_sentence(string name, string value, string said)
    {
        var section = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(name, (string?)value)]).Build().GetSection("Orchestrator");
        var services = new ServiceCollection();
        services.AddTrustedProxies(section);
        services.AddMetricsGate(section);
        using var provider = services.BuildServiceProvider();

        // As every start does.
        var wrong = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());

        Assert.Contains(said, Assert.Single(wrong.Failures), StringComparison.Ordinal);
    }

    private static Task<Answer> AskAsync(ApiClient client, string path, string callers) => client.SendAsync(HttpMethod.Get, path, headers: Through(callers));

    private static Action<System.Net.Http.Headers.HttpRequestHeaders> Through(string callers) => headers =>
    {
        headers.Add("X-Forwarded-For", callers);
        // One for each, as each proxy adds its own.
        headers.Add("X-Forwarded-Proto", string.Join(", ", callers.Split(',').Select(_ => "https")));
        headers.Add("X-Forwarded-Host", string.Join(", ", callers.Split(',').Select(_ => Name)));
    };
}
