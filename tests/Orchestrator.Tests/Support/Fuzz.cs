using System.Globalization;
using System.Security.Cryptography;
using CsCheck;

namespace Orchestrator.Tests.Support;

/// <summary>Tries what nobody has thought of: every input of a kept corpus, and then changes of them, for a few seconds.</summary>
/// <remarks>Set <c>FUZZ_SECONDS</c> to go on for longer. An input that breaks something is written to <c>artifacts/fuzz</c>; put it into the
/// corpus when it is mended.</remarks>
internal static class Fuzz
{
    private static readonly Gen<byte> Byte = Gen.OneOf(Gen.Byte, Gen.OneOf<byte>(0, 1, 0x7f, 0x80, 0xff, (byte)'"', (byte)'\\', (byte)'/', (byte)'.', (byte)'*', (byte)'\n'));

    private static readonly Gen<(int What, double Where, int Length, byte[] New)> Change =
        Gen.Select(Gen.Int[0, 5], Gen.Double.Unit, Gen.Int[1, 32], Byte.Array[1, 8]);

    /// <summary>How long each of them may try.</summary>
    public static int Seconds { get; } = int.Parse(Environment.GetEnvironmentVariable("FUZZ_SECONDS") ?? "2", CultureInfo.InvariantCulture);

    /// <param name="corpus">The folder of <c>Fuzzing</c> that keeps inputs.</param>
    /// <param name="holds">Throws, or says false, when the input breaks something.</param>
    /// <param name="more">Inputs to begin with besides.</param>
    public static void Try(string corpus, Func<byte[], bool> holds, params byte[][] more)
    {
        byte[][] seeds =
        [
            .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "Orchestrator.Tests", "Fuzzing", corpus))
                .Order(StringComparer.Ordinal).Select(File.ReadAllBytes),
            .. more,
        ];
        foreach (var seed in seeds)
        {
            Check(corpus, holds, seed);
        }
        Gen.Select(Gen.Int[0, seeds.Length - 1], Gen.Int[0, seeds.Length - 1], Change.Array[1, 6])
            .Sample(
                (first, second, changes) => Check(corpus, holds, changes.Aggregate(seeds[first], (input, change) => Apply(input, seeds[second], change))),
                time: Seconds, threads: 1);
    }

    private static bool Check(string corpus, Func<byte[], bool> holds, byte[] input)
    {
        try
        {
            return holds(input) ? true : throw new InvalidOperationException("It does not hold.");
        }
        catch (Exception broken)
        {
            var directory = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "fuzz")).FullName;
            var file = Path.Combine(directory, $"{corpus}-{Convert.ToHexStringLower(SHA256.HashData(input))[..12]}");
            File.WriteAllBytes(file, input);
            throw new Xunit.Sdk.XunitException($"{corpus} broke on {file}", broken);
        }
    }

    private static byte[] Apply(byte[] input, byte[] other, (int What, double Where, int Length, byte[] New) change)
    {
        var at = (int)(change.Where * input.Length);
        var length = Math.Min(change.Length, input.Length - at);
        var (before, part, after) = (input[..at], input[at..(at + length)], input[(at + length)..]);
        return change.What switch
        {
            0 => [.. before, .. change.New, .. after],
            1 => [.. before, .. after],
            2 => [.. before, .. part, .. change.New, .. after],
            3 => [.. before, .. part, .. part, .. after],
            4 => [.. before, .. other[(int)(change.Where * other.Length)..]],
            // In place, so that lengths and offsets stay right.
            _ => [.. before, .. change.New.Take(length), .. part.Skip(change.New.Length), .. after],
        };
    }
}
