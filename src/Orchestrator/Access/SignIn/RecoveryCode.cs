using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Access.SignIn;

/// <summary>Stands in for an authenticator that is lost, once. A used one has no row any more.</summary>
public sealed class RecoveryCode
{
    public required UserId UserId { get; init; }

    /// <summary>Lower-case hex SHA-256 of the code, which has 99 random bits.</summary>
    public required string Hash { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<RecoveryCode>
    {
        public void Configure(EntityTypeBuilder<RecoveryCode> entity)
        {
            entity.HasKey(code => new { code.UserId, code.Hash });
            entity.Property(code => code.Hash).HasMaxLength(64);
            entity.HasOne<User>().WithMany().HasForeignKey(code => code.UserId);
        }
    }
}
