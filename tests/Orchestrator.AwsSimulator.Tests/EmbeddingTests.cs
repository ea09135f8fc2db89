using System.Net.Sockets;
using System.Text;
using Orchestrator.AwsSimulator.Tests.Drivers;

namespace Orchestrator.AwsSimulator.Tests;

/// <summary>What an embedding process relies on.</summary>
public sealed class EmbeddingTests
{
    [Fact]
    public async Task Two_simulators_in_one_process_do_not_know_each_other()
    {
        await using var one = await Simulation.StartAsync();
        await using var other = await Simulation.StartAsync();
        var s3 = new S3Client(other.Address, await one.AssumeAsync(), one.Clock);

        Assert.Equal("InvalidAccessKeyId", (await s3.GetAsync("/data/hello.txt")).Code);
        Assert.Single(one.Activity.Events);
        Assert.Single(other.Activity.Events);
    }

    [Fact]
    public async Task Settings_of_the_embedding_process_are_not_taken_over()
    {
        Environment.SetEnvironmentVariable("ASPNETCORE_URLS", "http://127.0.0.1:1");
        Environment.SetEnvironmentVariable("Kestrel__Endpoints__Http__Url", "http://127.0.0.1:1");
        try
        {
            await using var simulation = await Simulation.StartAsync();

            Assert.NotEqual(1, simulation.Address.Port);
            await simulation.AssumeAsync();
        }
        finally
        {
            Environment.SetEnvironmentVariable("ASPNETCORE_URLS", null);
            Environment.SetEnvironmentVariable("Kestrel__Endpoints__Http__Url", null);
        }
    }

    [Theory]
    [InlineData("OPTIONS * HTTP/1.1", "HTTP/1.1 403")]
    [InlineData("GET http://elsewhere/data/hello.txt HTTP/1.1", "HTTP/1.1 403")]
    [InlineData("GET /_simulator/events HTTP/1.1", "HTTP/1.1 200")]
    [InlineData("GET /_simulator/secrets HTTP/1.1", "HTTP/1.1 404")]
    [InlineData("DELETE /_simulator/events HTTP/1.1", "HTTP/1.1 405")]
    public async Task Odd_requests_get_an_ordinary_answer(string request, string answer)
    {
        await using var simulation = await Simulation.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(simulation.Address.Host, simulation.Address.Port, TestContext.Current.CancellationToken);
        var stream = client.GetStream();

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{request}\r\nHost: elsewhere\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream);

        Assert.StartsWith(answer, await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
