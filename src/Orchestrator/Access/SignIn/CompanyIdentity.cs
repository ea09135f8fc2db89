using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Access.SignIn;

/// <summary>Whom the company's sign-in means. A subject is never given to somebody else, unlike names and addresses (OpenID Connect
/// Core, section 5.7), so nothing but it finds the account.</summary>
public sealed class CompanyIdentity
{
    public const int MaxIssuerLength = 300;
    public const int MaxSubjectLength = 255;

    public required string Issuer { get; init; }

    public required string Subject { get; init; }

    public required UserId UserId { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<CompanyIdentity>
    {
        public void Configure(EntityTypeBuilder<CompanyIdentity> entity)
        {
            entity.HasKey(identity => new { identity.Issuer, identity.Subject });
            entity.Property(identity => identity.Issuer).HasMaxLength(MaxIssuerLength);
            entity.Property(identity => identity.Subject).HasMaxLength(MaxSubjectLength);
            entity.HasOne<User>().WithMany().HasForeignKey(identity => identity.UserId);
        }
    }
}
