using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Credentials;

/// <summary>What the workspace's next run would get, and who says so.</summary>
public sealed partial class CredentialsPage(
    IDbContextFactory<OrchestratorDbContext> databases, CredentialSettingsReader reader, NavigationManager navigation)
{
    private Workspace? _workspace;
    private CredentialSettings? _settings;
    private IReadOnlyList<(string Name, IReadOnlyList<(string Phases, ChosenSetting Chosen)> Settings)> _configurations = [];

    [Parameter]
    public string Organization { get; set; } = "";

    [Parameter]
    public string Workspace { get; set; } = "";

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    protected override async Task OnInitializedAsync()
    {
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        _workspace = await db.FindWorkspaceAsync(Organization, Workspace, Context.RequestAborted);
        if (_workspace is null)
        {
            navigation.NotFound();
            return;
        }
        _settings = await reader.ReadAsync(_workspace, Context.RequestAborted);
        _configurations =
        [
            .. from cloud in _settings.Clouds
               from configuration in cloud.Phases[0].Configurations
               select ($"{cloud.Cloud}, {(configuration.Tag is { } tag ? $"configuration {tag}" : "default configuration")}", SettingsOf(cloud, configuration.Tag)),
        ];
    }

    /// <summary>Setting by setting. One that is looked for under the same names in both phases is one entry.</summary>
    private static IReadOnlyList<(string Phases, ChosenSetting Chosen)> SettingsOf(CloudCredentialSettings cloud, string? tag)
    {
        var phases = cloud.Phases
            .Select(phase => (Name: EnumText.Of(phase.Phase), Configuration: phase.Configurations.First(configuration => configuration.Tag == tag)))
            .ToArray();
        return
        [
            .. phases[0].Configuration.Settings.Select(chosen => chosen.Setting).SelectMany(setting => setting.PerPhase
                ? phases.Select(phase => (phase.Name, phase.Configuration.Of(setting)))
                : [(string.Join(" and ", phases.Select(phase => phase.Name)), phases[0].Configuration.Of(setting))]),
        ];
    }
}
