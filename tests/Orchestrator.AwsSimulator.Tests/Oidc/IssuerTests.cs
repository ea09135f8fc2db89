using Microsoft.AspNetCore.Http;
using Orchestrator.AwsSimulator.Oidc;
using Orchestrator.AwsSimulator.Tests.Drivers;

namespace Orchestrator.AwsSimulator.Tests.Oidc;

/// <summary>What the simulator does with an issuer that is slow, wrong or hostile.</summary>
public sealed class IssuerTests
{
    private const string NoKey = "Couldn't retrieve verification key from your identity provider";

    [Fact]
    public async Task Keys_are_fetched_once_while_they_are_fresh()
    {
        await using var simulation = await Simulation.StartAsync();

        await simulation.AssumeAsync();
        await simulation.AssumeAsync();

        Assert.Equal(1, simulation.Issuer.KeyRequests);
    }

    [Fact]
    public async Task Keys_are_fetched_again_when_the_issuer_says_they_are_stale()
    {
        await using var simulation = await Simulation.StartAsync();
        simulation.Issuer.CacheControl = "max-age=60";
        await simulation.AssumeAsync();

        simulation.Clock.Advance(TimeSpan.FromSeconds(61));
        await simulation.AssumeAsync();

        Assert.Equal(2, simulation.Issuer.KeyRequests);
    }

    [Fact]
    public async Task Five_minutes_are_the_most_that_keys_are_kept()
    {
        await using var simulation = await Simulation.StartAsync();
        simulation.Issuer.CacheControl = "max-age=86400";
        await simulation.AssumeAsync();

        simulation.Clock.Advance(TimeSpan.FromMinutes(5));
        await simulation.AssumeAsync();

        Assert.Equal(2, simulation.Issuer.KeyRequests);
    }

    [Fact]
    public async Task The_cache_can_be_switched_off()
    {
        await using var simulation = await Simulation.StartAsync(new Setup { Faults = """{ "noKeyCache": true }""" });

        await simulation.AssumeAsync();
        await simulation.AssumeAsync();

        Assert.Equal(2, simulation.Issuer.KeyRequests);
    }

    [Fact]
    public async Task A_rotated_key_is_found_by_a_second_look()
    {
        await using var simulation = await Simulation.StartAsync();
        await simulation.AssumeAsync();
        simulation.Issuer.Keys.Add(TestKeys.Jwk("rsa-2", TestKeys.Rsa));
        var token = simulation.Issuer.Token();
        token.Header["kid"] = "rsa-2";

        simulation.Clock.Advance(VerificationKeys.RefetchInterval);
        await simulation.AssumeAsync(token);

        Assert.Equal(2, simulation.Issuer.KeyRequests);
    }

    [Fact]
    public async Task A_flood_of_unknown_key_ids_does_not_reach_the_issuer()
    {
        await using var simulation = await Simulation.StartAsync();
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var token = simulation.Issuer.Token();
            token.Header["kid"] = $"made-up-{attempt}";
            await simulation.RefusedAsync(token);
        }

        Assert.Equal(1, simulation.Issuer.KeyRequests);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var elsewhere = await TestIssuer.StartAsync(TimeProvider.System);
        await RefusedAsync(
            context =>
            {
                context.Response.Redirect($"{elsewhere.Url}{context.Request.Path}");
                return Task.FromResult(true);
            },
            "302");

        Assert.Equal(0, elsewhere.Requests);
    }

    [Fact]
    public async Task Keys_on_another_origin_are_not_fetched()
    {
        await using var elsewhere = await TestIssuer.StartAsync(TimeProvider.System);
        await RefusedAsync(
            async context =>
            {
                await context.Response.WriteAsJsonAsync(
                    new { issuer = $"http://{context.Request.Host}", jwks_uri = $"{elsewhere.Url}/jwks" });
                return true;
            },
            elsewhere.Url);

        Assert.Equal(0, elsewhere.Requests);
    }

    [Fact]
    public async Task A_discovery_document_that_names_another_issuer_is_refused() => await RefusedAsync(
        async context =>
        {
            await context.Response.WriteAsJsonAsync(
                new { issuer = "https://example.com", jwks_uri = $"http://{context.Request.Host}/jwks" });
            return true;
        },
        "https://example.com");

    [Fact]
    public async Task A_discovery_document_that_is_not_JSON_is_refused() => await RefusedAsync(
        async context =>
        {
            await context.Response.WriteAsync("<html>Sign in</html>");
            return true;
        });

    [Fact]
    public async Task An_endless_discovery_document_is_cut_off() => await RefusedAsync(
        async context =>
        {
            var block = new byte[64 * 1024];
            for (var count = 0; count < 100 && !context.RequestAborted.IsCancellationRequested; count++)
            {
                await context.Response.Body.WriteAsync(block);
            }

            return true;
        },
        "more");

    [Fact]
    public async Task An_empty_key_set_is_refused() => await RefusedAsync(
        async context =>
        {
            if (context.Request.Path == "/jwks")
            {
                await context.Response.WriteAsync("""{ "keys": [] }""");
                return true;
            }

            return false;
        });

    [Fact]
    public async Task An_issuer_that_fails_is_reported_with_its_status() => await RefusedAsync(
        context =>
        {
            context.Response.StatusCode = 503;
            return Task.FromResult(true);
        },
        "503");

    [Fact]
    public async Task An_issuer_that_does_not_answer_in_time_is_given_up()
    {
        var never = new TaskCompletionSource<bool>();
        await using var simulation = await Simulation.StartAsync(new Setup { IssuerTimeout = TimeSpan.FromMilliseconds(200) });
        simulation.Issuer.Misbehave = _ => never.Task;

        var refusal = await simulation.RefusedAsync();
        never.SetResult(true);

        Assert.StartsWith(NoKey, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "InvalidIdentityToken")]
    [InlineData("""{ "unreachableIssuerIsCommunicationError": true }""", "IDPCommunicationError")]
    public async Task An_unreachable_issuer_is_reported_in_either_of_AWSs_ways(string faults, string code)
    {
        await using var simulation = await Simulation.StartAsync(new Setup { Faults = faults });
        var token = simulation.Issuer.Token();
        await simulation.Issuer.DisposeAsync();

        Assert.Equal(code, (await simulation.RefusedAsync(token)).ErrorCode);
    }

    private static async Task RefusedAsync(Func<HttpContext, Task<bool>> misbehave, string? seen = null)
    {
        await using var simulation = await Simulation.StartAsync();
        simulation.Issuer.Misbehave = misbehave;

        var refusal = await simulation.RefusedAsync();

        Assert.Equal("InvalidIdentityToken", refusal.ErrorCode);
        Assert.StartsWith(NoKey, refusal.Message, StringComparison.Ordinal);
        if (seen is not null)
        {
            Assert.Contains(seen, simulation.LastExplanation.Comparisons[0].Actual!, StringComparison.Ordinal);
        }
    }
}
