using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Orchestrator.Data;
using Orchestrator.Web.Telemetry;
using Orchestrator.Web.Tests.Credentials;
using Orchestrator.Web.Tests.Notifications;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Telemetry;

public sealed class TelemetryTests
{
    /// <summary>Started once: what it exports, and what it serves to Prometheus, is asked of one life of a run.</summary>
    [Fact]
    public async Task One_trace_leads_from_a_push_to_the_wipe_and_nothing_that_is_told_holds_a_secret()
    {
        await using var collector = await Collector.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        await using var host = await CodeHost.StartAsync();
        var platform = await Platform.StartAsync(
            DatabaseProvider.Sqlite,
            ("Orchestrator:Notifications:AllowPrivateAddresses", "true"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_HEADERS", $"x-key={Planted.Secret("of-the-collector")}"), ("OTEL_SERVICE_NAME", "orchestrator-under-test"));
        await using var running = platform;
        var repository = await host.CreateAsync("acme/network");
        var begin = await repository.PushAsync("Begin", "main", ("main.tf", """
            variable "password" { sensitive = true }
            resource "terraform_data" "one" { input = var.password }
            """));
        var connection = await TestConnection.CreateAsync(platform, host, "acme");
        var workspace = await connection.LinkAsync(repository);
        await workspace.SetAsync("password", Planted.Secret("in-a-variable"), sensitive: true);
        await AwsTests.SetUpAsync(workspace, ("TFC_AWS_RUN_ROLE_ARN", Accounts.Trusting));
        var notified = $"{receiver.Address}/hooks/{Planted.Secret("in-an-address")}";
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/notification-configurations", ApiClient.Document("notification-configurations", new JsonObject
        {
            ["destination-type"] = "generic", ["enabled"] = true, ["name"] = "told", ["url"] = notified, ["triggers"] = new JsonArray("run:completed"),
        }))).Expect(201);

        var delivery = await connection.HandleAsync("push", TestConnection.Push(repository, begin));
        var run = Assert.Single(await workspace.RunsAsync());
        await run.ReachAsync("planned");
        (await run.ActAsync("apply")).Expect(202);
        await run.ReachAsync("applied");
        // Whatever comes in an address.
        var (_, upload) = await workspace.AnnounceAsync();
        (await platform.Anonymous.PutAsync(upload, [1, 2, 3])).Expect(422);
        var log = await run.LogLinkAsync("apply");
        await platform.Anonymous.GetAsync(log);
        await platform.Anonymous.GetAsync($"/sign-in/{Planted.Secret("of-a-link")}?token={Planted.Secret("of-a-query")}");
        await Wait.UntilAsync("the notification", () => receiver.Received.Any(received => notified.EndsWith(received.Path, StringComparison.Ordinal)));
        var page = (await platform.Anonymous.GetAsync("/metrics")).Expect(200);

        Assert.True(platform.Get<TracerProvider>().ForceFlush());
        Assert.True(platform.Get<MeterProvider>().ForceFlush());
        Assert.True(platform.Get<LoggerProvider>().ForceFlush());
        var spans = collector.Spans;
        var ofRun = spans.Where(span => span.Tags.GetValueOrDefault("orchestrator.run.id") == run.Id).ToArray();
        var trace = Assert.Single(ofRun.Select(span => span.TraceId).Distinct());
        var one = spans.Where(span => span.TraceId == trace).ToArray();
        Assert.Equal(
            """
            POST
              POST /webhooks/{door}/{connection}
                vcs.delivery
                  run.create
                    run.apply
                      apply
                      credentials
                        exchange
                        token
                      prepare
                      wipe
                    run.apply.queued
                    run.confirm
                    run.plan
                      credentials
                        exchange
                        token
                      init
                      plan
                      prepare
                      show
                      store
                      wipe
                    run.plan.queued

            """, Draw(one), ignoreLineEndingDifferences: true);
        var create = Assert.Single(ofRun, span => span.Name == "run.create");
        Assert.Equal((workspace.Id, workspace.Name), (create.Tags["orchestrator.workspace.id"], create.Tags["orchestrator.workspace.name"]));
        var exchange = Assert.Single(one, span => span.Name == "exchange" && one.Any(parent => parent.Id == span.ParentId && one.Any(phase => phase.Id == parent.ParentId && phase.Name == "run.apply")));
        Assert.Contains(one, span => span.ParentId == exchange.Id && span.Tags["server.address"] == "127.0.0.1");
        // Each of the two leads to the other.
        var confirm = Assert.Single(ofRun, span => span.Name == "run.confirm");
        var request = Assert.Single(spans, span => span.TraceId != trace && span.LinkedTraces.Contains(trace));
        Assert.Equal("POST /api/v2/runs/{id}/actions/apply", request.Name);
        Assert.Equal([request.TraceId], confirm.LinkedTraces);
        Assert.All(spans.Where(span => span.Name.StartsWith("GET ", StringComparison.Ordinal)), span => Assert.DoesNotContain("metrics", span.Name, StringComparison.Ordinal));
        Assert.Contains(collector.BodiesOf("/v1/metrics"), body => Encoding.UTF8.GetString(body).Contains("orchestrator.phase.duration", StringComparison.Ordinal));
        Assert.Contains(collector.BodiesOf("/v1/logs"), body => Encoding.UTF8.GetString(body).Contains($"Run {run.Id} ended its apply", StringComparison.Ordinal)
            && body.AsSpan().IndexOf(Convert.FromHexString(trace)) >= 0);
        Assert.Contains(collector.Everything, body => Encoding.UTF8.GetString(body).Contains("orchestrator-under-test", StringComparison.Ordinal));
        string[] secrets = [.. platform.Sts.All, upload[(upload.LastIndexOf('/') + 1)..], log[(log.LastIndexOf('/') + 1)..], host.Token];
        Assert.All(secrets, secret => Assert.True(secret.Length > 15, secret));
        Assert.All(collector.Everything, body =>
        {
            Assert.False(Planted.IsIn(body));
            Assert.All(secrets, secret => Assert.True(body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) < 0, "a secret is exported"));
        });
        Assert.False(Planted.IsIn(page.Text));
        MetricsDocument.Compare(page.Text);
        Assert.Equal("handled", delivery.Attributes["status"]!.GetValue<string>());
    }

    [Fact]
    public void Nothing_is_exported_unless_somebody_says_where_to()
    {
        Assert.False(Read().IsOn);
        Assert.False(Read(("OTEL_SERVICE_NAME", "orchestrator"), ("OTEL_TRACES_EXPORTER", "otlp")).IsOn);
        Assert.Equal(new OtlpSettings(true, true, true, false), Read(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317")));
        Assert.Equal(new OtlpSettings(true, false, true, true), Read(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317"), ("OTEL_METRICS_EXPORTER", "none"), ("OTEL_RESOURCE_ATTRIBUTES", "service.name=ours,team=infra")));
        Assert.Equal(new OtlpSettings(true, false, false, false), Read(("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://collector/v1/traces")));
        Assert.False(Read(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317"), ("OTEL_SDK_DISABLED", "true")).IsOn);
        var wrong = Assert.Throws<OtlpSettingsException>(() => Read(("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317")));
        Assert.StartsWith("OTEL_EXPORTER_OTLP_ENDPOINT is no address.", wrong.Message, StringComparison.Ordinal);
    }

    private static OtlpSettings Read(params (string Name, string Value)[] settings) => OtlpSettings.Read(new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build());

    /// <summary>A trace as a tree: each span under its parent, siblings by name. Its first one is this test's own client's; what an exchange asks of the
    /// simulator, which is in this process, too, is left out.</summary>
    private static string Draw(IEnumerable<Span> spans, string parent = "", int depth = 0)
    {
        var all = spans.ToArray();
        return string.Concat(all.Where(span => span.ParentId == parent).OrderBy(span => span.Name, StringComparer.Ordinal)
            .Select(span => $"{new string(' ', depth * 2)}{span.Name}\n{(span.Name == "exchange" ? "" : Draw(all, span.Id, depth + 1))}"));
    }
}
