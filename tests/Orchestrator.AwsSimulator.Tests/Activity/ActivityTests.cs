using System.Net.Http.Json;
using System.Text.Json;
using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Tests.Drivers;

namespace Orchestrator.AwsSimulator.Tests.Activity;

public sealed class ActivityTests
{
    [Fact]
    public async Task A_refusal_by_policy_shows_expected_and_actual_values()
    {
        await using var simulation = await Simulation.StartAsync(new Setup
        {
            Conditions = """{ "StringEquals": { "${issuer_host}:sub": "organization:acme:*" } }""",
        });

        await simulation.RefusedAsync();

        var explanation = (await simulation.Http.GetFromJsonAsync<JsonElement>("/_simulator/explain"))[0];
        var statement = explanation.GetProperty("policies")[0].GetProperty("statements")[0];
        var condition = statement.GetProperty("elements").EnumerateArray().Single(element => !element.GetProperty("matched").GetBoolean());
        Assert.Equal("sts:AssumeRoleWithWebIdentity", explanation.GetProperty("operation").GetString());
        Assert.Equal("TrustTheIssuer", statement.GetProperty("statement").GetString());
        Assert.Equal("StringEquals", condition.GetProperty("operator").GetString());
        Assert.Equal($"{simulation.Issuer.Host}:sub", condition.GetProperty("key").GetString());
        Assert.Equal("organization:acme:*", condition.GetProperty("expected")[0].GetString());
        Assert.Equal(TestIssuer.Subject, condition.GetProperty("actual")[0].GetString());
        Assert.Equal("StringEquals takes * and ? literally; wildcards need StringLike.", condition.GetProperty("note").GetString());
    }

    [Fact]
    public async Task Every_call_leaves_an_event()
    {
        await using var simulation = await Simulation.StartAsync();
        var s3 = await simulation.S3Async();
        await s3.PutAsync("/data/file", "x");
        await s3.GetAsync("/data/nothing");

        var events = await simulation.Http.GetFromJsonAsync<JsonElement>("/_simulator/events");

        Assert.Equal(
            ["AssumeRoleWithWebIdentity", "PutObject", "GetObject"],
            events.EnumerateArray().Select(entry => entry.GetProperty("eventName").GetString()));
        var exchange = simulation.Activity.Events[0];
        Assert.Equal("sts.amazonaws.com", exchange.EventSource);
        Assert.Equal("WebIdentityUser", exchange.UserIdentity.Type);
        Assert.Equal(TestIssuer.Subject, exchange.UserIdentity.UserName);
        Assert.Equal("7f5c3c1e-0000-4000-8000-000000000001", exchange.AdditionalEventData["jti"]);
        Assert.Equal(s3.Credentials.AccessKeyId, exchange.ResponseElements["accessKeyId"]);
        var put = simulation.Activity.Events[1];
        Assert.Equal(("s3.amazonaws.com", "data", "file"), (put.EventSource, put.RequestParameters["bucketName"], put.RequestParameters["key"]));
        Assert.Equal($"arn:aws:sts::{Setup.AccountId}:assumed-role/deploy/run-1-plan", put.UserIdentity.Arn);
        Assert.Null(put.ErrorCode);
        Assert.Equal("NoSuchKey", simulation.Activity.Events[2].ErrorCode);
    }

    [Fact]
    public async Task No_token_key_or_secret_is_recorded()
    {
        await using var simulation = await Simulation.StartAsync();
        var token = simulation.Issuer.Token().ToString();
        var credentials = (await simulation.ExchangeAsync(token)).Credentials;
        var s3 = new S3Client(simulation.Address, credentials, simulation.Clock);
        await s3.PutAsync("/data/file", "x");
        await s3.SendAsync(HttpMethod.Get, "/data/file", spoil: request => request.Method = HttpMethod.Put);
        await simulation.RefusedAsync(token, request => request.DurationSeconds = 7200);
        await simulation.RefusedAsync(token[..^4] + "AAAA");
        await simulation.RefusedAsync(token, request => request.RoleArn = "arn:aws:iam::123456789012:role/nobody");

        var recorded = JsonSerializer.Serialize(simulation.Activity.Events)
            + JsonSerializer.Serialize(simulation.Activity.Explanations);

        Assert.DoesNotContain(credentials.SecretAccessKey[..20], recorded, StringComparison.Ordinal);
        Assert.DoesNotContain(credentials.SessionToken[..40], recorded, StringComparison.Ordinal);
        foreach (var part in token.Split('.'))
        {
            Assert.DoesNotContain(part, recorded, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Only_the_latest_events_are_kept()
    {
        var log = new ActivityLog();
        for (var number = 0; number < ActivityLog.Capacity + 10; number++)
        {
            log.Add(Event($"{number}"), null);
        }

        Assert.Equal(ActivityLog.Capacity, log.Events.Count);
        Assert.Equal("10", log.Events[0].RequestId);

        static AuditEvent Event(string id) => new(
            DateTimeOffset.UnixEpoch, "", "", id, null, null, null, AuditIdentity.Unknown, null, null,
            new Dictionary<string, string?>(), new Dictionary<string, string?>(), new Dictionary<string, string?>());
    }
}
