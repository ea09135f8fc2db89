using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Access;

/// <summary>That somebody belongs to an organisation, or is invited to. Teams consist of these, so whoever leaves the organisation
/// leaves its teams.</summary>
public sealed class OrganizationMembership
{
    public required OrganizationMembershipId Id { get; init; }

    public required OrganizationId OrganizationId { get; init; }

    /// <summary>Null while an address is invited whose owner has not accepted.</summary>
    public UserId? UserId { get; set; }

    public MembershipStatus Status { get; set; }

    /// <summary>The address that was invited. Null for those who were never invited, such as the organisation's creator.</summary>
    public string? Email { get; init; }

    /// <summary>The address in upper case.</summary>
    public string? EmailKey { get; init; }

    /// <summary>Given by the company's sign-in, which takes it away again with the last of its teams.</summary>
    public bool IsByCompany { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<OrganizationMembership>
    {
        public void Configure(EntityTypeBuilder<OrganizationMembership> entity)
        {
            entity.Property(membership => membership.Email).HasMaxLength(Names.MaxEmailLength);
            entity.Property(membership => membership.EmailKey).HasMaxLength(Names.MaxEmailLength);
            entity.HasOne<User>().WithMany().HasForeignKey(membership => membership.UserId).OnDelete(DeleteBehavior.Cascade);
            entity.HasIndex(membership => new { membership.OrganizationId, membership.UserId }).IsUnique();
            entity.HasIndex(membership => new { membership.OrganizationId, membership.EmailKey }).IsUnique();
        }
    }
}

[StoredAsText]
public enum MembershipStatus
{
    /// <summary>Gives the rights of its teams.</summary>
    Active,

    /// <summary>Gives no right: nobody has accepted the invitation yet.</summary>
    Invited,
}
