using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Vcs;

/// <summary>What comes in at the door of version control, and what does not.</summary>
public sealed class DeliveryTests
{
    private static readonly byte[] Ping = "{\"zen\":\"Keep it logically awesome.\"}"u8.ToArray();

    [Theory, EachDatabase]
    public async Task What_does_not_prove_itself_or_cannot_be_read_is_refused_and_recorded_with_a_reason(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        await using var host = await CodeHost.StartAsync();
        var connection = await TestConnection.CreateAsync(platform, host);
        var repeated = Guid.NewGuid().ToString();

        Assert.Equal(401, (await connection.SendAsync("push", Ping, repeated, signature: "")).Status);
        Assert.Equal(401, (await connection.SendAsync("push", Ping, repeated, signature: $"sha256={new string('0', 64)}")).Status);
        Assert.Equal(401, (await connection.SendAsync("push", Ping, repeated, signature: "sha256=short")).Status);
        Assert.Equal(401, (await connection.SendAsync("push", Ping, repeated, signature: $"sha1={new string('0', 40)}")).Status);
        Assert.Equal(400, (await connection.SendAsync("push", "{\"ref\":\"refs/he"u8.ToArray(), repeated)).Status);
        Assert.Equal(400, (await connection.SendAsync("push", "payload=%7B%7D"u8.ToArray(), repeated)).Status);
        Assert.Equal(400, (await connection.SendAsync("push", "[]"u8.ToArray(), repeated)).Status);
        Assert.Equal(413, (await connection.SendAsync("push", new byte[(5 * 1024 * 1024) + 1], repeated)).Status);
        Assert.Equal(404, (await connection.SendAsync("push", Ping, door: "gitlab")).Status);
        Assert.Equal(404, (await connection.SendAsync("push", Ping, door: "nothing")).Status);
        Assert.Equal(404, (await platform.Anonymous.PostAsync($"/webhooks/github/{Identifier.New<OAuthClientId>()}")).Status);
        Assert.Equal(404, (await platform.Anonymous.PostAsync("/webhooks/github/oc-x")).Status);

        var log = await connection.LogAsync();
        Assert.Equal(8, log.Count);
        Assert.All(log, row => Assert.Equal("refused", row["attributes"]!["status"]!.GetValue<string>()));
        Assert.Equal(
            ["It has more than", "It is no JSON obj", "It is no JSON obj", "It is no JSON obj", "Its signature is ", "Its signature is ", "Its signature is ", "It is not signed:"],
            log.Select(row => row["attributes"]!["reason"]!.GetValue<string>()[..Math.Min(17, row["attributes"]!["reason"]!.GetValue<string>().Length)].Replace("It has more than ", "It has more than", StringComparison.Ordinal)));
        // What somebody has tried under its name does not keep the true one out.
        var ping = (await connection.SendAsync("ping", Ping, repeated)).Expect(202).Json["delivery"]!.GetValue<string>();
        // No job has to find out that nothing follows from it.
        Assert.Equal("ignored", (await platform.Api.GetAsync($"vcs-events/{ping}")).Expect(200).Attributes["status"]!.GetValue<string>());
        // Whoever was refused cannot be delivered again.
        (await platform.Api.PostAsync($"vcs-events/{log[0]["id"]}/actions/redeliver")).ExpectError(409);
    }

    [Fact]
    public async Task A_sender_that_breaks_off_is_recorded()
    {
        var platform = await SharedPlatforms.OfAsync();
        await using var host = await CodeHost.StartAsync();
        var connection = await TestConnection.CreateAsync(platform, host);
        using (var socket = new TcpClient(platform.Address.Host, platform.Address.Port))
        {
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /webhooks/github/{connection.Id} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{{\"ref\":"));
        }

        var row = await Wait.ForAsync("the delivery in the log", async () => await connection.LogAsync() is [var first, ..] ? first : null);

        Assert.Equal("Its sender broke off in the middle.", row["attributes"]!["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task Strangers_do_not_fill_the_log()
    {
        var platform = await SharedPlatforms.OfAsync();
        await using var host = await CodeHost.StartAsync();
        var connection = await TestConnection.CreateAsync(platform, host);

        for (var attempt = 0; attempt < 40; attempt++)
        {
            Assert.Equal(401, (await connection.SendAsync("push", Ping, signature: "")).Status);
        }

        Assert.Equal(20, (await connection.LogAsync()).Count);
        Assert.Equal(30, (await platform.Api.GetAsync($"organizations/{connection.Organization}/vcs-events")).Expect(200).Json["meta"]!["pagination"]!["total-count"]!.GetValue<int>());
    }

    /// <summary>The benchmark <c>vcs</c> sends a thousand.</summary>
    [Theory, EachDatabase]
    public async Task Of_hundreds_of_deliveries_in_a_burst_none_is_lost_and_each_is_handled_once(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        await using var host = await CodeHost.StartAsync();
        var connection = await TestConnection.CreateAsync(platform, host);

        // Of a repository that nobody has linked; some come twice, as from a service that has not heard the answer.
        var push = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["ref"] = "refs/heads/main", ["before"] = new string('0', 40), ["after"] = new string('a', 40), ["commits"] = new JsonArray(),
            ["repository"] = new JsonObject { ["full_name"] = "acme/elsewhere", ["default_branch"] = "main" },
        }.ToJsonString());
        var answered = new ConcurrentBag<Answer>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 330), new ParallelOptions { MaxDegreeOfParallelism = 200, CancellationToken = TestContext.Current.CancellationToken }, async (number, _) =>
            answered.Add(await connection.SendAsync("push", push, $"delivery-{number % 300}")));

        Assert.All(answered, answer => answer.Expect(202));
        Assert.Equal((330, 300), (answered.Count, answered.Select(answer => answer.Json["delivery"]!.GetValue<string>()).Distinct().Count()));
        var handled = await Wait.ForAsync("all to be handled", async () =>
            (await platform.Api.GetAsync($"organizations/{connection.Organization}/vcs-events?filter%5Bstatus%5D=ignored&page%5Bsize%5D=1")).Expect(200) is var page
            && page.Json["meta"]!["pagination"]!["total-count"]!.GetValue<int>() == 300 ? page : null);
        Assert.Equal("No workspace takes its configuration from this repository through this connection.", handled.Json["data"]![0]!["attributes"]!["reason"]!.GetValue<string>());
    }
}
