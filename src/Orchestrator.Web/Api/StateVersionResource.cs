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

/// <summary>A state version with what its document also names.</summary>
public sealed record StateVersionView(StateVersion Version)
{
    public StateVersionId? NextId { get; set; }

    public IReadOnlyList<string> Outputs { get; set; } = [];

    /// <summary>Whose it is: of what a run has written, the run's creator.</summary>
    public string? AuthorId { get; set; } = Version.CreatedById;

    /// <summary>Its document may be sent, perhaps once more.</summary>
    public bool TakesUploads { get; init; } = Version.Status == StateVersionStatus.Pending;
}

/// <summary>A state version, with links that open it for this caller.</summary>
internal sealed class StateVersionResource(SignedLinks links) : ResourceType<StateVersionView, StateVersionAttributes>(Type)
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
        return db.StateVersions.Where(version => wanted.Contains(version.Id)).Select(version => new StateVersionView(version));
    }

    protected override bool MaySee(StateVersionView row, HttpContext context) => Caller.Of(context).MayReadState(row.Version.WorkspaceId);

    protected override async Task GatherAsync(IReadOnlyList<StateVersionView> rows, HttpContext context)
    {
        var db = context.RequestServices.GetRequiredService<OrchestratorDbContext>();
        var ids = rows.Select(view => view.Version.Id).ToArray();
        // What has not come yet has none.
        StateVersionId[] come = [.. rows.Where(view => view.Version.Status != StateVersionStatus.Pending).Select(view => view.Version.Id)];
        var outputs = await StateOutputResource.OfVersionsAsync(db, come, context.RequestAborted);
        var facts = await db.StateVersions
            .Where(version => ids.Contains(version.Id))
            .Select(version => new
            {
                version.Id,
                NextId = db.StateVersions.Where(next => next.PreviousId == version.Id).Select(next => (StateVersionId?)next.Id).FirstOrDefault(),
                RunsCreatorId = db.Runs.Where(run => run.Id == version.RunId).Select(run => run.CreatedById).FirstOrDefault(),
            })
            .ToDictionaryAsync(fact => fact.Id, context.RequestAborted);
        foreach (var view in rows)
        {
            var fact = facts.GetValueOrDefault(view.Version.Id);
            if (view.Version.IsOfRun)
            {
                view.AuthorId = fact?.RunsCreatorId;
            }
            view.Outputs = [.. outputs[view.Version.Id]];
            view.NextId = fact?.NextId;
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
