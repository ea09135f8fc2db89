using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Limits;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Api;

/// <summary>How often a caller may ask, by a clock that stands still unless a test moves it.</summary>
public sealed class LimitTests : IAsyncLifetime
{
    private const int Limit = 5;

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private WebApplication _app = null!;
    private ApiClient _api = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection([new("Orchestrator:Api:RateLimit", $"{Limit}")]);
        builder.Services.AddSingleton<TimeProvider>(_clock);
        builder.Services.AddApiLimits(builder.Configuration.GetSection("Orchestrator"));
        _app = builder.Build();
        _app.Use((context, next) =>
        {
            if (context.Request.Headers["User"].ToString() is { Length: > 0 } name)
            {
                context.User = new Caller(Person(name)).ToClaims("test");
            }
            return next(context);
        });
        _app.UseRateLimiter();
        _app.MapGet("/api/v2/ping", () => "");
        _app.MapGet("/api/v2/logs/link", () => "").DisableRateLimiting();
        _app.MapGet("/page", () => "");
        await _app.StartAsync();
        _api = new ApiClient(new Uri(_app.Urls.First()));
    }

    public async ValueTask DisposeAsync()
    {
        _api.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Who_asks_too_often_is_told_when_to_come_again()
    {
        for (var left = Limit - 1; left >= 0; left--)
        {
            AssertTold(await AskAsync("ann"), 200, Limit, left);
        }

        var refused = await AskAsync("ann");

        AssertTold(refused, 429, Limit, 0);
        refused.ExpectError(429);
        Assert.Equal(1.0 / Limit, Number(refused, "X-RateLimit-Reset"), 3);
        _clock.Advance(TimeSpan.FromSeconds(1.0 / Limit));
        AssertTold(await AskAsync("ann"), 200, Limit, 0);
        AssertTold(await AskAsync("ann"), 429, Limit, 0);
        _clock.Advance(TimeSpan.FromHours(1));
        AssertTold(await AskAsync("ann"), 200, Limit, Limit - 1);
    }

    [Fact]
    public async Task One_caller_takes_nothing_from_another()
    {
        for (var request = 0; request <= Limit; request++)
        {
            await AskAsync("ann");
        }

        (await AskAsync("ann")).Expect(429);
        (await AskAsync("bob")).Expect(200);
        // Who proves nothing is known by the address.
        AssertTold(await AskAsync(null), 200, Limit, Limit - 1);
        AssertTold(await AskAsync(null), 200, Limit, Limit - 2);
    }

    [Theory]
    [InlineData("/page")]
    [InlineData("/api/v2/logs/link")]
    public async Task Pages_and_signed_links_have_no_limit(string path)
    {
        for (var request = 0; request < 3 * Limit; request++)
        {
            Assert.False((await _api.GetAsync(path)).Expect(200).Headers.Contains("X-RateLimit-Limit"));
        }
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    [InlineData(30, true)]
    public void A_limit_that_stops_every_client_is_refused(int limit, bool isGood)
    {
        var result = new ApiOptions.Validation().Validate(null, new ApiOptions { RateLimit = limit });

        Assert.Equal(isGood, result.Succeeded);
        Assert.Equal(!isGood, result.FailureMessage?.Contains("Orchestrator__Api__RateLimit", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task The_server_limits_people_to_thirty_a_second_and_runs_hardly_at_all()
    {
        await using var platform = await Platform.StartAsync(settings: ("Orchestrator:Api:RateLimit", "30"));
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        var run = await workspace.StartAsync();
        using var terraform = new ApiClient(platform.Address, await platform.Get<RunTokens>().IssueAsync(
            new RunId(run.Id), new WorkspaceId(workspace.Id), mayWriteState: false, TimeSpan.FromMinutes(5), CancellationToken.None));

        Assert.Equal(30, new ApiOptions().RateLimit);
        Assert.Equal(30, Number((await platform.Api.GetAsync("ping")).Expect(204), "X-RateLimit-Limit"));
        Assert.Equal(30, Number((await platform.Anonymous.GetAsync("ping")).Expect(401), "X-RateLimit-Limit"));
        Assert.Equal(1000, Number((await terraform.GetAsync("ping")).Expect(204), "X-RateLimit-Limit"));
        await run.ReachAsync("planned");
    }

    [Fact]
    public void Callers_who_are_gone_are_forgotten()
    {
        var limits = new CallerLimits(Options.Create(new ApiOptions()), _clock);
        for (var caller = 0; caller < 2000; caller++)
        {
            var context = new DefaultHttpContext { User = new Caller(Person($"user-{caller}")).ToClaims("test") };
            context.Request.Path = "/api/v2/ping";
            limits.AttemptAcquire(context);
            _clock.Advance(TimeSpan.FromMilliseconds(10));
        }

        Assert.InRange(limits.Count, 1, 1001);
    }

    private Task<Answer> AskAsync(string? user) => _api.SendAsync(HttpMethod.Get, "ping", headers: headers =>
    {
        if (user is not null)
        {
            headers.Add("User", user);
        }
    });

    private static void AssertTold(Answer answer, int status, int limit, int remaining)
    {
        answer.Expect(status);
        Assert.Equal((limit, remaining), (Number(answer, "X-RateLimit-Limit"), Number(answer, "X-RateLimit-Remaining")));
        Assert.InRange(Number(answer, "X-RateLimit-Reset"), 0.001, 1);
    }

    private static Principal Person(string name) => new(PrincipalKind.User, name, name);

    private static double Number(Answer answer, string header) =>
        double.Parse(Assert.Single(answer.Headers.GetValues(header)), System.Globalization.CultureInfo.InvariantCulture);
}
