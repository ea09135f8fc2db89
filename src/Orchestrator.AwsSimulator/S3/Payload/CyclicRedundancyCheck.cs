namespace Orchestrator.AwsSimulator.S3.Payload;

/// <summary>A reflected CRC of 32 or 64 bits with all bits set at the start and inverted at the end.</summary>
/// <param name="polynomial">In reflected form.</param>
internal sealed class CyclicRedundancyCheck(ulong polynomial, int bits)
{
    private readonly ulong _ones = bits == 64 ? ulong.MaxValue : (1UL << bits) - 1;
    private readonly ulong[] _table = Table(polynomial);

    public ulong Compute(ReadOnlySpan<byte> content)
    {
        var value = _ones;
        foreach (var octet in content)
        {
            value = _table[(byte)value ^ octet] ^ (value >> 8);
        }

        return value ^ _ones;
    }

    private static ulong[] Table(ulong polynomial)
    {
        var table = new ulong[256];
        for (var index = 0; index < table.Length; index++)
        {
            var value = (ulong)index;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value & 1) == 1 ? (value >> 1) ^ polynomial : value >> 1;
            }

            table[index] = value;
        }

        return table;
    }
}
