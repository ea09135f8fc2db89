using Orchestrator.Data;
using Orchestrator.States;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Hosting;

namespace Orchestrator.Web.Api;

public sealed record StateVersionAttributes(
    DateTimeOffset CreatedAt, long Serial, string Lineage, int StateVersion, string Status, long Size, string? TerraformVersion,
    bool ResourcesProcessed, bool Intermediate, string? HostedStateDownloadUrl, string? HostedJsonStateDownloadUrl,
    string? HostedStateUploadUrl, string? HostedJsonStateUploadUrl);

/// <summary>A state version, with links that open it for this caller.</summary>
internal sealed class StateVersionResource(SignedLinks links) : ResourceType<StateVersion, StateVersionAttributes>(Type)
{
    public const string Type = "state-versions";

    protected override IReadOnlyList<Relation<StateVersion>> Relations { get; } =
    [
        One("run", RunResource.Type, version => version.RunId?.Value).Includable(),
        One("workspace", WorkspaceResource.Type, version => version.WorkspaceId.Value),
        Many("outputs", "state-version-outputs", _ => []).Includable(),
        Empty("created-by", "users"),
    ];

    protected override string IdOf(StateVersion row) => row.Id.Value;

    protected override IQueryable<StateVersion> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new StateVersionId(id)).ToArray();
        return db.StateVersions.Where(version => wanted.Contains(version.Id));
    }

    protected override bool MaySee(StateVersion row, HttpContext context) => Caller.Of(context).MayReadState(row.WorkspaceId);

    protected override StateVersionAttributes Show(StateVersion row, HttpContext context)
    {
        var caller = Caller.Of(context);
        var pending = row.Status == StateVersionStatus.Pending;
        string? Link(bool wanted, LinkKind kind, string path) => wanted
            ? context.AbsoluteUrl($"{ApiRoutes.Root}/{path}/{links.Make(kind, row.Id.Value, caller)}")
            : null;
        return new StateVersionAttributes(
            row.CreatedAt, row.Serial, row.Lineage, 4, EnumText.Of(row.Status), row.Size, row.TerraformVersion,
            ResourcesProcessed: !pending, Intermediate: false,
            Link(!pending, LinkKind.StateDownload, "downloads/states"),
            Link(!pending, LinkKind.StateJsonDownload, "downloads/states-json"),
            Link(pending, LinkKind.StateUpload, "uploads/states"),
            Link(pending, LinkKind.StateJsonUpload, "uploads/states-json"));
    }
}
