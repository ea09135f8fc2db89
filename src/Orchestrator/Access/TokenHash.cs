using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Access;

/// <summary>Tokens are 256 random bits, so one round of SHA-256 keeps them as well as any slow hash would.</summary>
public static class TokenHash
{
    /// <summary>Lower-case hex, 64 characters.</summary>
    public static string Of(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>Compares in constant time.</summary>
    public static bool Matches(string token, string hash) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Of(token)), Encoding.ASCII.GetBytes(hash));
}
