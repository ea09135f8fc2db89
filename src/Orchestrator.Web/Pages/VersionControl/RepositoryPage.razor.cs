using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Vcs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Pages.Forms;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.VersionControl;

/// <summary>From which repository a workspace takes its configuration, and what there queues runs.</summary>
public sealed partial class RepositoryPage(WorkspaceSettings settings, VcsConnections connections, RunQueue queue)
{
    private Workspace? _workspace;
    private VcsRepository? _link;
    private List<VcsConnection> _connections = [];
    private VcsConnection? _chosen;
    private IReadOnlyList<VcsRepositoryFound> _repositories = [];
    private IReadOnlyList<string> _branches = [];
    private string? _default;
    private string? _findProblem;
    private string? _refusal;

    [SupplyParameterFromQuery]
    private string? Connection { get; set; }

    [SupplyParameterFromQuery]
    private string? Repository { get; set; }

    /// <summary>The workspace was made a moment ago, to follow a repository.</summary>
    [SupplyParameterFromQuery]
    private bool Start { get; set; }

    [SupplyParameterFromForm(FormName = "repository")]
    private Fields? Form { get; set; }

    private bool MayChange => Here.May(WorkspaceRight.Update);

    protected override async Task ReadAsync(OrchestratorDbContext db, Workspace workspace)
    {
        _link = await db.VcsRepositories.AsNoTracking().FirstOrDefaultAsync(row => row.WorkspaceId == workspace.Id, Context.RequestAborted);
        _connections = await db.VcsConnections.AsNoTracking()
            .Where(row => row.OrganizationId == workspace.OrganizationId && row.TokenId != null
                && (row.OrganizationScoped || db.VcsConnectionProjects.Any(open => open.ConnectionId == row.Id && open.ProjectId == workspace.ProjectId)))
            .OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync(Context.RequestAborted);
        _chosen = _connections.FirstOrDefault(row => row.Id.Value == Connection) ?? _connections.FirstOrDefault(row => row.Id == _link?.ConnectionId) ?? (_connections.Count > 0 ? _connections[0] : null);
        _default = _link?.DefaultBranch;
        // Whoever may not change it learns of no other repository.
        if (MayChange && Connection is not null && _chosen is not null)
        {
            await FindAsync(_chosen);
        }
        Form ??= Fields.Of(workspace, _link, _chosen, Repository, Start);
        // Last: a request that is given up while this waits is rendered all the same.
        _workspace = workspace;
    }

    private async Task FindAsync(VcsConnection chosen)
    {
        try
        {
            _repositories = await connections.RepositoriesAsync(chosen, null, Context.RequestAborted);
            if (Repository is { Length: > 0 } repository)
            {
                var found = await connections.ReferencesAsync(chosen, repository, Context.RequestAborted);
                (_branches, _default) = ([.. found.Branches.Keys.Order(StringComparer.Ordinal)], found.DefaultBranch);
            }
        }
        catch (VcsProblem problem)
        {
            _findProblem = problem.Message;
        }
    }

    private string Choosing(VcsRepositoryFound found) =>
        $"?connection={_chosen!.Id}&repository={Uri.EscapeDataString(found.Identifier)}{(Start ? "&start=true" : "")}#repository-title";

    private Task SaveAsync() => ChangeAsync(Form!.ToChange(), $"Runs follow {Form.Identifier?.Trim()} now.");

    private Task RemoveAsync() => ChangeAsync(new WorkspaceChange(new WorkspaceEdit()) { Repository = RepositoryChange.Removal }, "Disconnected.");

    private async Task ChangeAsync(WorkspaceChange change, string done)
    {
        var result = await settings.UpdateAsync(_workspace!.Id, change, Context.RequestAborted);
        if (result.Workspace is null)
        {
            _refusal = result.Refusal?.Reason ?? "The workspace does not exist any more.";
            return;
        }
        if (Form!.StartRun && _link is null && Here.May(WorkspaceRight.QueuePlan))
        {
            var first = await queue.CreateAsync(new RunRequest(_workspace.Id, Here.Caller.Actor, RunSource.Pages)
            {
                MayApply = Here.May(WorkspaceRight.QueueApply),
                MayUseCredentials = Here.May(WorkspaceRight.RunWithCredentials),
            }, Context.RequestAborted);
            if (first.Run is { } run)
            {
                Notice.Done($"{done} This is the first.").Leave(Context);
                Navigation.NavigateTo(Links.Run(Organization, Workspace, run.Id.Value));
                return;
            }
            Notice.Refused($"{done} But the first was not started: {first.Refusal}").Leave(Context);
        }
        else
        {
            Notice.Done(done).Leave(Context);
        }
        Navigation.NavigateTo(Links.Repository(Organization, Workspace));
    }

    public sealed class Fields
    {
        public string? Token { get; set; }

        public string? Identifier { get; set; }

        public string? Branch { get; set; }

        public string? TagsRegex { get; set; }

        public bool Submodules { get; set; }

        public bool FileTriggers { get; set; }

        public string? Prefixes { get; set; }

        public string? Patterns { get; set; }

        public bool QueueAllRuns { get; set; }

        public bool Speculative { get; set; }

        public bool PlansForks { get; set; }

        public bool TakesCommands { get; set; }

        public bool AppliesBeforeMerge { get; set; }

        /// <summary>Only where the repository is new.</summary>
        public bool StartRun { get; set; }

        public static Fields Of(Workspace workspace, VcsRepository? link, VcsConnection? chosen, string? repository, bool start) => new()
        {
            Token = chosen?.TokenId?.Value,
            Identifier = repository is { Length: > 0 } ? repository : link?.Identifier,
            Branch = link?.Branch,
            TagsRegex = link?.TagsRegex,
            Submodules = link?.IngressSubmodules ?? false,
            FileTriggers = workspace.FileTriggersEnabled,
            Prefixes = string.Join('\n', workspace.TriggerPrefixes),
            Patterns = string.Join('\n', workspace.TriggerPatterns),
            QueueAllRuns = workspace.QueueAllRuns || start,
            Speculative = workspace.SpeculativeEnabled,
            PlansForks = link?.PlansForks ?? false,
            TakesCommands = link?.TakesCommands ?? false,
            AppliesBeforeMerge = link?.AppliesBeforeMerge ?? false,
            StartRun = start,
        };

        public WorkspaceChange ToChange() => new(new WorkspaceEdit
        {
            FileTriggersEnabled = FileTriggers,
            TriggerPrefixes = Lines(Prefixes),
            TriggerPatterns = Lines(Patterns),
            QueueAllRuns = QueueAllRuns,
            SpeculativeEnabled = Speculative,
        })
        {
            Repository = new RepositoryChange
            {
                TokenId = Token,
                Identifier = Identifier?.Trim() ?? "",
                Branch = Branch?.Trim() ?? "",
                TagsRegex = TagsRegex?.Trim() ?? "",
                IngressSubmodules = Submodules,
                PlansForks = PlansForks,
                TakesCommands = TakesCommands,
                AppliesBeforeMerge = AppliesBeforeMerge,
            },
        };

        private static string[] Lines(string? text) => (text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
