using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Vcs;

/// <summary>How an organisation reaches its repositories, and how their server proves that a delivery is its own. The API calls it an OAuth
/// client.</summary>
public sealed class VcsConnection
{
    public required OAuthClientId Id { get; init; }

    public required OrganizationId OrganizationId { get; init; }

    /// <summary>One of <see cref="VcsService"/>.</summary>
    public required string Service { get; init; }

    public string? Name { get; set; }

    public required string HttpUrl { get; set; }

    public required string ApiUrl { get; set; }

    /// <summary>What workspaces name. Null: somebody has revoked its token, and nothing is reached until there is another one.</summary>
    public OAuthTokenId? TokenId { get; set; }

    /// <summary>To whom the token belongs, where git wants to know that before it takes a password.</summary>
    public string? Username { get; set; }

    public byte[]? ProtectedToken { get; set; }

    /// <summary>Of a GitHub App: its number, and the one under which an organisation there has installed it.</summary>
    public string? AppId { get; set; }

    public string? InstallationId { get; set; }

    public byte[]? ProtectedAppKey { get; set; }

    /// <summary>By which git fetches over SSH.</summary>
    public byte[]? ProtectedSshKey { get; set; }

    /// <summary>The keys of the hosts that git may talk to over SSH, in the format of OpenSSH's file.</summary>
    public string? KnownHosts { get; set; }

    /// <summary>By which deliveries are signed.</summary>
    public required byte[] ProtectedWebhookSecret { get; set; }

    /// <summary>Every workspace of the organisation may use it; else those of the projects in <see cref="VcsConnectionProject"/>.</summary>
    public bool OrganizationScoped { get; set; } = true;

    /// <summary>How often to look for new commits where no delivery can come in. Null: never.</summary>
    public int? PollMinutes { get; set; }

    public DateTimeOffset? PolledAt { get; set; }

    /// <summary>As whom the service knows us; found out by the last check.</summary>
    public string? Account { get; set; }

    /// <summary>What the last check has found missing, in a sentence.</summary>
    public string? Problem { get; set; }

    public DateTimeOffset? CheckedAt { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    public VcsService Kind => VcsService.Find(Service)!;

    /// <summary>As clients name a GitHub App that is installed; null for any other connection.</summary>
    public GitHubAppInstallationId? Installation => InstallationOf(Service, Id);

    public static GitHubAppInstallationId? InstallationOf(string service, OAuthClientId id) =>
        service == VcsService.GitHubApp ? Identifier.Derived<GitHubAppInstallationId>(id.Value) : null;

    public string Title => Name ?? Kind.DisplayName;

    public override string ToString() => $"VCS connection {Id}";

    internal sealed class Mapping : IEntityTypeConfiguration<VcsConnection>
    {
        public void Configure(EntityTypeBuilder<VcsConnection> entity)
        {
            entity.Property(connection => connection.Service).HasMaxLength(40);
            entity.Property(connection => connection.Name).HasMaxLength(VcsConnectionEditor.MaxName);
            entity.Property(connection => connection.HttpUrl).HasMaxLength(VcsConnectionEditor.MaxUrl);
            entity.Property(connection => connection.ApiUrl).HasMaxLength(VcsConnectionEditor.MaxUrl);
            entity.Property(connection => connection.Username).HasMaxLength(VcsConnectionEditor.MaxName);
            entity.Property(connection => connection.AppId).HasMaxLength(40);
            entity.Property(connection => connection.InstallationId).HasMaxLength(40);
            entity.Property(connection => connection.Account).HasMaxLength(200);
            entity.Property(connection => connection.Problem).HasMaxLength(2000);
            entity.HasIndex(connection => connection.OrganizationId);
            entity.HasIndex(connection => connection.TokenId).IsUnique();
            entity.Ignore(connection => connection.Kind);
            entity.Ignore(connection => connection.Title);
            entity.Ignore(connection => connection.Installation);
        }
    }
}

/// <summary>A project whose workspaces may use a connection that is not for the whole organisation.</summary>
public sealed class VcsConnectionProject
{
    public required OAuthClientId ConnectionId { get; init; }

    public required ProjectId ProjectId { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<VcsConnectionProject>
    {
        public void Configure(EntityTypeBuilder<VcsConnectionProject> entity)
        {
            entity.HasKey(row => new { row.ConnectionId, row.ProjectId });
            entity.HasOne<VcsConnection>().WithMany().HasForeignKey(row => row.ConnectionId);
        }
    }
}
