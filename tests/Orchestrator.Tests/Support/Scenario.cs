using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Projects;
using Orchestrator.Runs;
using Orchestrator.States;
using Orchestrator.Variables;
using Orchestrator.Workspaces;

namespace Orchestrator.Tests.Support;

/// <summary>Puts an installation into a situation, by the platform's own means wherever there are some.</summary>
internal static class Scenario
{
    public static readonly WipeReceipt CleanWipe = new(Installation.Start, 0, true, true, true, [], []);

    public static async Task<Workspace> WorkspaceAsync(this Installation installation, Action<Workspace>? with = null)
    {
        var now = installation.Clock.GetUtcNow();
        var organization = new Organization { Id = Identifier.New<OrganizationId>(), Name = NewName("org"), CreatedAt = now };
        var project = new Project { Id = Identifier.New<ProjectId>(), OrganizationId = organization.Id, Name = "Default Project", CreatedAt = now };
        var workspace = new Workspace
        {
            Id = Identifier.New<WorkspaceId>(),
            OrganizationId = organization.Id,
            ProjectId = project.Id,
            Name = NewName("network"),
            CreatedAt = now,
            UpdatedAt = now,
        };
        with?.Invoke(workspace);
        await using var db = installation.Open();
        db.AddRange(organization, project, workspace);
        await db.SaveChangesAsync();
        return workspace;
    }

    public static async Task<(OrganizationId Id, string Name)> OrganizationAsync(this Installation installation)
    {
        var organization = new Organization
        {
            Id = Identifier.New<OrganizationId>(),
            Name = NewName("org"),
            CreatedAt = installation.Clock.GetUtcNow(),
        };
        await using var db = installation.Open();
        db.Add(organization);
        await db.SaveChangesAsync();
        return (organization.Id, organization.Name);
    }

    public static async Task<User> UserAsync(this Installation installation, Action<User>? with = null)
    {
        var name = NewName("user");
        var user = new User
        {
            Id = Identifier.New<UserId>(),
            Username = name,
            UsernameKey = User.KeyOf(name),
            CreatedAt = installation.Clock.GetUtcNow(),
        };
        with?.Invoke(user);
        await using var db = installation.Open();
        db.Add(user);
        await db.SaveChangesAsync();
        return user;
    }

    public static async Task<Team> TeamAsync(this Installation installation, OrganizationId organization, Action<Team>? with = null)
    {
        var team = new Team
        {
            Id = Identifier.New<TeamId>(),
            OrganizationId = organization,
            Name = NewName("team"),
            CreatedAt = installation.Clock.GetUtcNow(),
        };
        with?.Invoke(team);
        await using var db = installation.Open();
        db.Add(team);
        await db.SaveChangesAsync();
        return team;
    }

    /// <summary>Makes somebody a member of a team, and of its organisation if need be.</summary>
    public static async Task JoinAsync(
        this Installation installation, User user, Team team, MembershipStatus status = MembershipStatus.Active)
    {
        await using var db = installation.Open();
        var membership = await db.OrganizationMemberships.FirstOrDefaultAsync(
            row => row.OrganizationId == team.OrganizationId && row.UserId == user.Id);
        if (membership is null)
        {
            membership = new OrganizationMembership
            {
                Id = Identifier.New<OrganizationMembershipId>(),
                OrganizationId = team.OrganizationId,
                UserId = user.Id,
                Status = status,
                CreatedAt = installation.Clock.GetUtcNow(),
            };
            db.Add(membership);
        }
        db.Add(new TeamMember { TeamId = team.Id, MembershipId = membership.Id });
        await db.SaveChangesAsync();
        await installation.Get<AccessCache>().ForgetAsync();
    }

    public static async Task GiveAsync(this Installation installation, Team team, Workspace workspace, WorkspaceAccessLevel level)
    {
        await using var db = installation.Open();
        db.Add(new TeamWorkspaceAccess
        {
            Id = Identifier.New<TeamWorkspaceAccessId>(),
            TeamId = team.Id,
            WorkspaceId = workspace.Id,
            Level = level,
        });
        await db.SaveChangesAsync();
        await installation.Get<AccessCache>().ForgetAsync();
    }

    public static async Task GiveAsync(
        this Installation installation, Team team, ProjectId project, ProjectAccessLevel level, ProjectWorkspacesGrant? custom = null)
    {
        await using var db = installation.Open();
        db.Add(new TeamProjectAccess
        {
            Id = Identifier.New<TeamProjectAccessId>(),
            TeamId = team.Id,
            ProjectId = project,
            Level = level,
            CustomWorkspaces = custom ?? new ProjectWorkspacesGrant(),
        });
        await db.SaveChangesAsync();
        await installation.Get<AccessCache>().ForgetAsync();
    }

    /// <summary>A configuration version whose archive was accepted.</summary>
    public static async Task<ConfigurationVersion> ConfigurationAsync(
        this Installation installation, WorkspaceId workspace, bool speculative = false, bool provisional = false,
        ConfigurationVersionStatus status = ConfigurationVersionStatus.Uploaded, string? error = null)
    {
        var version = new ConfigurationVersion
        {
            Id = Identifier.New<ConfigurationVersionId>(),
            WorkspaceId = workspace,
            Source = "tfe-api",
            Status = status,
            Speculative = speculative,
            Provisional = provisional,
            ErrorMessage = error,
            CreatedAt = installation.Clock.GetUtcNow(),
        };
        await using var db = installation.Open();
        db.Add(version);
        await db.SaveChangesAsync();
        return version;
    }

    /// <summary>A workspace with a configuration, ready for runs.</summary>
    public static async Task<Workspace> ReadyWorkspaceAsync(this Installation installation, Action<Workspace>? with = null)
    {
        var workspace = await installation.WorkspaceAsync(with);
        await installation.ConfigurationAsync(workspace.Id);
        return workspace;
    }

    public static async Task VariableAsync(
        this Installation installation, WorkspaceId workspace, string key, string value,
        VariableCategory category = VariableCategory.Terraform, bool sensitive = false)
    {
        var id = Identifier.New<VariableId>();
        await using var db = installation.Open();
        db.Add(new Variable
        {
            Id = id,
            WorkspaceId = workspace,
            Key = key,
            Category = category,
            Sensitive = sensitive,
            ProtectedValue = installation.Get<VariableVault>().Seal(id, value),
            VersionId = "1",
            CreatedAt = installation.Clock.GetUtcNow(),
        });
        await db.SaveChangesAsync();
    }

    public static async Task<Project> ProjectAsync(this Installation installation, OrganizationId organization, string name)
    {
        var project = new Project { Id = Identifier.New<ProjectId>(), OrganizationId = organization, Name = name, CreatedAt = installation.Clock.GetUtcNow() };
        await using var db = installation.Open();
        db.Add(project);
        await db.SaveChangesAsync();
        return project;
    }

    public static async Task<Workspace> WorkspaceInAsync(this Installation installation, Project project)
    {
        var now = installation.Clock.GetUtcNow();
        var workspace = new Workspace
        {
            Id = Identifier.New<WorkspaceId>(),
            OrganizationId = project.OrganizationId,
            ProjectId = project.Id,
            Name = $"network-{Guid.NewGuid():N}"[..20],
            CreatedAt = now,
            UpdatedAt = now,
        };
        await using var db = installation.Open();
        db.Add(workspace);
        await db.SaveChangesAsync();
        return workspace;
    }

    /// <summary>A set of terraform variables, assigned to nobody.</summary>
    public static async Task<VariableSet> SetAsync(
        this Installation installation, OrganizationId organization, string name, params (string Key, string Value)[] variables)
    {
        var result = await installation.Get<VariableSets>().CreateAsync(organization, owner: null, new VariableSetEdit
        {
            Name = name,
            Variables = [.. variables.Select(variable => new VariableSetMember(
                null, _ => new VariableEdit(variable.Key, "terraform", variable.Value, null, null, null)))],
        }, CancellationToken.None);
        return result.Set ?? throw new InvalidOperationException(result.Refusal?.Reason);
    }

    public static async Task<Variable> VariableOfAsync(this Installation installation, VariableOwner owner, string key)
    {
        await using var db = installation.Open();
        return await db.VariablesOf(owner).AsNoTracking().SingleAsync(variable => variable.Key == key);
    }

    public static async Task<Run> QueueAsync(
        this Installation installation, WorkspaceId workspace, Func<RunRequest, RunRequest>? with = null)
    {
        // Runs are a moment apart, so that first come is first.
        installation.Clock.Advance(TimeSpan.FromSeconds(1));
        var request = new RunRequest(workspace, Someone.Alice, "tfe-api");
        var result = await installation.Get<RunQueue>().CreateAsync(with?.Invoke(request) ?? request, CancellationToken.None);
        return await installation.ReadAsync(result.Run?.Id ?? throw new InvalidOperationException(result.Refusal));
    }

    public static async Task<RunClaim> ClaimAsync(this Installation installation, RunId run) =>
        await installation.Get<RunClaims>().ClaimAsync(run, CancellationToken.None)
        ?? throw new InvalidOperationException($"Run {run} could not be claimed.");

    /// <summary>Claims the run's apply, and terraform is let go.</summary>
    public static async Task<RunClaim> BeginApplyAsync(this Installation installation, RunId run)
    {
        var claim = await installation.ClaimAsync(run);
        return await installation.Get<RunClaims>().BeginApplyAsync(claim, CancellationToken.None)
            ? claim
            : throw new InvalidOperationException($"The apply of run {run} could not begin.");
    }

    public static Task EndAsync(this Installation installation, RunClaim claim, PhaseResult result) =>
        installation.Get<PhaseEndings>().RecordAsync(claim, result, CleanWipe, [], 0);

    /// <summary>Claims the run's next phase and ends it well.</summary>
    public static async Task<Run> PerformAsync(this Installation installation, RunId run, bool hasChanges = true)
    {
        var claim = await installation.ClaimAsync(run);
        await installation.EndAsync(claim, new PhaseResult(PhaseEnding.Succeeded, hasChanges));
        return await installation.ReadAsync(run);
    }

    /// <summary>A run whose plan waits for somebody's yes.</summary>
    public static async Task<Run> PlannedAsync(
        this Installation installation, WorkspaceId workspace, Func<RunRequest, RunRequest>? with = null)
    {
        var run = await installation.QueueAsync(workspace, with);
        return await installation.PerformAsync(run.Id);
    }

    /// <summary>Somebody pushes another state.</summary>
    public static async Task ChangeStateAsync(this Installation installation, WorkspaceId workspace)
    {
        await using var db = installation.Open();
        var version = new StateVersion
        {
            Id = Identifier.New<StateVersionId>(),
            WorkspaceId = workspace,
            Serial = 1,
            Lineage = "another",
            Md5 = "",
            CreatedById = Someone.Alice.Id,
            CreatedBy = Someone.Alice.Name,
            CreatedAt = installation.Clock.GetUtcNow(),
        };
        db.Add(version);
        await db.SaveChangesAsync();
        await db.Workspaces.Where(row => row.Id == workspace)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.CurrentStateVersionId, version.Id));
    }

    /// <summary>This process looks at all claims every second, for so long, and nobody gives a sign of life but by what is done meanwhile.</summary>
    public static async Task SilenceAsync(this Installation installation, TimeSpan length)
    {
        for (var passed = TimeSpan.Zero; passed < length; passed += RunRecovery.ClaimInterval)
        {
            await installation.LookAsync();
            installation.Clock.Advance(RunRecovery.ClaimInterval);
        }
    }

    /// <summary>It looks once, and ends what is abandoned.</summary>
    public static async Task LookAsync(this Installation installation)
    {
        await installation.Get<AbandonedPhases>().LookAsync(CancellationToken.None);
        await installation.Get<AbandonedPhases>().EndedAsync();
    }

    public static async Task<Run> ReadAsync(this Installation installation, RunId id)
    {
        await using var db = installation.Open();
        return await db.Runs.AsNoTracking().FirstAsync(run => run.Id == id);
    }

    public static async Task<Workspace> ReadAsync(this Installation installation, WorkspaceId id)
    {
        await using var db = installation.Open();
        return await db.Workspaces.AsNoTracking().FirstAsync(workspace => workspace.Id == id);
    }

    public static async Task<Plan> PlanOfAsync(this Installation installation, RunId id)
    {
        await using var db = installation.Open();
        return await db.Plans.AsNoTracking().FirstAsync(plan => plan.RunId == id);
    }

    public static async Task<Apply> ApplyOfAsync(this Installation installation, RunId id)
    {
        await using var db = installation.Open();
        return await db.Applies.AsNoTracking().FirstAsync(apply => apply.RunId == id);
    }

    /// <summary>The run's history, oldest first.</summary>
    public static async Task<IReadOnlyList<RunEvent>> HistoryAsync(this Installation installation, RunId id)
    {
        await using var db = installation.Open();
        var events = await db.RunEvents.AsNoTracking().Where(happening => happening.RunId == id).ToListAsync();
        return [.. events.OrderBy(happening => happening.CreatedAt)];
    }

    private static string NewName(string kind) => $"{kind}-{Guid.NewGuid():N}"[..20];
}
