using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Orchestrator.RunLogs;

namespace Orchestrator.Tests.RunLogs;

public sealed class RedactedJsonTests
{
    private static readonly Gen<string> Text = Gen.String[Gen.Char["ab\"\\/\n "], 0, 10];

    [Fact]
    public void Whatever_the_document_it_stays_one_and_no_secret_is_in_it() =>
        Gen.Select(Gen.String[Gen.Char["ab\"\\/\n "], 4, 8], Gen.Dictionary(Text, Text)[0, 4], Gen.Int).Sample((secret, values, number) =>
        {
            var document = new JsonObject { ["number"] = number, ["list"] = new JsonArray(true, null, $"x{secret}y"), [$"k{secret}"] = "v" };
            foreach (var (name, value) in values)
            {
                document[$"v{name}"] = value + secret + value;
            }

            var redacted = RedactedJson.Of(Encoding.UTF8.GetBytes(document.ToJsonString()), new Redactor([secret]));

            using var read = JsonDocument.Parse(redacted);
            return read.RootElement.GetProperty("list").GetArrayLength() == 3
                && Strings(read.RootElement).All(text => !text.Contains(secret, StringComparison.Ordinal));
        }, iter: 2_000);

    [Fact]
    public void A_document_without_secrets_says_the_same()
    {
        const string document = """{"a":[1,2.50,-3e7,true,false,null,"x"],"b":{}}""";

        Assert.Equal(document, Encoding.UTF8.GetString(RedactedJson.Of(Encoding.UTF8.GetBytes(document), new Redactor(["secret"]))));
    }

    [Fact]
    public void A_number_that_is_a_secret_is_masked() =>
        Assert.Equal(
            """{"pin":"***","other":12}""",
            Encoding.UTF8.GetString(RedactedJson.Of("""{"pin":123456,"other":12}"""u8, new Redactor(["123456"]))));

    private static IEnumerable<string> Strings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Strings(property.Value).Prepend(property.Name)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Strings),
        JsonValueKind.String => [element.GetString()!],
        _ => [],
    };
}
