using Orchestrator.Data;
using Orchestrator.Variables;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Workspaces;

public sealed partial class VariablesPage
{
    private Workspace? _workspace;
    private IReadOnlyList<EffectiveVariable> _effective = [];

    protected override async Task ReadAsync(OrchestratorDbContext db, Workspace workspace)
    {
        _effective = await WorkspaceVariables.ReadAsync(db, workspace.Id, Context.RequestAborted);
        _workspace = workspace;
    }
}
