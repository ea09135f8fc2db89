using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record ConfigurationVersionAttributes(
    string Status, string Source, bool Speculative, bool Provisional, bool AutoQueueRuns, string? Error, string? ErrorMessage,
    IReadOnlyDictionary<string, DateTimeOffset> StatusTimestamps, string? UploadUrl);

/// <param name="Version">As it is stored.</param>
public sealed record ConfigurationVersionView(ConfigurationVersion Version)
{
    /// <summary>Told to its creator alone, once.</summary>
    public string? UploadUrl { get; init; }
}

internal sealed class ConfigurationVersionResource() : ResourceType<ConfigurationVersionView, ConfigurationVersionAttributes>(Type)
{
    public const string Type = "configuration-versions";

    protected override IReadOnlyList<Relation<ConfigurationVersionView>> Relations { get; } =
    [
        One("ingress-attributes", "ingress-attributes", _ => null).Includable(),
        // Not by its id: a workspace names its current one, and whoever includes both would include a circle.
        Linked("workspace", view => $"{ApiRoutes.Root}/workspaces/{view.Version.WorkspaceId}"),
        Empty("run", RunResource.Type),
    ];

    protected override string IdOf(ConfigurationVersionView row) => row.Version.Id.Value;

    protected override IQueryable<ConfigurationVersionView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new ConfigurationVersionId(id)).ToArray();
        return db.ConfigurationVersions.Where(version => wanted.Contains(version.Id)).Select(version => new ConfigurationVersionView(version));
    }

    protected override ConfigurationVersionAttributes Show(ConfigurationVersionView row, HttpContext context)
    {
        var version = row.Version;
        var timestamps = new Dictionary<string, DateTimeOffset>();
        if (version.UploadedAt is { } at)
        {
            timestamps[version.Status == ConfigurationVersionStatus.Errored ? "errored-at" : "uploaded-at"] = at;
        }
        return new ConfigurationVersionAttributes(
            EnumText.Of(version.Status), version.Source, version.Speculative, version.Provisional, version.AutoQueueRuns,
            version.ErrorMessage is null ? null : "invalid_archive", version.ErrorMessage, timestamps, row.UploadUrl);
    }
}
