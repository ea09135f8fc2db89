using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Credentials;

/// <summary>The policies of organisations, projects and workspaces.</summary>
public sealed class CredentialPolicies(IDbContextFactory<OrchestratorDbContext> databases)
{
    public async Task<EffectiveCredentialPolicy> OfAsync(
        OrganizationId organization, ProjectId project, WorkspaceId workspace, CancellationToken cancellationToken) =>
        (await LevelsAsync(new PolicyOwner(organization, project, workspace), cancellationToken)).Effective;

    /// <summary>The owner's policy with those above it.</summary>
    public async Task<CredentialPolicyLevels> LevelsAsync(PolicyOwner owner, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await LevelsAsync(db, owner, cancellationToken);
    }

    /// <summary>Changes the owner's policy, or makes it.</summary>
    /// <param name="change">Is given the policy as it is, and may be asked twice.</param>
    /// <returns>Null when it was saved.</returns>
    public async Task<CredentialPolicyRefusal?> SaveAsync(
        PolicyOwner owner, Func<CredentialPolicyEdit, CredentialPolicyEdit> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            var levels = await LevelsAsync(db, owner, cancellationToken);
            var policy = levels.Of(owner.Level);
            if (policy is null)
            {
                db.CredentialPolicies.Add(policy = owner.NewPolicy());
            }
            if (policy.Update(change(CredentialPolicyEdit.Of(policy)), levels.With(owner.Level, null)) is { } refusal)
            {
                return refusal;
            }
            if (await db.TrySaveAsync(cancellationToken))
            {
                return null;
            }
            // Somebody else made it at the same moment: theirs is changed, then.
        }
    }

    private static async Task<CredentialPolicyLevels> LevelsAsync(OrchestratorDbContext db, PolicyOwner owner, CancellationToken cancellationToken)
    {
        var policies = await db.CredentialPolicies
            .Where(policy => policy.OrganizationId == owner.Organization
                || (owner.Project != null && policy.ProjectId == owner.Project)
                || (owner.Workspace != null && policy.WorkspaceId == owner.Workspace))
            .ToListAsync(cancellationToken);
        return new CredentialPolicyLevels(
            policies.Find(policy => policy.WorkspaceId is not null),
            policies.Find(policy => policy.ProjectId is not null),
            policies.Find(policy => policy.OrganizationId is not null));
    }
}
