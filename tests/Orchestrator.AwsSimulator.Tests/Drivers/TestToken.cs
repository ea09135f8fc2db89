using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.AwsSimulator.Tests.Drivers;

/// <summary>A token in the making: right unless a test changes something.</summary>
internal sealed class TestToken(JsonObject claims)
{
    public JsonObject Header { get; } = new() { ["typ"] = "JWT", ["alg"] = "RS256", ["kid"] = "rsa-1" };

    public JsonObject Claims { get; } = claims;

    public Func<byte[], byte[]> Sign { get; set; } =
        data => TestKeys.Rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    public TestToken With(string claim, JsonNode? value)
    {
        Claims[claim] = value;
        return this;
    }

    public TestToken Without(string claim)
    {
        Claims.Remove(claim);
        return this;
    }

    public TestToken SignedAs(string algorithm, string keyId, Func<byte[], byte[]> sign)
    {
        (Header["alg"], Header["kid"], Sign) = (algorithm, keyId, sign);
        return this;
    }

    public override string ToString()
    {
        var signed = $"{Encode(Header.ToJsonString())}.{Encode(Claims.ToJsonString())}";
        return $"{signed}.{Base64Url.EncodeToString(Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
