using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Access;

/// <summary>Members of an organisation who have the same rights in it.</summary>
public sealed class Team
{
    /// <summary>The team of this name is in every organisation, has every right there, and can be neither renamed nor deleted.</summary>
    public const string Owners = "owners";

    public const int MaxSsoIdLength = 200;

    public required TeamId Id { get; init; }

    public required OrganizationId OrganizationId { get; init; }

    /// <summary>Unique in the organisation.</summary>
    public required string Name { get; set; }

    public TeamVisibility Visibility { get; set; } = TeamVisibility.Secret;

    /// <summary>What the company's sign-in calls this team.</summary>
    public string? SsoTeamId { get; set; }

    /// <summary>Its members, too, may make and revoke the team's tokens.</summary>
    public bool AllowMemberTokenManagement { get; set; } = true;

    public TeamOrganizationAccess OrganizationAccess { get; set; } = new();

    public required DateTimeOffset CreatedAt { get; init; }

    public bool IsOwners => Name == Owners;

    internal sealed class Mapping : IEntityTypeConfiguration<Team>
    {
        public void Configure(EntityTypeBuilder<Team> entity)
        {
            entity.Property(team => team.Name).HasMaxLength(Names.MaxTeamLength);
            entity.Property(team => team.SsoTeamId).HasMaxLength(MaxSsoIdLength);
            entity.ComplexProperty(team => team.OrganizationAccess);
            entity.HasIndex(team => new { team.OrganizationId, team.Name }).IsUnique();
        }
    }
}

[StoredAsText]
public enum TeamVisibility
{
    /// <summary>Only its members, and those who manage teams, see it.</summary>
    Secret,

    /// <summary>Every member of the organisation sees it.</summary>
    Organization,
}

/// <summary>What a team may do in its whole organisation, in the API's words.</summary>
public sealed record TeamOrganizationAccess
{
    public bool ManagePolicies { get; init; }

    public bool ManagePolicyOverrides { get; init; }

    public bool ManageWorkspaces { get; init; }

    public bool ManageVcsSettings { get; init; }

    public bool ManageProviders { get; init; }

    public bool ManageModules { get; init; }

    public bool ManageRunTasks { get; init; }

    /// <summary>Includes <see cref="ManageWorkspaces"/>.</summary>
    public bool ManageProjects { get; init; }

    public bool ReadWorkspaces { get; init; }

    /// <summary>Includes <see cref="ReadWorkspaces"/>.</summary>
    public bool ReadProjects { get; init; }

    public bool ManageMembership { get; init; }

    /// <summary>Includes <see cref="ManageMembership"/>.</summary>
    public bool ManageTeams { get; init; }

    /// <summary>To set these very flags. Includes <see cref="ManageTeams"/>.</summary>
    public bool ManageOrganizationAccess { get; init; }

    public bool AccessSecretTeams { get; init; }

    public bool ManageAgentPools { get; init; }
}

/// <summary>One member of a team.</summary>
public sealed class TeamMember
{
    public required TeamId TeamId { get; init; }

    public required OrganizationMembershipId MembershipId { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<TeamMember>
    {
        public void Configure(EntityTypeBuilder<TeamMember> entity)
        {
            entity.HasKey(member => new { member.TeamId, member.MembershipId });
            entity.HasOne<Team>().WithMany().HasForeignKey(member => member.TeamId);
            entity.HasOne<OrganizationMembership>().WithMany().HasForeignKey(member => member.MembershipId);
        }
    }
}
