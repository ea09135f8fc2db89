using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Credentials;

/// <summary>What an organisation, a project or a workspace says about the credentials of its runs. What it leaves open, the next
/// one up decides; what it forbids, nobody below can allow.</summary>
public sealed class CredentialPolicy
{
    public required CredentialPolicyId Id { get; init; }

    /// <summary>Exactly one of the three is set: whose policy it is.</summary>
    public OrganizationId? OrganizationId { get; init; }

    public ProjectId? ProjectId { get; init; }

    public WorkspaceId? WorkspaceId { get; init; }

    /// <summary>Of AWS's; the other clouds have one way each.</summary>
    public CredentialDelivery? Delivery { get; set; }

    /// <summary>What plans get that nobody can apply: of a pull request, or of somebody's working copy.</summary>
    public SpeculativeCredentials? Speculative { get; set; }

    /// <summary>The plan's session can only read, whatever its role may. Only AWS narrows a session; elsewhere a plan must then have an
    /// identity of its own.</summary>
    public bool? ReadOnlyPlan { get; set; }

    /// <summary>The token carries the run's names as session tags, and whoever is responsible as source identity.</summary>
    public bool? SessionTags { get; set; }

    /// <summary>Which roles of AWS runs may assume: ARNs, in which <c>*</c> stands for any characters, or account numbers. Empty: any.</summary>
    public IReadOnlyList<string> AllowedRoles { get; set; } = [];

    /// <summary>How tokens' subjects are made, as <see cref="SubjectTemplate.Text"/>; null for HCP Terraform's format. Only an
    /// organisation says so: who sets it writes its subjects.</summary>
    public string? SubjectTemplate { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<CredentialPolicy>
    {
        public void Configure(EntityTypeBuilder<CredentialPolicy> entity)
        {
            entity.Property(policy => policy.AllowedRoles).HasConversion(TextList.Converter, TextList.Comparer);
            entity.Property(policy => policy.SubjectTemplate).HasMaxLength(500);
            entity.HasIndex(policy => policy.OrganizationId).IsUnique();
            entity.HasIndex(policy => policy.ProjectId).IsUnique();
            entity.HasIndex(policy => policy.WorkspaceId).IsUnique();
        }
    }
}

/// <summary>How credentials reach terraform.</summary>
[StoredAsText]
public enum CredentialDelivery
{
    /// <summary>As values in the environment of the commands that need them, valid as long as the phase may take.</summary>
    Environment,

    /// <summary>From an address on loopback that renews short sessions while the phase runs, and refuses afterwards.</summary>
    Endpoint,

    /// <summary>As a file with the token, which the cloud's client trades by itself; so does HCP Terraform.</summary>
    WebIdentityFile,
}

[StoredAsText]
public enum SpeculativeCredentials
{
    /// <summary>The same as any plan.</summary>
    Allowed,

    /// <summary>With an audience of their own, so that a role's trust policy decides.</summary>
    SeparateAudience,

    Refused,
}
