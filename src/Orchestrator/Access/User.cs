using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Access;

/// <summary>A person with an account in this installation. What they may do comes from their teams.</summary>
public sealed class User
{
    /// <summary>The account that the admin's token acts as. Its id is the same in every installation, so that the token needs no
    /// look-up and the account may be renamed.</summary>
    public static readonly UserId AdminId = new("user-admin00000000000");

    public const string AdminName = "admin";

    public required UserId Id { get; init; }

    /// <summary>Unique in the installation, whatever its case.</summary>
    public required string Username { get; set; }

    /// <summary>The username in upper case.</summary>
    public required string UsernameKey { get; set; }

    public string? Email { get; set; }

    /// <summary>The address in upper case, and only when somebody has proved that it is this person's. Unique. An invitation finds
    /// people by it, so an address that anybody may claim must not be one.</summary>
    public string? EmailKey { get; set; }

    /// <summary>Has every right in every organisation, and those of the installation itself.</summary>
    public bool IsSiteAdmin { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Since when nobody comes in by this account: neither with a session nor with a token of it. Null: it is open.</summary>
    public DateTimeOffset? DisabledAt { get; set; }

    /// <summary>How names and addresses are compared.</summary>
    public static string KeyOf(string text) => text.ToUpperInvariant();

    internal sealed class Mapping : IEntityTypeConfiguration<User>
    {
        public void Configure(EntityTypeBuilder<User> entity)
        {
            entity.Property(user => user.Username).HasMaxLength(Names.MaxUserLength);
            entity.Property(user => user.UsernameKey).HasMaxLength(Names.MaxUserLength);
            entity.Property(user => user.Email).HasMaxLength(Names.MaxEmailLength);
            entity.Property(user => user.EmailKey).HasMaxLength(Names.MaxEmailLength);
            entity.HasIndex(user => user.UsernameKey).IsUnique();
            entity.HasIndex(user => user.EmailKey).IsUnique();
        }
    }
}
