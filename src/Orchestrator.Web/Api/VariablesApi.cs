using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Variables;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record VariableRequest
{
    public Optional<string?> Key { get; init; }

    public Optional<string?> Value { get; init; }

    public Optional<string?> Description { get; init; }

    public Optional<string?> Category { get; init; }

    public Optional<bool?> Hcl { get; init; }

    public Optional<bool?> Sensitive { get; init; }

    /// <summary>What is not sent stays as it is; a value of null is an empty one.</summary>
    /// <param name="current">Null for a new one.</param>
    public VariableEdit ToEdit(Variable? current) => new(
        Key.Value, Category.Value, Value.IsSet ? Value.Value ?? "" : null, Description.IsSet ? Description.Value : current?.Description, Hcl.Value, Sensitive.Value);
}

internal static class VariablesApi
{
    public static void MapVariables(this IEndpointRouteBuilder api)
    {
        // The CLI reads one page only, so this list is never paged.
        api.MapGet("/workspaces/{id}/vars", async (
            string id, HttpContext context, OrchestratorDbContext db, VariableResource variables, CancellationToken cancellationToken) =>
        {
            var workspace = await RequireAsync(db, id, cancellationToken);
            return await variables.ShowAllAsync(
                db.Variables.AsNoTracking().Where(variable => variable.WorkspaceId == workspace).OrderBy(variable => variable.Key), context);
        }).WithSummary("List the variables of a workspace").ReturnsAll<VariableResource>();
        api.MapPost("/workspaces/{id}/vars", CreateAsync)
            .WithSummary("Create a variable").Takes<VariableRequest>().Creates<VariableResource>();
        api.MapGet("/workspaces/{id}/vars/{variable}", async (
            string id, string variable, HttpContext context, OrchestratorDbContext db, VariableResource variables, CancellationToken cancellationToken) =>
            await variables.ShowAsync(await FindAsync(db, id, variable, cancellationToken), context))
            .WithSummary("Show a variable").Returns<VariableResource>();
        api.MapPatch("/workspaces/{id}/vars/{variable}", UpdateAsync)
            .WithSummary("Change a variable").Takes<VariableRequest>().Returns<VariableResource>();
        api.MapDelete("/workspaces/{id}/vars/{variable}", async (string id, string variable, VariableStore store, CancellationToken cancellationToken) =>
            await store.DeleteAsync(new WorkspaceId(id), new VariableId(variable), cancellationToken) ? Results.NoContent() : throw ApiProblem.NotFound())
            .WithSummary("Delete a variable").ReturnsNothing();
    }

    private static async Task<IResult> CreateAsync(
        string id, HttpContext context, OrchestratorDbContext db, VariableStore store, VariableResource variables, CancellationToken cancellationToken)
    {
        var workspace = await RequireAsync(db, id, cancellationToken);
        var wanted = (await context.Request.ReadResourceAsync<VariableRequest>()).Attributes!;
        var created = await store.CreateAsync(workspace, wanted.ToEdit(null), cancellationToken);
        return await variables.ShowNewAsync(created.OrThrow(), context);
    }

    private static async Task<IResult> UpdateAsync(
        string id, string variable, HttpContext context, OrchestratorDbContext db, VariableStore store, VariableResource variables,
        CancellationToken cancellationToken)
    {
        var found = await FindAsync(db, id, variable, cancellationToken);
        var wanted = (await context.Request.ReadResourceAsync<VariableRequest>()).Attributes!;
        var updated = await store.UpdateAsync(new WorkspaceId(id), found.Id, wanted.ToEdit, cancellationToken);
        return await variables.ShowAsync(updated.OrThrow(), context);
    }

    private static Variable OrThrow(this VariableEditResult result) =>
        result.Variable ?? throw (result.Refusal is null ? ApiProblem.NotFound() : ApiProblem.Invalid(result.Field!, result.Refusal));

    private static async Task<WorkspaceId> RequireAsync(OrchestratorDbContext db, string id, CancellationToken cancellationToken) =>
        await db.Workspaces.AnyAsync(row => row.Id == new WorkspaceId(id), cancellationToken)
            ? new WorkspaceId(id)
            : throw ApiProblem.NotFound();

    private static async Task<Variable> FindAsync(OrchestratorDbContext db, string workspace, string id, CancellationToken cancellationToken) =>
        await db.Variables.FirstOrDefaultAsync(
            row => row.Id == new VariableId(id) && row.WorkspaceId == new WorkspaceId(workspace), cancellationToken)
            ?? throw ApiProblem.NotFound();
}
