using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Orchestrator.Data.Audit;

/// <summary>Both ends of the chain, in one row. Whoever appends holds it, so that no two take the same place.</summary>
/// <remarks>A chain of hashes can be made anew by whoever may write to the database. The seal is what they cannot make: it is closed with
/// the installation's key ring, over both ends.</remarks>
public sealed class AuditChain
{
    public const int OnlyId = 1;

    // The row's key.
    private const string Place = "1";

    public required int Id { get; init; }

    /// <summary>The last entry's number; 0 before the first.</summary>
    public long Head { get; private set; }

    public byte[] HeadHash { get; private set; } = AuditHash.Genesis;

    /// <summary>The last entry that retention has removed; 0 when none was. The chain is verified from here.</summary>
    public long Anchor { get; private set; }

    public byte[] AnchorHash { get; private set; } = AuditHash.Genesis;

    /// <summary>Null before the first entry.</summary>
    public byte[]? Seal { get; private set; }

    internal void MoveHead(AuditEntry last, SecretBox secrets)
    {
        (Head, HeadHash) = (last.Sequence, last.Hash);
        Seal = secrets.Protect(SecretKind.AuditChain, Place, Ends());
    }

    internal void MoveAnchor(AuditEntry removed, SecretBox secrets)
    {
        (Anchor, AnchorHash) = (removed.Sequence, removed.Hash);
        Seal = secrets.Protect(SecretKind.AuditChain, Place, Ends());
    }

    /// <summary>Whether this installation has written these ends.</summary>
    internal bool IsSealed(SecretBox secrets)
    {
        try
        {
            return Seal is null ? Head == 0 : CryptographicOperations.FixedTimeEquals(secrets.Unprotect(SecretKind.AuditChain, Place, Seal), Ends());
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private byte[] Ends()
    {
        Span<byte> numbers = stackalloc byte[2 * sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(numbers, Head);
        BinaryPrimitives.WriteInt64BigEndian(numbers[sizeof(long)..], Anchor);
        return [.. numbers, .. HeadHash, .. AnchorHash];
    }

    internal sealed class Mapping : IEntityTypeConfiguration<AuditChain>
    {
        public void Configure(EntityTypeBuilder<AuditChain> entity)
        {
            entity.Property(chain => chain.Id).ValueGeneratedNever();
            entity.Property(chain => chain.HeadHash).HasMaxLength(SHA256.HashSizeInBytes);
            entity.Property(chain => chain.AnchorHash).HasMaxLength(SHA256.HashSizeInBytes);
        }
    }
}
