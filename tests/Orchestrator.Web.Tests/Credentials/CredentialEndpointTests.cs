using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Credentials;
using Orchestrator.Credentials.Aws;
using Orchestrator.Web.Credentials;

namespace Orchestrator.Web.Tests.Credentials;

public sealed class CredentialEndpointTests : IAsyncDisposable
{
    private static readonly AwsSession Session = new(
        "ASIAKEY", "SECRETKEY", "SESSIONTOKEN", new DateTimeOffset(2026, 3, 1, 13, 0, 0, TimeSpan.Zero), "arn:aws:sts::1:assumed-role/x/y", "id");

    private readonly CredentialEndpoint _endpoint = new();
    private readonly HttpClient _client = new();

    [Fact]
    public async Task Who_has_the_token_gets_the_keys_in_the_shape_of_containers_and_of_processes()
    {
        using var door = await OpenAsync();

        using var answer = await AskAsync(door, "default", door.Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.Equal(
            """{"Version":1,"AccessKeyId":"ASIAKEY","SecretAccessKey":"SECRETKEY","Token":"SESSIONTOKEN","SessionToken":"SESSIONTOKEN","Expiration":"2026-03-01T13:00:00Z"}""",
            await answer.Content.ReadAsStringAsync());
        Assert.True(IPAddress.IsLoopback(IPAddress.Parse(door.Address.Host)));
    }

    [Fact]
    public async Task Nobody_gets_them_without_the_token_or_with_another_phases()
    {
        using var door = await OpenAsync();
        using var other = await _endpoint.OpenAsync((_, _) => null, CancellationToken.None);

        foreach (var token in new[] { null, "", new string('0', 64), door.Token.ToUpperInvariant(), $"Bearer {door.Token}" })
        {
            await RefusedAsync(HttpStatusCode.Forbidden, "RunFinished", await AskAsync(door, "default", token));
        }
        await RefusedAsync(HttpStatusCode.NotFound, "NoSuchConfiguration", await AskAsync(door, "default", other.Token));
        await RefusedAsync(HttpStatusCode.NotFound, "NoSuchConfiguration", await AskAsync(door, "tag-OTHER", door.Token));
    }

    [Fact]
    public async Task The_door_is_shut_for_good_when_the_phase_is_over()
    {
        var door = await OpenAsync();
        using (await AskAsync(door, "default", door.Token))
        {
            door.Dispose();
        }

        await RefusedAsync(HttpStatusCode.Forbidden, "RunFinished", await AskAsync(door, "default", door.Token));
    }

    [Fact]
    public async Task A_refusal_of_aws_reaches_the_client_in_words()
    {
        using var door = await _endpoint.OpenAsync(
            (_, _) => Task.FromException<AwsSession>(new CredentialsRefusedException("AWS did not let this run assume it.")), CancellationToken.None);

        var answer = await RefusedAsync(HttpStatusCode.Forbidden, "CredentialsRefused", await AskAsync(door, "default", door.Token));
        Assert.Equal("AWS did not let this run assume it.", answer["message"]!.GetValue<string>());
    }

    [Fact]
    public async Task Keys_are_only_read()
    {
        using var door = await OpenAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(door.Address, "default"));
        request.Headers.TryAddWithoutValidation("Authorization", door.Token);

        await RefusedAsync(HttpStatusCode.MethodNotAllowed, "MethodNotAllowed", await _client.SendAsync(request));
    }

    [Fact]
    public async Task A_door_does_not_tell_its_token()
    {
        using var door = await OpenAsync();

        Assert.DoesNotContain(door.Token, $"{door}", StringComparison.Ordinal);
        Assert.Equal(64, door.Token.Length);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _endpoint.DisposeAsync();
    }

    private Task<CredentialDoor> OpenAsync() => _endpoint.OpenAsync(
        (label, _) => label == "default" ? Task.FromResult(Session) : null, CancellationToken.None);

    private Task<HttpResponseMessage> AskAsync(CredentialDoor door, string label, string? token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(door.Address, label));
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", token);
        }
        return _client.SendAsync(request);
    }

    private static async Task<JsonNode> RefusedAsync(HttpStatusCode status, string code, HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.Equal(status, answer.StatusCode);
            var document = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            Assert.Equal(code, document["code"]!.GetValue<string>());
            return document;
        }
    }
}
