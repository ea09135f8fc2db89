using Orchestrator.Data;
using Orchestrator.Web.Pages.VariableSets;
using Orchestrator.Variables;
using Sets = Orchestrator.Variables.VariableSets;

namespace Orchestrator.Web.Pages.Forms;

/// <summary>The delete buttons of a variable set and of its variables.</summary>
internal static class VariableSetForms
{
    public static void MapVariableSetForms(this IEndpointRouteBuilder forms)
    {
        forms.MapPost("/delete", DeleteAsync);
        forms.MapPost("/variables/{variable}/delete", DeleteVariableAsync);
    }

    private static async Task<IResult> DeleteAsync(string organization, string id, HttpContext context, OrchestratorDbContext db, Sets sets)
    {
        if (await db.FindVariableSetAsync(organization, id, context.RequestAborted) is not { } found)
        {
            return Results.NotFound();
        }
        var deleted = await sets.DeleteAsync(found.Id, context.RequestAborted);
        (deleted ? Notice.Done($"{found.Name} was deleted.") : Notice.Refused("The set was gone already.")).Leave(context);
        return Results.LocalRedirect(Links.VariableSets(organization));
    }

    private static async Task<IResult> DeleteVariableAsync(
        string organization, string id, string variable, HttpContext context, OrchestratorDbContext db, VariableStore store)
    {
        if (await db.FindVariableSetAsync(organization, id, context.RequestAborted) is not { } found)
        {
            return Results.NotFound();
        }
        var deleted = await store.DeleteAsync(found.Id, new VariableId(variable), context.RequestAborted);
        (deleted ? Notice.Done("The variable was deleted.") : Notice.Refused("The variable was gone already.")).Leave(context);
        return Results.LocalRedirect(Links.VariableSet(organization, found.Id));
    }
}
