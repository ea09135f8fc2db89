using System.Net;
using System.Text;

namespace Orchestrator.Tests.Support;

/// <summary>Gives one answer to every call of AWS STS, and keeps what was asked.</summary>
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

    private StubSts(HttpListener listener, string address, int status, string answer)
    {
        (_listener, Address) = (listener, address);
        _serving = ServeAsync(status, Encoding.UTF8.GetBytes(answer));
    }

    public string Address { get; }

    /// <summary>The last call's form values.</summary>
    public Dictionary<string, string> Form { get; private set; } = [];

    /// <summary>The names of the last call's headers.</summary>
    public IReadOnlyList<string> Headers { get; private set; } = [];

    public static string Error(string code, string message) => $"""
        <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
          <Error><Type>Sender</Type><Code>{code}</Code><Message>{WebUtility.HtmlEncode(message)}</Message></Error>
          <RequestId>request-id</RequestId>
        </ErrorResponse>
        """;

    public static Task<StubSts> StartAsync(int status, string answer)
    {
        // HttpListener cannot choose a port itself.
        for (var attempt = 0; ; attempt++)
        {
            var address = $"http://127.0.0.1:{Random.Shared.Next(20_000, 60_000)}/";
            var listener = new HttpListener { Prefixes = { address } };
            try
            {
                listener.Start();
                return Task.FromResult(new StubSts(listener, address, status, answer));
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

    private async Task ServeAsync(int status, byte[] answer)
    {
        try
        {
            while (true)
            {
                var call = await _listener.GetContextAsync();
                using var reader = new StreamReader(call.Request.InputStream);
                Form = (await reader.ReadToEndAsync()).Split('&').Select(pair => pair.Split('=')).Where(pair => pair.Length == 2)
                    .ToDictionary(pair => pair[0], pair => WebUtility.UrlDecode(pair[1]));
                Headers = [.. call.Request.Headers.AllKeys.OfType<string>()];
                call.Response.StatusCode = status;
                call.Response.ContentType = "text/xml";
                await call.Response.OutputStream.WriteAsync(answer);
                call.Response.Close();
            }
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
