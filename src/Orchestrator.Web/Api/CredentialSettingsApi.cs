using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <param name="Clouds">Those that the workspace's variables say something about.</param>
public sealed record CredentialSettingsAttributes(IReadOnlyList<CloudSettingsAttributes> Clouds);

public sealed record CloudSettingsAttributes(string Cloud, IReadOnlyList<PhaseSettingsAttributes> Phases);

public sealed record PhaseSettingsAttributes(
    string Phase, IReadOnlyList<string> Problems, IReadOnlyList<string> Warnings, IReadOnlyList<ConfigurationSettingsAttributes> Configurations);

/// <param name="Tag">Null for the default configuration.</param>
public sealed record ConfigurationSettingsAttributes(string? Tag, IReadOnlyList<ChosenSettingAttributes> Settings);

/// <param name="Value">Null when it is sensitive, and when there is none.</param>
/// <param name="Variable">The one that won; null when the value is the default.</param>
public sealed record ChosenSettingAttributes(
    string Name, string What, string? Value, bool Sensitive, string? Variable, IReadOnlyList<SettingCandidateAttributes> Candidates);

/// <param name="Value">Null when it is sensitive, and when the variable is not set.</param>
/// <param name="From">Whose value it is, in words; null when the variable is not set.</param>
public sealed record SettingCandidateAttributes(string Variable, string? Value, bool Sensitive, bool Won, string? From);

/// <summary>Which value won, and why.</summary>
internal static class CredentialSettingsApi
{
    public static void MapCredentialSettings(this IEndpointRouteBuilder api) => api.MapGet(
        "/workspaces/{id}/credential-settings",
        async (string id, OrchestratorDbContext db, CredentialSettingsReader reader, CancellationToken cancellationToken) =>
        {
            var workspace = await db.Workspaces.AsNoTracking().FirstOrDefaultAsync(row => row.Id == new WorkspaceId(id), cancellationToken)
                ?? throw ApiProblem.NotFound();
            var settings = await reader.ReadAsync(workspace, cancellationToken);
            return JsonApiResult.Ok(new Resource<CredentialSettingsAttributes>(
                id, "credential-settings", new CredentialSettingsAttributes([.. settings.Clouds.Select(Map)]))
            {
                Relationships = new Dictionary<string, Relationship> { ["workspace"] = Relationship.One(WorkspaceResource.Type, id) },
                Links = new Dictionary<string, string> { ["self"] = $"{ApiRoutes.Root}/workspaces/{id}/credential-settings" },
            });
        })
        .Needs(WorkspaceRight.ReadVariables)
        .WithSummary("Show which of its variables decide on a workspace's credentials").Returns<CredentialSettingsAttributes>("credential-settings");

    private static CloudSettingsAttributes Map(CloudCredentialSettings cloud) => new(
        cloud.Cloud,
        [.. cloud.Phases.Select(phase => new PhaseSettingsAttributes(
            EnumText.Of(phase.Phase), phase.Problems, phase.Warnings,
            [.. phase.Configurations.Select(configuration => new ConfigurationSettingsAttributes(
                configuration.Tag, [.. configuration.Settings.Select(Map)]))]))]);

    private static ChosenSettingAttributes Map(ChosenSetting chosen) => new(
        chosen.Setting.Name, chosen.Setting.What, chosen.Value, chosen.IsSensitive, chosen.Variable,
        [.. chosen.Candidates.Select(candidate => new SettingCandidateAttributes(
            candidate.Variable, candidate.Value, candidate.IsSensitive, candidate.Won, candidate.From))]);
}
