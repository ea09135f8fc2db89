using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Credentials;

public sealed class CredentialPolicies(IDbContextFactory<OrchestratorDbContext> databases)
{
    public async Task<EffectiveCredentialPolicy> OfAsync(
        OrganizationId organization, ProjectId project, WorkspaceId workspace, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var policies = await db.CredentialPolicies.AsNoTracking()
            .Where(policy => policy.OrganizationId == organization || policy.ProjectId == project || policy.WorkspaceId == workspace)
            .ToListAsync(cancellationToken);
        return EffectiveCredentialPolicy.Of(
            policies.Find(policy => policy.WorkspaceId == workspace),
            policies.Find(policy => policy.ProjectId == project),
            policies.Find(policy => policy.OrganizationId == organization));
    }
}
