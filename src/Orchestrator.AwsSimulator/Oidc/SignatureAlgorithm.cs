using System.Security.Cryptography;

namespace Orchestrator.AwsSimulator.Oidc;

/// <summary>A signature algorithm IAM accepts. There is no <c>none</c>, no HMAC and no EdDSA among them.</summary>
/// <param name="Curve">For EC, the only curve that goes with it; null for RSA.</param>
internal sealed record SignatureAlgorithm(string Name, HashAlgorithmName Hash, string? Curve)
{
    private static readonly SignatureAlgorithm[] All =
    [
        new("RS256", HashAlgorithmName.SHA256, null),
        new("RS384", HashAlgorithmName.SHA384, null),
        new("RS512", HashAlgorithmName.SHA512, null),
        new("ES256", HashAlgorithmName.SHA256, "P-256"),
        new("ES384", HashAlgorithmName.SHA384, "P-384"),
        new("ES512", HashAlgorithmName.SHA512, "P-521"),
    ];

    public static IEnumerable<string> Names => All.Select(algorithm => algorithm.Name);

    public static SignatureAlgorithm? Find(string? name) => Array.Find(All, algorithm => algorithm.Name == name);
}
