using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Orchestrator.Web.Tests.Support;

/// <summary>A mail server on loopback that takes every mail and keeps it (RFC 5321, as much as a client needs).</summary>
/// <param name="account">Who has to sign in before, <c>user:password</c> (RFC 4954); null: nobody.</param>
internal sealed class MailServer(string? account) : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<string> _mails = new();
    private Task _serving = Task.CompletedTask;

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Each with its envelope before it.</summary>
    public IReadOnlyCollection<string> Mails => _mails;

    /// <summary>Whom it lets send from now on.</summary>
    public string? Account { get; set; } = account;

    public static MailServer Start(string? account = null)
    {
        var server = new MailServer(account);
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
            var isKnown = Account is null;
            while (await reader.ReadLineAsync(_end.Token) is { } line)
            {
                if (line.StartsWith("EHLO ", StringComparison.Ordinal) && Account is not null)
                {
                    await writer.WriteLineAsync("250-here");
                    await writer.WriteLineAsync("250 AUTH PLAIN");
                    continue;
                }
                if (line.StartsWith("AUTH PLAIN ", StringComparison.Ordinal))
                {
                    isKnown = Encoding.UTF8.GetString(Convert.FromBase64String(line["AUTH PLAIN ".Length..])) == $"\0{Account!.Replace(':', '\0')}";
                    await writer.WriteLineAsync(isKnown ? "235 welcome" : "535 who are you");
                    continue;
                }
                if (!isKnown && line != "QUIT")
                {
                    await writer.WriteLineAsync("530 sign in first");
                    continue;
                }
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
