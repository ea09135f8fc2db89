using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Orchestrator.Web.Tests.Support;

/// <summary>A mail server on loopback that takes every mail and keeps it (RFC 5321, as much as a client needs).</summary>
internal sealed class MailServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<string> _mails = new();
    private Task _serving = Task.CompletedTask;

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Each with its envelope before it.</summary>
    public IReadOnlyCollection<string> Mails => _mails;

    public static MailServer Start()
    {
        var server = new MailServer();
        server._listener.Start();
        server._serving = server.ServeAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _serving.ContinueWith(_ => { }, TaskScheduler.Default);
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            using var client = await _listener.AcceptTcpClientAsync(_end.Token);
            await using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.UTF8);
            await using var writer = new StreamWriter(stream, new UTF8Encoding(false)) { NewLine = "\r\n", AutoFlush = true };
            await writer.WriteLineAsync("220 here");
            var mail = new StringBuilder();
            while (await reader.ReadLineAsync(_end.Token) is { } line)
            {
                if (line == "DATA")
                {
                    await writer.WriteLineAsync("354 go on");
                    for (var text = await reader.ReadLineAsync(_end.Token); text is not (null or "."); text = await reader.ReadLineAsync(_end.Token))
                    {
                        mail.AppendLine(text);
                    }
                    _mails.Enqueue(mail.ToString());
                }
                else
                {
                    mail.AppendLine(line);
                }
                await writer.WriteLineAsync(line == "QUIT" ? "221 bye" : "250 ok");
            }
        }
    }
}
