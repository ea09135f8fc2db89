using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Orchestrator.Credentials;
using Orchestrator.Credentials.Aws;

namespace Orchestrator.Web.Credentials;

/// <summary>Answers on loopback, at a port that nobody else is told, and only for phases that run.</summary>
/// <remarks>The shapes are those of AWS's container credentials provider and of its <c>credential_process</c>, in one document.</remarks>
internal sealed class CredentialEndpoint : ICredentialEndpoint, IAsyncDisposable
{
    private const int TokenBytes = 32;

    private readonly ConcurrentDictionary<string, Func<string, CancellationToken, Task<AwsSession>?>> _doors = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _starting = new(1, 1);
    private WebApplication? _app;
    private Uri? _address;

    public async Task<CredentialDoor> OpenAsync(Func<string, CancellationToken, Task<AwsSession>?> answer, CancellationToken cancellationToken)
    {
        var address = _address ?? await StartAsync(cancellationToken);
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
        var key = KeyOf(token);
        _doors[key] = answer;
        return new CredentialDoor(address, token, () => _doors.TryRemove(key, out _));
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
        _starting.Dispose();
    }

    private async Task<Uri> StartAsync(CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken);
        try
        {
            if (_address is null)
            {
                var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
                builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
                _app = builder.Build();
                _app.Run(AnswerAsync);
                await _app.StartAsync(cancellationToken);
                var address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
                _address = new Uri(address.TrimEnd('/') + "/credentials/");
            }
            return _address;
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            await RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, "MethodNotAllowed", "Credentials are fetched with GET.");
        }
        else if (!_doors.TryGetValue(KeyOf(context.Request.Headers.Authorization.ToString()), out var answer))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "RunFinished",
                "The phase of the run that these credentials belonged to is over, or never was.");
        }
        else if (!context.Request.Path.StartsWithSegments("/credentials", out var label)
            || answer(label.Value!.TrimStart('/'), context.RequestAborted) is not { } session)
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, "NoSuchConfiguration", "The run has no configuration of that name.");
        }
        else
        {
            await GiveAsync(context, session);
        }
    }

    private static async Task GiveAsync(HttpContext context, Task<AwsSession> session)
    {
        try
        {
            var given = await session;
            await WriteAsync(context, StatusCodes.Status200OK, json =>
            {
                json.WriteNumber("Version", 1);
                json.WriteString("AccessKeyId", given.AccessKeyId);
                json.WriteString("SecretAccessKey", given.SecretAccessKey);
                json.WriteString("Token", given.SessionToken);
                json.WriteString("SessionToken", given.SessionToken);
                json.WriteString("Expiration", given.ExpiresAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", null));
            });
        }
        catch (CredentialsRefusedException refused)
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "CredentialsRefused", refused.Message);
        }
        catch (ObjectDisposedException)
        {
            // The phase ended while it was asked.
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "RunFinished", "The phase of the run is over.");
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, string code, string message) => WriteAsync(context, status, json =>
    {
        json.WriteString("code", code);
        json.WriteString("message", message);
    });

    private static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        using var content = new MemoryStream();
        await using (var json = new Utf8JsonWriter(content))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = content.Length;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(content.GetBuffer().AsMemory(0, (int)content.Length), context.RequestAborted);
    }

    /// <summary>Doors are found by a hash: how long the search takes says nothing about any token.</summary>
    private static string KeyOf(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
