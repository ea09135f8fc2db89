using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.States;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <param name="Type">What kind of JSON the value is, in the API's words.</param>
/// <param name="Value">Null where it is sensitive and was not asked for by itself.</param>
public sealed record StateOutputAttributes(string Name, bool Sensitive, string Type, JsonElement? Value, JsonElement DetailedType);

/// <param name="OutputType">As <see cref="StateOutputAttributes.Type"/>.</param>
public sealed record WorkspaceOutputAttributes(string Name, bool Sensitive, string OutputType, JsonElement? Value);

public sealed record StateOutputView(StateOutput Output, WorkspaceId WorkspaceId)
{
    /// <summary>Its value is shown although it is sensitive.</summary>
    public bool IsRevealed { get; init; }
}

/// <summary>An output, which two types of resource show: as the state version's, and as the workspace's. Both have the same ids, for
/// clients read from the one what the other does not tell.</summary>
internal abstract class OutputResource<TAttributes>(string name, StateOutputVault vault) : ResourceType<StateOutputView, TAttributes>(name)
    where TAttributes : notnull
{
    protected override string IdOf(StateOutputView row) => row.Output.Id.Value;

    protected override IQueryable<StateOutputView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new StateOutputId(id)).ToArray();
        return View(db.StateOutputs.Where(output => wanted.Contains(output.Id)), db);
    }

    protected override bool MaySee(StateOutputView row, HttpContext context) => Caller.Of(context).MayReadState(row.WorkspaceId);

    protected JsonElement? ValueOf(StateOutputView row) => row.Output.Sensitive && !row.IsRevealed ? null : vault.Open(row.Output);

    protected static string TypeOf(StateOutput output)
    {
        var type = JsonElement.Parse(output.DetailedType);
        var kind = type.ValueKind == JsonValueKind.Array && type.GetArrayLength() > 0 ? type[0] : type;
        return (kind.ValueKind == JsonValueKind.String ? kind.GetString()! : "dynamic") switch
        {
            "list" or "set" or "tuple" => "array",
            "map" or "object" => "object",
            var primitive => primitive,
        };
    }

    public static IQueryable<StateOutputView> View(IQueryable<StateOutput> outputs, OrchestratorDbContext db) =>
        from output in outputs
        join version in db.StateVersions on output.StateVersionId equals version.Id
        select new StateOutputView(output, version.WorkspaceId);
}

internal sealed class StateOutputResource(StateOutputVault vault) : OutputResource<StateOutputAttributes>(Type, vault)
{
    public const string Type = "state-version-outputs";

    protected override StateOutputAttributes Show(StateOutputView row, HttpContext context) => new(
        row.Output.Name, row.Output.Sensitive, TypeOf(row.Output), ValueOf(row), JsonElement.Parse(row.Output.DetailedType));
}

internal sealed class WorkspaceOutputResource(StateOutputVault vault) : OutputResource<WorkspaceOutputAttributes>(Type, vault)
{
    public const string Type = "workspace-outputs";

    protected override WorkspaceOutputAttributes Show(StateOutputView row, HttpContext context) => new(
        row.Output.Name, row.Output.Sensitive, TypeOf(row.Output), ValueOf(row));

    /// <summary>It has no address of its own.</summary>
    protected override IReadOnlyDictionary<string, string>? LinksOf(StateOutputView row) => null;
}
