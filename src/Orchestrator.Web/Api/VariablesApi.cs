using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Variables;
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
        });
        api.MapPost("/workspaces/{id}/vars", CreateAsync);
        api.MapGet("/workspaces/{id}/vars/{variable}", async (
            string id, string variable, HttpContext context, OrchestratorDbContext db, VariableResource variables, CancellationToken cancellationToken) =>
            await variables.ShowAsync(await FindAsync(db, id, variable, cancellationToken), context));
        api.MapPatch("/workspaces/{id}/vars/{variable}", UpdateAsync);
        api.MapDelete("/workspaces/{id}/vars/{variable}", async (
            string id, string variable, OrchestratorDbContext db, CancellationToken cancellationToken) =>
        {
            var found = await FindAsync(db, id, variable, cancellationToken);
            await db.Variables.Where(row => row.Id == found.Id).ExecuteDeleteAsync(cancellationToken);
            return Results.NoContent();
        });
    }

    private static async Task<IResult> CreateAsync(
        string id, HttpContext context, OrchestratorDbContext db, VariableEditor editor, VariableResource variables,
        CancellationToken cancellationToken)
    {
        var workspace = await RequireAsync(db, id, cancellationToken);
        var wanted = (await context.Request.ReadResourceAsync<VariableRequest>()).Attributes!;
        var variable = editor.Create(workspace, new VariableEdit(
            wanted.Key.Value, wanted.Category.Value, wanted.Value.Value ?? "", wanted.Description.Value, wanted.Hcl.Value, wanted.Sensitive.Value))
            .OrThrow();
        db.Variables.Add(variable);
        await db.SaveNewAsync("key", cancellationToken);
        return await variables.ShowNewAsync(variable, context);
    }

    private static async Task<IResult> UpdateAsync(
        string id, string variable, HttpContext context, OrchestratorDbContext db, VariableEditor editor, VariableResource variables,
        CancellationToken cancellationToken)
    {
        var found = await FindAsync(db, id, variable, cancellationToken);
        var wanted = (await context.Request.ReadResourceAsync<VariableRequest>()).Attributes!;
        editor.Update(found, new VariableEdit(
            wanted.Key.Value, wanted.Category.Value, wanted.Value.IsSet ? wanted.Value.Value ?? "" : null,
            wanted.Description.IsSet ? wanted.Description.Value : found.Description, wanted.Hcl.Value, wanted.Sensitive.Value))
            .OrThrow();
        await db.SaveNewAsync("key", cancellationToken);
        return await variables.ShowAsync(found, context);
    }

    private static Variable OrThrow(this VariableEditResult result) =>
        result.Variable ?? throw ApiProblem.Invalid(result.Field!, result.Refusal!);

    private static async Task<WorkspaceId> RequireAsync(OrchestratorDbContext db, string id, CancellationToken cancellationToken) =>
        await db.Workspaces.AnyAsync(row => row.Id == new WorkspaceId(id), cancellationToken)
            ? new WorkspaceId(id)
            : throw ApiProblem.NotFound();

    private static async Task<Variable> FindAsync(OrchestratorDbContext db, string workspace, string id, CancellationToken cancellationToken) =>
        await db.Variables.FirstOrDefaultAsync(
            row => row.Id == new VariableId(id) && row.WorkspaceId == new WorkspaceId(workspace), cancellationToken)
            ?? throw ApiProblem.NotFound();
}
