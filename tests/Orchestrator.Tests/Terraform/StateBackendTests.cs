using System.Net;
using System.Net.Sockets;
using System.Text;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Terraform;

public sealed class StateBackendTests
{
    [Fact]
    public async Task Terraforms_own_words_tell_that_the_api_did_not_let_it_begin()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var api = new Uri($"http://{listener.LocalEndpoint}/api/v2/");
        var answering = AnswerAsync(listener, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", times: 2);

        var failing = await InitAsync(api);
        await answering;
        listener.Stop();
        var away = await InitAsync(api);

        Assert.Equal([true, true], new[] { failing, away });
        Assert.False(Backend(api).HasTurnedAway("Error: Unsupported block type, see http://127.0.0.1/api/v2/ping\n"u8));
    }

    private static async Task<bool> InitAsync(Uri api)
    {
        using var phase = new Phase();
        var backend = Backend(api);
        phase.Configure("");
        await phase.Directory.WriteBackendAsync(backend.Override, CancellationToken.None);
        await File.WriteAllTextAsync(phase.Directory.CliConfiguration, backend.CliConfiguration);
        backend.AddTo(phase.Environment, phase.Run.Value);

        Assert.Equal(1, (await phase.TerraformAsync("init", "-input=false")).Code);
        return phase.Pieces.Any(piece => backend.HasTurnedAway(Encoding.UTF8.GetBytes(piece)));
    }

    private static StateBackend Backend(Uri api) => new(api, [], "acme", "network", "token");

    private static async Task AnswerAsync(TcpListener listener, string answer, int times)
    {
        while (times-- > 0)
        {
            using var client = await listener.AcceptTcpClientAsync();
            var stream = client.GetStream();
            _ = await stream.ReadAsync(new byte[4096]);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
        }
    }
}
