using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Access.SignIn;

/// <summary>By what a person signs in without a link: a password, and an authenticator beside it. There is no row of those who have
/// neither.</summary>
public sealed class SignInFactors
{
    public required UserId UserId { get; init; }

    /// <summary>ASP.NET Core Identity's hash, encrypted (<see cref="SecretKind.SignIn"/>): without the key ring nobody can even guess.</summary>
    public byte[]? ProtectedPasswordHash { get; init; }

    public DateTimeOffset? PasswordChangedAt { get; init; }

    /// <summary>Tries that have not led to a sign-in since the last one that did.</summary>
    public int Attempts { get; init; }

    /// <summary>Until then no password and no code of this person is good.</summary>
    public DateTimeOffset? LockedUntil { get; init; }

    /// <summary>What the authenticator and this server share, encrypted (<see cref="SecretKind.SignIn"/>).</summary>
    public byte[]? ProtectedTimeCodeKey { get; init; }

    /// <summary>When the person showed that the authenticator has the key. Until then it is not asked for.</summary>
    public DateTimeOffset? TimeCodeSince { get; init; }

    /// <summary>The time step of the last code that was good: neither it nor an earlier one is good again (RFC 6238, section 5.2).</summary>
    public long LastTimeStep { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<SignInFactors>
    {
        public void Configure(EntityTypeBuilder<SignInFactors> entity)
        {
            entity.HasKey(factors => factors.UserId);
            entity.HasOne<User>().WithOne().HasForeignKey<SignInFactors>(factors => factors.UserId);
        }
    }
}
