using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Variables;

/// <summary>A value that a workspace, or a set for all workspaces it reaches, hands to terraform. Every value rests encrypted; a
/// sensitive one is never read back.</summary>
public sealed class Variable
{
    public required VariableId Id { get; init; }

    /// <summary>The workspace that it is of; null when it is of a set.</summary>
    public WorkspaceId? WorkspaceId { get; init; }

    /// <summary>The set that it is of; null when it is of a workspace.</summary>
    public VariableSetId? VariableSetId { get; init; }

    public required string Key { get; set; }

    public required VariableCategory Category { get; set; }

    /// <summary>True: the value is an HCL expression. False: it is the string itself. Only for terraform variables.</summary>
    public bool Hcl { get; set; }

    /// <summary>Write-only. It can be switched on, and not off again.</summary>
    public bool Sensitive { get; set; }

    public string? Description { get; set; }

    /// <summary>The value, encrypted by <see cref="VariableVault"/>.</summary>
    public required byte[] ProtectedValue { get; set; }

    /// <summary>Changes with every update.</summary>
    public required string VersionId { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Variable>
    {
        public void Configure(EntityTypeBuilder<Variable> entity)
        {
            entity.Property(variable => variable.Key).HasMaxLength(Names.MaxVariableKeyLength);
            entity.Property(variable => variable.Description).HasMaxLength(512);
            entity.Property(variable => variable.VersionId).HasMaxLength(32);
            entity.HasIndex(variable => new { variable.WorkspaceId, variable.Category, variable.Key }).IsUnique();
            entity.HasIndex(variable => new { variable.VariableSetId, variable.Category, variable.Key }).IsUnique();
            entity.HasOne<VariableSet>().WithMany().HasForeignKey(variable => variable.VariableSetId).OnDelete(DeleteBehavior.Cascade);
            entity.ToTable(table => table.HasCheckConstraint(
                "CK_Variables_Owner", """("WorkspaceId" IS NULL) <> ("VariableSetId" IS NULL)"""));
        }
    }
}

[StoredAsText]
public enum VariableCategory
{
    /// <summary>An input variable of the configuration.</summary>
    Terraform,

    /// <summary>An environment variable of the terraform process.</summary>
    Env,
}

/// <summary>A variable with its value in the clear: for one run's memory, and for nothing else.</summary>
public sealed record PlainVariable(string Key, VariableCategory Category, string Value, bool Hcl, bool Sensitive)
{
    public override string ToString() => $"{EnumText.Of(Category)} variable {Key}";
}
