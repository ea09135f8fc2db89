using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.Web.Tests.Support;

/// <summary>What the server answered, read to its end.</summary>
public sealed record Answer(string Request, int Status, byte[] Bytes, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    public JsonNode Json => JsonNode.Parse(Bytes) ?? throw new InvalidOperationException($"{Request} answered null.");

    public JsonNode Data => Json["data"] ?? throw new InvalidOperationException($"{Request} answered no data: {Text}");

    public JsonNode Attributes => Data["attributes"]!;

    public string Id => Data["id"]!.GetValue<string>();

    public JsonNode Error => Json["errors"]![0]!;

    public string? Pointer => Error["source"]?["pointer"]?.GetValue<string>();

    public string RelatedId(string relationship) => Data["relationships"]![relationship]!["data"]!["id"]!.GetValue<string>();

    /// <summary>This answer, which is of that status.</summary>
    public Answer Expect(int status) => Status == status
        ? this
        : throw new Xunit.Sdk.XunitException($"{Request} answered {Status}, not {status}: {Text}");

    /// <summary>This answer, which is an error document as the API's clients read it.</summary>
    public Answer ExpectError(int status)
    {
        Expect(status);
        Assert.Equal("application/vnd.api+json", ContentHeaders.ContentType?.ToString());
        // A number makes the clients drop the text.
        Assert.Equal(status.ToString(System.Globalization.CultureInfo.InvariantCulture), Error["status"]!.GetValue<string>());
        Assert.NotEmpty(Error["title"]!.GetValue<string>());
        Assert.DoesNotContain("   at ", Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", Text, StringComparison.Ordinal);
        return this;
    }
}
