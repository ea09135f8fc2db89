using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.States;
using Orchestrator.Web.Pages.Runs;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Workspaces;

/// <summary>One state: what is in it, how it differs from another, and the way back to it.</summary>
public sealed partial class StatePage(StateStore states)
{
    private const int MaxEntries = 500;
    private const int MaxOthers = 100;

    private Workspace? _workspace;
    private StateVersion? _version;
    private StateVersion? _against;
    private StateVersion _from = null!;
    private StateVersion _to = null!;
    private StateDiff? _diff;
    private PlanGraph? _graph;
    private List<StateVersion> _others = [];
    private IReadOnlyList<StateEntry> _entries = [];
    private IReadOnlyList<(string Name, string? Value)> _outputs = [];

    [Parameter]
    public string State { get; set; } = "";

    [SupplyParameterFromQuery]
    private string? Against { get; set; }

    private string Address => Links.Workspace(Organization, Workspace, $"states/{Uri.EscapeDataString(State)}");

    protected override async Task ReadAsync(OrchestratorDbContext db, Workspace workspace)
    {
        var all = db.StateVersions.AsNoTracking().Where(row => row.WorkspaceId == workspace.Id && row.Status == StateVersionStatus.Finalized);
        if (!Identifier.TryParse<StateVersionId>(State, out var id)
            || await all.FirstOrDefaultAsync(row => row.Id == id, Context.RequestAborted) is not { } version)
        {
            Navigation.NotFound();
            return;
        }
        _others = await all.Where(row => row.Id != id).OrderByDescending(row => row.CreatedAt).Take(MaxOthers).ToListAsync(Context.RequestAborted);
        _against = _others.FirstOrDefault(row => row.Id.Value == Against)
            ?? _others.FirstOrDefault(row => row.CreatedAt < version.CreatedAt) ?? _others.FirstOrDefault();
        if (await states.ReadAsync(id, Context.RequestAborted) is { } raw)
        {
            await ReadAsync(version, raw);
        }
        // Last: a request that is given up while this waits is rendered all the same.
        (_version, _workspace) = (version, workspace);
    }

    private async Task ReadAsync(StateVersion version, byte[] raw)
    {
        _entries = StateDiff.Entries(raw);
        _graph = PlanGraph.Of(_entries);
        _outputs = [.. (StateDocument.Read(raw)?.Outputs ?? []).Select(output => (output.Name, output.Sensitive ? null : output.Value))];
        if (_against is not { } against || await states.ReadAsync(against.Id, Context.RequestAborted) is not { } other)
        {
            return;
        }
        // From what is to what would be: towards this one where that is the way back, else forwards in time.
        var isBack = against.CreatedAt > version.CreatedAt;
        (_from, _to) = (against, version);
        try
        {
            _diff = StateDiff.Between(other, raw);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            _diff = null;
        }
        _isBack = isBack;
    }

    private bool _isBack;

    private string Say(ResourceChange change) => (change.Kind, _isBack) switch
    {
        (ChangeKind.Create, false) => $"is new in #{_to.Serial}",
        (ChangeKind.Destroy, false) => $"is gone in #{_to.Serial}",
        (ChangeKind.Create, true) => "would be known again",
        (ChangeKind.Destroy, true) => "would be forgotten",
        _ => "differs",
    };
}
