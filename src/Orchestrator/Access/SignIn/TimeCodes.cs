using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Access.SignIn;

/// <summary>The codes that authenticators show: RFC 6238 with SHA-1, six digits and half a minute, which is all that they agree on.</summary>
/// <remarks>Identity's own verifier says only that a code is good, not of which step, so that a code that was seen could be used again
/// within minutes; and it looks at no clock but the machine's.</remarks>
internal static class TimeCodes
{
    public const int Digits = 6;
    public const int StepSeconds = 30;

    /// <summary>As RFC 4226, section 4, recommends.</summary>
    public const int KeyLength = 20;

    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static long StepAt(DateTimeOffset now) => now.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>The step whose code this is: the present one, or one beside it for a clock that is not quite right.</summary>
    /// <returns>Null when it is none of theirs.</returns>
    public static long? Match(byte[] key, string code, DateTimeOffset now)
    {
        var present = StepAt(now);
        long? found = null;
        // All three, so that the time it takes does not tell which it was.
        for (var step = present - 1; step <= present + 1; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Of(key, step)), Encoding.UTF8.GetBytes(code)))
            {
                found = step;
            }
        }
        return found;
    }

    [SuppressMessage("Security", "CA5350", Justification = "RFC 6238 with SHA-1 is what authenticators speak; HMAC does not depend on what SHA-1 lacks.")]
    public static string Of(byte[] key, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        HMACSHA1.HashData(key, counter, hash);
        var number = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[^1] & 0xf)..]) & 0x7fffffff;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>As people type a key into their authenticator (RFC 4648, without padding).</summary>
    public static string Spell(byte[] key)
    {
        var text = new StringBuilder();
        var (buffer, bits) = (0, 0);
        foreach (var part in key)
        {
            (buffer, bits) = ((buffer << 8) | part, bits + 8);
            while (bits >= 5)
            {
                bits -= 5;
                text.Append(Base32[(buffer >> bits) & 31]);
            }
            buffer &= (1 << bits) - 1;
        }
        return bits == 0 ? text.ToString() : text.Append(Base32[(buffer << (5 - bits)) & 31]).ToString();
    }
}
