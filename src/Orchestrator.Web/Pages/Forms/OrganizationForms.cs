using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.AgentPools;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Pages.Forms;

/// <summary>The buttons of an organisation's settings and of its agent pools.</summary>
internal static class OrganizationForms
{
    public static void MapOrganizationForms(this IEndpointRouteBuilder forms)
    {
        forms.MapPost("/general/revoke-token", RevokeAsync);
        forms.MapPost("/general/delete", DeleteAsync);
        forms.MapPost("/agents/{pool}/delete", DeletePoolAsync);
        forms.MapPost("/agents/{pool}/agents/{agent}/forget", ForgetAsync);
    }

    private static async Task<IResult> RevokeAsync(string organization, HttpContext context, Admission admission, ApiTokens tokens)
    {
        var here = admission.Scope.Organization;
        var revoked = await tokens.RevokeAsync(all => all.Where(token => token.OrganizationId == here), context.RequestAborted);
        (revoked > 0
            ? Notice.Done("Revoked: whoever shows that token is refused from now on.")
            : Notice.Refused("The organization has no token any more.")).Leave(context);
        return Results.LocalRedirect(Links.Settings(organization));
    }

    private static async Task<IResult> DeleteAsync(string organization, HttpContext context, Admission admission, OrganizationSettings settings)
    {
        var name = (await context.Request.ReadFormAsync(context.RequestAborted))["name"].ToString().Trim();
        var refusal = name != organization
            ? $"That is not its name. Nothing was deleted: type {organization} to delete it."
            : await settings.RemoveAsync(admission.Scope.Organization, context.RequestAborted);
        (refusal is null ? Notice.Done($"{organization} was deleted.") : Notice.Refused(refusal)).Leave(context);
        return Results.LocalRedirect(refusal is null ? "/" : Links.Settings(organization));
    }

    private static async Task<IResult> DeletePoolAsync(
        string organization, string pool, HttpContext context, Admission admission, OrchestratorDbContext db, AgentPoolSettings settings)
    {
        if (await FindAsync(db, pool, admission, context.RequestAborted) is not { } found)
        {
            return Results.NotFound();
        }
        context.Audit().Say("name", found.Name);
        var refusal = await settings.RemoveAsync(found.Id, context.RequestAborted);
        (refusal is null ? Notice.Done($"{found.Name} was deleted.") : Notice.Refused(refusal)).Leave(context);
        return Results.LocalRedirect(Links.Agents(organization));
    }

    private static async Task<IResult> ForgetAsync(
        string organization, string pool, string agent, HttpContext context, Admission admission, OrchestratorDbContext db, TimeProvider clock)
    {
        var id = new AgentId(agent);
        if (await FindAsync(db, pool, admission, context.RequestAborted) is not { } found
            || await db.Agents.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id && row.PoolId == found.Id, context.RequestAborted) is not { } known)
        {
            return Results.NotFound();
        }
        // Whether it is at work makes no difference here: alive is alive.
        var isAlive = known.StatusAt(clock.GetUtcNow(), isBusy: false) == AgentStatus.Idle;
        if (!isAlive)
        {
            await db.Agents.Where(row => row.Id == id).ExecuteDeleteAsync(context.RequestAborted);
        }
        (isAlive ? Notice.Refused("The agent is alive. Stop its process first.") : Notice.Done($"{known.Name} is forgotten.")).Leave(context);
        return Results.LocalRedirect(Links.Agents(organization));
    }

    private static Task<AgentPool?> FindAsync(OrchestratorDbContext db, string pool, Admission admission, CancellationToken cancellationToken)
    {
        var (id, here) = (new AgentPoolId(pool), admission.Scope.Organization);
        return db.AgentPools.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id && row.OrganizationId == here, cancellationToken);
    }
}
