using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Access.SignIn;

/// <summary>A link by which somebody accepts to become a member, once. It goes with the membership.</summary>
public sealed class Invitation
{
    /// <summary>Lower-case hex SHA-256 of the code in the link.</summary>
    public required string Hash { get; init; }

    public required OrganizationMembershipId MembershipId { get; init; }

    /// <summary>Only the invited address was told the link, so whoever has it has proved that the address is theirs. A link that was
    /// shown to the inviter proves nothing.</summary>
    public required bool WasMailed { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Invitation>
    {
        public void Configure(EntityTypeBuilder<Invitation> entity)
        {
            entity.HasKey(invitation => invitation.Hash);
            entity.Property(invitation => invitation.Hash).HasMaxLength(64);
            entity.HasOne<OrganizationMembership>().WithMany().HasForeignKey(invitation => invitation.MembershipId);
        }
    }
}
