using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.AwsSimulator.Signing;

internal static class ConstantTime
{
    /// <summary>Takes the same time wherever two texts differ, so an answer's delay does not help to guess one.</summary>
    public static bool Equal(string expected, string actual) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(actual));
}
