using System.Net;
using System.Text;

namespace Orchestrator.Tests.Support;

/// <summary>Gives prepared answers to calls of AWS STS, the last one for ever, and keeps what was asked.</summary>
internal sealed class StubSts : IAsyncDisposable
{
    public const string Success = """
        <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
          <AssumeRoleWithWebIdentityResult>
            <Credentials>
              <AccessKeyId>ASIAKEY</AccessKeyId><SecretAccessKey>SECRETKEY</SecretAccessKey>
              <SessionToken>SESSIONTOKEN</SessionToken><Expiration>2026-03-01T13:00:00Z</Expiration>
            </Credentials>
            <AssumedRoleUser>
              <Arn>arn:aws:sts::123456789012:assumed-role/deploy/run-plan</Arn><AssumedRoleId>AROA:run-plan</AssumedRoleId>
            </AssumedRoleUser>
          </AssumeRoleWithWebIdentityResult>
          <ResponseMetadata><RequestId>request-id</RequestId></ResponseMetadata>
        </AssumeRoleWithWebIdentityResponse>
        """;

    private readonly HttpListener _listener;
    private readonly Task _serving;

    private StubSts(HttpListener listener, string address, (int Status, string Text)[] answers)
    {
        (_listener, Address) = (listener, address);
        _serving = ServeAsync(answers);
    }

    public string Address { get; }

    /// <summary>Each call's form values.</summary>
    public List<Dictionary<string, string>> Calls { get; } = [];

    public Dictionary<string, string> Form => Calls[^1];

    /// <summary>The names of the last call's headers.</summary>
    public IReadOnlyList<string> Headers { get; private set; } = [];

    public static string Error(string code, string message) => $"""
        <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
          <Error><Type>Sender</Type><Code>{code}</Code><Message>{WebUtility.HtmlEncode(message)}</Message></Error>
          <RequestId>request-id</RequestId>
        </ErrorResponse>
        """;

    public static Task<StubSts> StartAsync(int status, string answer) => StartAsync((status, answer));

    public static Task<StubSts> StartAsync(params (int Status, string Text)[] answers)
    {
        // HttpListener cannot choose a port itself.
        for (var attempt = 0; ; attempt++)
        {
            var address = $"http://127.0.0.1:{Random.Shared.Next(20_000, 60_000)}/";
            var listener = new HttpListener { Prefixes = { address } };
            try
            {
                listener.Start();
                return Task.FromResult(new StubSts(listener, address, answers));
            }
            catch (HttpListenerException) when (attempt < 20)
            {
                // Taken; try another.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    private async Task ServeAsync((int Status, string Text)[] answers)
    {
        try
        {
            while (true)
            {
                var call = await _listener.GetContextAsync();
                using var reader = new StreamReader(call.Request.InputStream);
                Calls.Add((await reader.ReadToEndAsync()).Split('&').Select(pair => pair.Split('=')).Where(pair => pair.Length == 2)
                    .ToDictionary(pair => pair[0], pair => WebUtility.UrlDecode(pair[1])));
                var (status, text) = answers[Math.Min(Calls.Count, answers.Length) - 1];
                Headers = [.. call.Request.Headers.AllKeys.OfType<string>()];
                call.Response.StatusCode = status;
                call.Response.ContentType = "text/xml";
                await call.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text));
                call.Response.Close();
            }
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
