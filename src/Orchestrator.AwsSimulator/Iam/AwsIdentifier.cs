using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.AwsSimulator.Iam;

/// <summary>Identifiers as IAM writes them: a prefix that tells the kind, then base32 characters.</summary>
internal static class AwsIdentifier
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static string Random(string prefix, int length) =>
        prefix + RandomNumberGenerator.GetString(Alphabet, length - prefix.Length);

    public static string Derived(string prefix, string from, int length)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(from));
        return string.Concat(prefix, string.Concat(digest.Take(length - prefix.Length).Select(octet => Alphabet[octet % 32])));
    }
}
