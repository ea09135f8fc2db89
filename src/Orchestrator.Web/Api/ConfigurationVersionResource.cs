using Orchestrator.Access;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Vcs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Hosting;

namespace Orchestrator.Web.Api;

/// <param name="UploadUrl">While it waits for its archive, for those who may upload it.</param>
public sealed record ConfigurationVersionAttributes(
    string Status, string Source, bool Speculative, bool Provisional, bool AutoQueueRuns, string? Error, string? ErrorMessage,
    IReadOnlyDictionary<string, DateTimeOffset> StatusTimestamps, string? UploadUrl);

internal sealed class ConfigurationVersionResource(SignedLinks links)
    : ResourceType<ConfigurationVersion, ConfigurationVersionAttributes>(Type)
{
    public const string Type = "configuration-versions";

    protected override IReadOnlyList<Relation<ConfigurationVersion>> Relations { get; } =
    [
        One("ingress-attributes", IngressAttributesResource.Type, version => VcsService.FamilyBehind(version.Source) is null ? null : IngressAttributes.IdOf(version.Id).Value)
            .Includable(),
        // Not by its id: a workspace names its current one, and whoever includes both would include a circle.
        Linked("workspace", version => $"{ApiRoutes.Root}/workspaces/{version.WorkspaceId}"),
        Empty("run", RunResource.Type),
    ];

    protected override string IdOf(ConfigurationVersion row) => row.Id.Value;

    protected override IQueryable<ConfigurationVersion> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new ConfigurationVersionId(id)).ToArray();
        return db.ConfigurationVersions.Where(version => wanted.Contains(version.Id));
    }

    protected override IReadOnlyDictionary<string, string> LinksOf(ConfigurationVersion row)
    {
        var self = $"{ApiRoutes.Root}/{Type}/{row.Id}";
        return row.Status == ConfigurationVersionStatus.Uploaded
            ? new Dictionary<string, string> { ["self"] = self, ["download"] = $"{self}/download" }
            : new Dictionary<string, string> { ["self"] = self };
    }

    protected override Task GatherAsync(IReadOnlyList<ConfigurationVersion> rows, HttpContext context) => Admission.Of(context).LocateAsync(
        context.RequestServices.GetRequiredService<OrchestratorDbContext>(), rows.Select(version => version.WorkspaceId), context.RequestAborted);

    protected override ConfigurationVersionAttributes Show(ConfigurationVersion row, HttpContext context)
    {
        var timestamps = new Dictionary<string, DateTimeOffset>();
        if (VcsService.FamilyBehind(row.Source) is not null)
        {
            timestamps["fetching-at"] = row.CreatedAt;
        }
        if (row.UploadedAt is { } uploaded)
        {
            timestamps[row.Status == ConfigurationVersionStatus.Errored ? "errored-at" : "uploaded-at"] = uploaded;
        }
        if (row.ArchivedAt is { } archived)
        {
            timestamps["archived-at"] = archived;
        }
        var mayUpload = row.Status == ConfigurationVersionStatus.Pending && Admission.Of(context).In(row.WorkspaceId).HasFlag(WorkspaceRight.QueuePlan);
        return new ConfigurationVersionAttributes(
            EnumText.Of(row.Status), row.Source, row.Speculative, row.Provisional, row.AutoQueueRuns,
            row.ErrorMessage is null ? null : "invalid_archive", row.ErrorMessage, timestamps,
            mayUpload
                ? context.AbsoluteUrl($"{ApiRoutes.Root}/uploads/configurations/{links.Make(LinkKind.ConfigurationUpload, row.Id.Value, Caller.Of(context))}")
                : null);
    }
}
