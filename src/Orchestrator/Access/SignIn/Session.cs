using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Access.SignIn;

/// <summary>That a browser is signed in. Its cookie, which is encrypted, holds the id; without the row it opens nothing.</summary>
public sealed class Session
{
    public const int MaxAddressLength = 45;
    public const int MaxUserAgentLength = 300;

    public required SessionId Id { get; init; }

    public required UserId UserId { get; init; }

    public required SignInMethod Method { get; init; }

    /// <summary>From where it was begun; null when nobody knows.</summary>
    public string? Address { get; init; }

    /// <summary>As the browser called itself then.</summary>
    public string? UserAgent { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>To the minute or so.</summary>
    public required DateTimeOffset LastSeenAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Session>
    {
        public void Configure(EntityTypeBuilder<Session> entity)
        {
            entity.Property(session => session.Address).HasMaxLength(MaxAddressLength);
            entity.Property(session => session.UserAgent).HasMaxLength(MaxUserAgentLength);
            entity.HasOne<User>().WithMany().HasForeignKey(session => session.UserId);
        }
    }
}

/// <summary>By what somebody has proved who they are.</summary>
[StoredAsText]
public enum SignInMethod
{
    /// <summary>The link in the server's terminal.</summary>
    OneTimeLink,

    /// <summary>A link that an owner of their organisation, or whoever runs the server, has made for them.</summary>
    MemberLink,

    AdminToken,

    Password,

    /// <summary>A password, and then a code of their authenticator.</summary>
    PasswordAndCode,

    PasswordAndRecoveryCode,

    /// <summary>A member's link, and then a code of their authenticator or a recovery code.</summary>
    MemberLinkAndCode,

    Passkey,

    /// <summary>The company's OpenID Connect provider.</summary>
    Company,

    /// <summary>They have just made their account, by an invitation.</summary>
    Invitation,
}
