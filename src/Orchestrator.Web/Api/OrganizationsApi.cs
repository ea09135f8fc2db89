using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Api;

/// <param name="IsActive">Nothing is sold here, so nothing expires.</param>
public sealed record SubscriptionAttributes(bool IsActive, string? EndAt, string IdentifierName);

internal static class OrganizationsApi
{
    private static readonly SortKeys<Organization> Sort = new SortKeys<Organization>("name")
        .ByUnique("name", organization => organization.Name)
        .By("created-at", organization => organization.CreatedAt)
        .Last(organization => organization.Id);

    public static void MapOrganizations(this IEndpointRouteBuilder api)
    {
        api.MapGet("/organizations", (HttpContext context, OrchestratorDbContext db, OrganizationResource organizations) =>
            organizations.ShowPageOrAllAsync(Sort.Sort(Find(db, context.Request), context.Request), context))
            .WithSummary("List organisations").ReturnsPage<OrganizationResource>().SortedBy(Sort)
            .Query("q", "Part of a name or address.").Query("q[name]", "Part of a name.").Query("q[email]", "Part of an address.");
        api.MapGet("/organizations/{organization}", (string organization, HttpContext context, OrganizationResource organizations) =>
            organizations.ShowAsync(organization, context))
            .WithSummary("Show an organisation").Returns<OrganizationResource>();
        api.MapPost("/organizations", CreateAsync)
            .WithSummary("Create an organisation").Takes<OrganizationRequest>().Creates<OrganizationResource>();
        api.MapPatch("/organizations/{organization}", UpdateAsync).Needs(OrganizationRight.Update)
            .WithSummary("Change an organisation").Takes<OrganizationRequest>().Returns<OrganizationResource>();
        api.MapDelete("/organizations/{organization}", DeleteAsync)
            .WithSummary("Delete an organisation with its workspaces, if those manage nothing").ReturnsNothing();
        api.MapGet("/organizations/{organization}/subscription", async (string organization, OrchestratorDbContext db, CancellationToken cancellationToken) =>
            JsonApiResult.Ok(new Resource<SubscriptionAttributes>(
                (await db.OrganizationAsync(organization, cancellationToken)).Id.Value, "subscriptions",
                new SubscriptionAttributes(IsActive: true, EndAt: null, "self-hosted"))))
            .Needs(OrganizationRight.Read)
            .WithSummary("Show what an organisation has subscribed to").Returns<SubscriptionAttributes>("subscriptions");
    }

    /// <summary>Asked by every command of the CLI: who has come so far has found the organisation.</summary>
    public static void MapEntitlements(this IEndpointRouteBuilder api) => api.MapGet(
        "/organizations/{organization}/entitlement-set",
        (string organization, HttpContext context, EntitlementSetResource entitlements) =>
            entitlements.ShowAsync(new Entitled(Admission.Of(context).Scope.Organization, organization), context))
        .WithSummary("Show what an organisation can do").Returns<EntitlementSetResource>();

    /// <exception cref="ApiProblem">There is none of this name.</exception>
    public static async Task<Organization> OrganizationAsync(this OrchestratorDbContext db, string name, CancellationToken cancellationToken) =>
        await db.Organizations.AsNoTracking().FirstOrDefaultAsync(organization => organization.Name == name, cancellationToken)
            ?? throw ApiProblem.NotFound();

    private static IQueryable<Organization> Find(OrchestratorDbContext db, HttpRequest request) => db.Organizations.AsNoTracking()
        .Containing(request.Query(), row => row.Name, row => row.Email)
        .Containing(Text(request.Query["q[name]"]), row => row.Name)
        .Containing(Text(request.Query["q[email]"]), row => row.Email);

    private static string? Text(string? value) => string.IsNullOrEmpty(value) ? null : value;

    private static async Task<IResult> CreateAsync(
        HttpContext context, OrganizationSettings settings, OrganizationResource organizations, EntitlementSetResource entitlements)
    {
        var edit = OrganizationRequest.EditOf(await context.Request.ReadResourceAsync<OrganizationRequest>());
        RequireInstallation(edit, context);
        var created = Require(await settings.CreateAsync(edit, Caller.Of(context).UserId, context.RequestAborted));
        context.Audit().Scope = new Scope(created.Id);
        return new JsonApiResult(
            new Document(organizations.Map(created, context)) { Included = [entitlements.Map(new Entitled(created.Id, created.Name), context)] },
            StatusCodes.Status201Created);
    }

    private static async Task<IResult> UpdateAsync(
        string organization, HttpContext context, OrchestratorDbContext db, OrganizationSettings settings, OrganizationResource organizations)
    {
        var found = await db.OrganizationAsync(organization, context.RequestAborted);
        var edit = OrganizationRequest.EditOf(await context.Request.ReadResourceAsync<OrganizationRequest>());
        RequireInstallation(edit, context);
        if (edit.RequiresTwoFactor == true && Caller.Of(context) is { Principal.HoldsKey: false, UserId: { } user }
            && !await db.HasSecondFactorAsync(user, context.RequestAborted))
        {
            throw ApiProblem.Invalid("collaborator-auth-policy", "You have no second factor yourself, so this would lock you out. Set one up first.");
        }
        var updated = Require(await settings.UpdateAsync(found.Id, edit, context.RequestAborted));
        return await organizations.ShowAsync(updated, context);
    }

    private static async Task<IResult> DeleteAsync(
        string organization, OrchestratorDbContext db, OrganizationSettings settings, CancellationToken cancellationToken)
    {
        var found = await db.OrganizationAsync(organization, cancellationToken);
        return await settings.RemoveAsync(found.Id, cancellationToken) is { } refusal ? throw ApiProblem.Conflict(refusal) : Results.NoContent();
    }

    private static void RequireInstallation(OrganizationEdit edit, HttpContext context)
    {
        if (edit.MaxConcurrentRuns is not null && !Caller.Of(context).IsSiteAdmin)
        {
            throw ApiProblem.Invalid("max-concurrent-runs", "How many runs an organization may have carried out at once is set by the installation's admins.");
        }
    }

    private static Organization Require(OrganizationEditResult result) => result.Organization
        ?? throw (result.Refusal is null ? ApiProblem.NotFound() : ApiProblem.Invalid(result.Field!, result.Refusal));
}
