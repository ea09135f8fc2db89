using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.States;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Hosting;

namespace Orchestrator.Web.Api;

/// <param name="StateVersion">The version of terraform's state format.</param>
/// <param name="Intermediate">Whether it waits to become current, which it never does here: each state is current once it has come.</param>
public sealed record StateVersionAttributes(
    DateTimeOffset CreatedAt, long Serial, string Lineage, int StateVersion, string Status, long Size, string? TerraformVersion,
    bool ResourcesProcessed, bool Intermediate, string? HostedStateDownloadUrl, string? HostedJsonStateDownloadUrl,
    string? HostedStateUploadUrl, string? HostedJsonStateUploadUrl,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>>? Modules,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>>? Providers,
    IReadOnlyList<StateResource>? Resources, string? VcsCommitSha, string? VcsCommitUrl);

/// <summary>A state version, with links that open it for this caller.</summary>
internal sealed class StateVersionResource(SignedLinks links, OutputIds outputs) : ResourceType<StateVersionView, StateVersionAttributes>(Type)
{
    public const string Type = "state-versions";

    protected override IReadOnlyList<Relation<StateVersionView>> Relations { get; } =
    [
        One("run", RunResource.Type, view => view.Version.RunId?.Value).Includable(),
        One("created-by", People.Type, view => ServiceUsers.UserIdOf(view.AuthorId)).Includable(),
        One("workspace", WorkspaceResource.Type, view => view.Version.WorkspaceId.Value),
        Many("outputs", StateOutputResource.Type, view => view.Outputs).Includable(),
        One("rollback-state-version", Type, view => view.Version.RollbackOfId?.Value),
        One("previous-state-version", Type, view => view.Version.PreviousId?.Value),
        One("next-state-version", Type, view => view.NextId?.Value),
    ];

    protected override string IdOf(StateVersionView row) => row.Version.Id.Value;

    protected override IQueryable<StateVersionView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new StateVersionId(id)).ToArray();
        return StateVersionView.Of(db.StateVersions.Where(version => wanted.Contains(version.Id)), db);
    }

    protected override bool MaySee(StateVersionView row, HttpContext context) => Caller.Of(context).MayReadState(row.Version.WorkspaceId);

    protected override async Task GatherAsync(IReadOnlyList<StateVersionView> rows, HttpContext context)
    {
        var db = context.RequestServices.GetRequiredService<OrchestratorDbContext>();
        // What has not come has none, and what is deleted for good has none any more.
        var come = rows.Select(view => view.Version).Where(version => version.Status is StateVersionStatus.Finalized or StateVersionStatus.BackingDataSoftDeleted);
        var ids = await outputs.OfAsync(db, come.Select(version => version.Id), context.RequestAborted);
        foreach (var view in rows)
        {
            view.Outputs = ids.GetValueOrDefault(view.Version.Id) ?? [];
        }
    }

    protected override StateVersionAttributes Show(StateVersionView row, HttpContext context)
    {
        var version = row.Version;
        var caller = Caller.Of(context);
        var final = version.Status == StateVersionStatus.Finalized;
        string? Link(bool wanted, LinkKind kind, string path) => wanted
            ? context.AbsoluteUrl($"{ApiRoutes.Root}/{path}/{links.Make(kind, version.Id.Value, caller)}")
            : null;
        var contents = version.Contents;
        return new StateVersionAttributes(
            version.CreatedAt, version.Serial, version.Lineage, version.Format, EnumText.Of(version.Status), version.Size, version.TerraformVersion,
            ResourcesProcessed: contents is not null, Intermediate: false,
            Link(final, LinkKind.StateDownload, "downloads/states"),
            Link(final && version.HasJson, LinkKind.StateJsonDownload, "downloads/states-json"),
            Link(row.TakesUploads, LinkKind.StateUpload, "uploads/states"),
            Link(row.TakesUploads, LinkKind.StateJsonUpload, "uploads/states-json"),
            contents?.Modules, contents?.Providers, contents?.Resources, VcsCommitSha: null, VcsCommitUrl: null);
    }
}
