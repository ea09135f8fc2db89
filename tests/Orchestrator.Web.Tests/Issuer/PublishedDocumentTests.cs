using System.Net.Http.Headers;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Issuer;

public sealed class PublishedDocumentTests
{
    private const string Discovery = "/.well-known/openid-configuration";
    private const string KeySet = "/.well-known/jwks";

    [Theory]
    [InlineData(Discovery)]
    [InlineData(KeySet)]
    public async Task Anybody_may_read_and_keep_them_for_some_minutes(string path)
    {
        var platform = await SharedPlatforms.OfAsync();

        var answer = (await platform.Anonymous.GetAsync(path)).Expect(200);

        Assert.Equal("public, max-age=300", answer.Headers.CacheControl!.ToString());
        Assert.Equal("application/json", answer.ContentHeaders.ContentType!.ToString());
        Assert.Equal(answer.Bytes.Length, answer.ContentHeaders.ContentLength);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Theory]
    [InlineData(Discovery)]
    [InlineData(KeySet)]
    public async Task Who_has_them_is_told_that_they_have_not_changed(string path)
    {
        var platform = await SharedPlatforms.OfAsync();
        var tag = (await platform.Anonymous.GetAsync(path)).Expect(200).Headers.ETag!;

        var same = await platform.Anonymous.SendAsync(HttpMethod.Get, path, headers: headers => headers.IfNoneMatch.Add(tag));
        var other = await platform.Anonymous.SendAsync(
            HttpMethod.Get, path, headers: headers => headers.IfNoneMatch.Add(new EntityTagHeaderValue("\"another\"")));

        Assert.Empty(same.Expect(304).Bytes);
        other.Expect(200);
    }

    [Fact]
    public async Task The_name_by_which_a_caller_reached_the_server_does_not_get_into_them()
    {
        var platform = await SharedPlatforms.OfAsync();
        var known = (await platform.Anonymous.GetAsync(Discovery)).Expect(200);

        var answer = await platform.Anonymous.SendAsync(HttpMethod.Get, Discovery, headers: headers =>
        {
            headers.Host = "attacker.example.com";
            headers.Add("X-Forwarded-Host", "attacker.example.com");
            headers.Add("X-Forwarded-Proto", "https");
        });

        Assert.Equal(known.Text, answer.Expect(200).Text);
    }

    [Theory, EachDatabase]
    public async Task An_issuer_with_another_host_and_a_path_is_in_both_documents_and_served_below_its_path_too(DatabaseProvider provider)
    {
        await using var platform = await Platform.StartAsync(
            provider,
            ("Orchestrator:Issuer", "https://identity.example.com/tenants/one/"),
            ("Orchestrator:IssuerIsElsewhere", "false"),
            ("Orchestrator:SigningKeys:Algorithm", "ES256"));

        var document = (await platform.Anonymous.GetAsync(Discovery)).Expect(200).Json;

        Assert.Equal("https://identity.example.com/tenants/one", document["issuer"]!.GetValue<string>());
        Assert.Equal("https://identity.example.com/tenants/one/.well-known/jwks", document["jwks_uri"]!.GetValue<string>());
        Assert.Equal("ES256", Assert.Single(document["id_token_signing_alg_values_supported"]!.AsArray())!.GetValue<string>());
        foreach (var path in new[] { Discovery, KeySet })
        {
            Assert.Equal(
                (await platform.Anonymous.GetAsync(path)).Expect(200).Text,
                (await platform.Anonymous.GetAsync("/tenants/one" + path)).Expect(200).Text);
        }
    }
}
