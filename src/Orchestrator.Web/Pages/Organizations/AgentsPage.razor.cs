using Hangfire;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.AgentPools;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Pages.Forms;
using Orchestrator.Web.Pages.Parts;

namespace Orchestrator.Web.Pages.Organizations;

/// <summary>An organisation's agent pools: who is in them and what they do, who uses them; and the workers of the installation.</summary>
public sealed partial class AgentsPage(
    IDbContextFactory<OrchestratorDbContext> databases, AgentPoolSettings settings, JobStorage jobs, TimeProvider clock, NavigationManager navigation)
{
    private const int MaxUsers = 50;

    private readonly List<Row> _pools = [];
    private AgentPool? _changed;
    private int _slots;
    private int _working;
    private string? _refusal;

    [Parameter]
    public string Organization { get; set; } = "";

    /// <summary>The pool that is to be changed.</summary>
    [SupplyParameterFromQuery]
    private string? Change { get; set; }

    [SupplyParameterFromForm(FormName = "pool")]
    private Fields? Form { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    private Admission Here => Admission.Of(Context);

    private bool MayManage => Here.May(OrganizationRight.ManageAgentPools);

    protected override async Task OnInitializedAsync()
    {
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var here = Here.Scope.Organization;
        var pools = await db.AgentPools.AsNoTracking().Where(pool => pool.OrganizationId == here).OrderBy(pool => pool.Name).ToListAsync(Context.RequestAborted);
        var ids = pools.Select(pool => (AgentPoolId?)pool.Id).ToArray();
        var poolIds = pools.Select(pool => pool.Id).ToArray();
        var runs = await db.Runs.Where(run => ids.Contains(run.AgentPoolId) && !RunMoves.Final.Contains(run.Status))
            .Select(run => new { run.AgentPoolId, run.Status, run.ClaimedBy }).ToListAsync(Context.RequestAborted);
        var agents = (await db.Agents.AsNoTracking().Where(agent => poolIds.Contains(agent.PoolId)).OrderBy(agent => agent.Name).ToListAsync(Context.RequestAborted))
            .ToLookup(agent => agent.PoolId);
        var users = (await db.Workspaces.Where(row => row.OrganizationId == here && ids.Contains(row.AgentPoolId)).SeenBy(db, Here.Standing).OrderBy(row => row.Name)
            .Select(row => new { row.AgentPoolId, row.Name }).ToListAsync(Context.RequestAborted)).ToLookup(row => row.AgentPoolId, row => row.Name);
        var projects = (await (
            from open in db.AgentPoolProjects
            where poolIds.Contains(open.PoolId)
            join project in db.Projects on open.ProjectId equals project.Id
            orderby project.Name
            select new { open.PoolId, project.Name }).ToListAsync(Context.RequestAborted)).ToLookup(row => row.PoolId, row => row.Name);
        var workspaces = await (
            from open in db.AgentPoolWorkspaces
            where poolIds.Contains(open.PoolId)
            join workspace in db.Workspaces on open.WorkspaceId equals workspace.Id
            orderby workspace.Name
            select new { open.PoolId, open.Excluded, workspace.Name }).ToListAsync(Context.RequestAborted);
        var now = clock.GetUtcNow();
        foreach (var pool in pools)
        {
            string[] excluded = [.. workspaces.Where(row => row.PoolId == pool.Id && row.Excluded).Select(row => row.Name)];
            string[] allowed = [.. workspaces.Where(row => row.PoolId == pool.Id && !row.Excluded).Select(row => row.Name)];
            var own = runs.Where(run => run.AgentPoolId == pool.Id).ToList();
            _pools.Add(new Row(
                pool,
                OpenTo(pool, [.. projects[pool.Id]], allowed, excluded),
                [.. users[pool.Id].Take(MaxUsers)],
                own.Count(run => RunMoves.HandedOver.Contains(run.Status)),
                [
                    .. agents[pool.Id].Select(agent => (agent, own.Count(run => run.ClaimedBy == agent.Worker && RunMoves.Claimed.Contains(run.Status))))
                        .Select(row => (row.agent, row.agent.StatusAt(now, row.Item2 > 0), row.Item2)),
                ]));
            if (pool.Id.Value == Change && MayManage)
            {
                _changed = pool;
                Form ??= new Fields
                {
                    Name = pool.Name,
                    OrganizationScoped = pool.OrganizationScoped,
                    MaxConcurrentRuns = Concurrency.Show(pool.MaxConcurrentRuns),
                    Excluded = string.Join('\n', excluded),
                    Workspaces = string.Join('\n', allowed),
                    Projects = string.Join('\n', projects[pool.Id]),
                };
            }
        }
        Form ??= new Fields { OrganizationScoped = true };
        _slots = jobs.GetMonitoringApi().Servers().Where(server => server.Queues.Any(queue => queue is not (NotificationJob.Queue or VcsDeliveryJob.Queue))).Sum(server => server.WorkersCount);
        _working = await db.Runs.CountAsync(run => run.OrganizationId == here && run.AgentPoolId == null && RunMoves.Claimed.Contains(run.Status), Context.RequestAborted);
    }

    private async Task SaveAsync()
    {
        var (form, here) = (Form!, Here.Scope.Organization);
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        string[] excluded = Lines(form.Excluded), allowed = Lines(form.Workspaces), open = Lines(form.Projects);
        string[] named = [.. excluded.Concat(allowed).Distinct()];
        var workspaces = await db.Workspaces.Where(row => row.OrganizationId == here && named.Contains(row.Name)).SeenBy(db, Here.Standing)
            .ToDictionaryAsync(row => row.Name, row => row.Id, Context.RequestAborted);
        var projects = await db.Projects.Where(row => row.OrganizationId == here && open.Contains(row.Name)).SeenBy(db, Here.Standing)
            .ToDictionaryAsync(row => row.Name, row => row.Id, Context.RequestAborted);
        var unknown = named.Where(name => !workspaces.ContainsKey(name)).Select(name => $"workspace '{name}'")
            .Concat(open.Where(name => !projects.ContainsKey(name)).Select(name => $"project '{name}'")).FirstOrDefault();
        if (unknown is not null)
        {
            Refuse($"The organization has no {unknown}.");
            return;
        }
        var edit = new AgentPoolEdit(form.Name?.Trim() ?? "", form.OrganizationScoped)
        {
            ExcludedWorkspaces = [.. excluded.Select(name => workspaces[name])],
            AllowedWorkspaces = [.. allowed.Select(name => workspaces[name])],
            AllowedProjects = [.. projects.Values],
            MaxConcurrentRuns = Concurrency.Read(form.MaxConcurrentRuns),
        };
        var result = _changed is null
            ? await settings.CreateAsync(here, edit, Context.RequestAborted)
            : await settings.UpdateAsync(_changed.Id, edit, Context.RequestAborted);
        if (result.Pool is not { } pool)
        {
            Refuse(result.Refusal?.Reason ?? "The pool was deleted meanwhile.");
            return;
        }
        Context.Audit().About("agent-pools", pool.Id.Value);
        Context.Audit().Say("name", pool.Name);
        Notice.Done(_changed is null ? $"{pool.Name} was made. Start a worker for it." : "Saved.").Leave(Context);
        navigation.NavigateTo(Links.Agents(Organization));
    }

    private void Refuse(string reason)
    {
        _refusal = reason;
        Context.Audit().Fail();
    }

    private static string OpenTo(AgentPool pool, string[] projects, string[] workspaces, string[] excluded) => pool.OrganizationScoped
        ? excluded.Length == 0 ? "all workspaces" : $"all workspaces but {string.Join(", ", excluded)}"
        : projects.Length + workspaces.Length == 0 ? "nothing yet: name projects or workspaces"
        : string.Join(", ", projects.Select(name => $"project {name}").Concat(workspaces));

    private static string Says(AgentStatus status) => status switch
    {
        AgentStatus.Idle => "idle",
        AgentStatus.Busy => "at work",
        AgentStatus.Unknown => "silent",
        AgentStatus.Exited => "gone",
    };

    private static string Tone(AgentStatus status) => status switch
    {
        AgentStatus.Idle => "ok",
        AgentStatus.Busy => "busy",
        AgentStatus.Unknown => "bad",
        AgentStatus.Exited => "quiet",
    };

    private static string[] Lines(string? text) =>
        [.. (text ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];

    private sealed record Row(
        AgentPool Pool, string OpenTo, IReadOnlyList<string> UsedBy, int Waiting, IReadOnlyList<(Agent Agent, AgentStatus Status, int Runs)> Agents);

    public sealed class Fields
    {
        public string? Name { get; set; }

        public bool OrganizationScoped { get; set; }

        public string? MaxConcurrentRuns { get; set; }

        public string? Excluded { get; set; }

        public string? Workspaces { get; set; }

        public string? Projects { get; set; }
    }
}
