using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.SshKeys;

/// <summary>A private key by which terraform's git fetches modules. Written, and never read back.</summary>
public sealed class SshKey
{
    public required SshKeyId Id { get; init; }

    public required OrganizationId OrganizationId { get; init; }

    public required string Name { get; set; }

    /// <summary>The key, encrypted by <see cref="SshKeyVault"/>.</summary>
    public required byte[] ProtectedValue { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public override string ToString() => $"SSH key {Name}";

    internal sealed class Mapping : IEntityTypeConfiguration<SshKey>
    {
        public void Configure(EntityTypeBuilder<SshKey> entity)
        {
            entity.Property(key => key.Name).HasMaxLength(SshKeyEditor.MaxNameLength);
            entity.HasIndex(key => new { key.OrganizationId, key.Name }).IsUnique();
        }
    }
}
