using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Projects;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record OrganizationRequest
{
    public string? Name { get; init; }

    public string? Email { get; init; }
}

public sealed record EntitlementAttributes(
    bool Operations, bool StateStorage, bool Teams, bool PrivateModuleRegistry, bool VcsIntegrations, bool Agents, bool RunTasks,
    bool PolicyEnforcement, bool Sentinel, bool CostEstimation, bool Sso, bool AuditLogging);

internal static class OrganizationsApi
{
    public static void MapOrganizations(this IEndpointRouteBuilder api)
    {
        api.MapGet("/organizations", (HttpContext context, OrchestratorDbContext db, OrganizationResource organizations) =>
            organizations.ShowPageOrAllAsync(db.Organizations.AsNoTracking().OrderBy(organization => organization.Name), context))
            .WithSummary("List organisations").ReturnsPage<OrganizationResource>();
        api.MapGet("/organizations/{organization}", (string organization, HttpContext context, OrganizationResource organizations) =>
            organizations.ShowAsync(organization, context))
            .WithSummary("Show an organisation").Returns<OrganizationResource>();
        api.MapPost("/organizations", CreateAsync)
            .WithSummary("Create an organisation").Takes<OrganizationRequest>().Creates<OrganizationResource>();
        api.MapDelete("/organizations/{organization}", DeleteAsync)
            .WithSummary("Delete an organisation that has no workspaces").ReturnsNothing();
    }

    /// <summary>Asked by every command of the CLI. <c>operations</c> makes it run remotely.</summary>
    public static void MapEntitlements(this IEndpointRouteBuilder api) => api.MapGet(
        "/organizations/{organization}/entitlement-set",
        async (string organization, OrchestratorDbContext db, CancellationToken cancellationToken) =>
        {
            var found = await db.OrganizationAsync(organization, cancellationToken);
            return JsonApiResult.Ok(new Resource<EntitlementAttributes>(found.Id.Value, "entitlement-sets", new EntitlementAttributes(
                Operations: true, StateStorage: true, Teams: false, PrivateModuleRegistry: false, VcsIntegrations: false, Agents: false,
                RunTasks: false, PolicyEnforcement: false, Sentinel: false, CostEstimation: false, Sso: false, AuditLogging: false)));
        })
        .WithSummary("Show what an organisation can do").Returns<EntitlementAttributes>("entitlement-sets");

    /// <exception cref="ApiProblem">There is none of this name.</exception>
    public static async Task<Organization> OrganizationAsync(this OrchestratorDbContext db, string name, CancellationToken cancellationToken) =>
        await db.Organizations.AsNoTracking().FirstOrDefaultAsync(organization => organization.Name == name, cancellationToken)
            ?? throw ApiProblem.NotFound();

    private static async Task<IResult> CreateAsync(
        HttpContext context, OrchestratorDbContext db, AccessCache access, TimeProvider clock, OrganizationResource organizations,
        CancellationToken cancellationToken)
    {
        var attributes = (await context.Request.ReadResourceAsync<OrganizationRequest>()).Attributes!;
        var result = OrganizationEditor.Create(attributes.Name, attributes.Email, clock.GetUtcNow());
        if (result.Organization is not { } organization)
        {
            throw ApiProblem.Invalid(result.Field!, result.Refusal!);
        }
        if (await db.Organizations.AnyAsync(other => other.Name == organization.Name, cancellationToken))
        {
            throw ApiProblem.Invalid("name", OrganizationEditor.NameTaken);
        }
        db.Organizations.Add(organization);
        db.Projects.Add(new Project
        {
            Id = Identifier.New<ProjectId>(),
            OrganizationId = organization.Id,
            Name = Names.DefaultProject,
            CreatedAt = clock.GetUtcNow(),
        });
        db.AddOwners(organization.Id, Caller.Of(context).UserId, clock.GetUtcNow());
        await db.SaveNewAsync("name", cancellationToken);
        await access.ForgetAsync();
        return await organizations.ShowNewAsync(organization, context);
    }

    private static async Task<IResult> DeleteAsync(
        string organization, OrchestratorDbContext db, AccessCache access, CancellationToken cancellationToken)
    {
        var found = await db.OrganizationAsync(organization, cancellationToken);
        if (await db.Workspaces.AnyAsync(workspace => workspace.OrganizationId == found.Id, cancellationToken))
        {
            throw ApiProblem.Conflict("The organization still has workspaces. Delete them first.");
        }
        await db.Organizations.Where(row => row.Id == found.Id).ExecuteDeleteAsync(cancellationToken);
        // Its teams and tokens went with it.
        await access.ForgetAsync();
        return Results.NoContent();
    }
}
