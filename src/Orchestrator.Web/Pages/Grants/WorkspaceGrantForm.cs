using Orchestrator.Access;
using Orchestrator.Data;

namespace Orchestrator.Web.Pages.Grants;

/// <summary>The single rights in a workspace, as the fields of a form.</summary>
public sealed class WorkspaceGrantForm
{
    public string? Runs { get; set; }

    public string? Variables { get; set; }

    public string? State { get; set; }

    public bool Locking { get; set; }

    public bool RunTasks { get; set; }

    public bool Mocks { get; set; }

    public bool Credentials { get; set; }

    public static WorkspaceGrantForm Of(WorkspaceGrant grant) => new()
    {
        Runs = EnumText.Of(grant.Runs),
        Variables = EnumText.Of(grant.Variables),
        State = EnumText.Of(grant.StateVersions),
        Locking = grant.Locking,
        RunTasks = grant.RunTasks,
        Mocks = grant.SentinelMocks == MockGrant.Read,
        Credentials = !grant.WithholdsCredentials,
    };

    /// <summary>What is no level counts as the least.</summary>
    public WorkspaceGrant ToGrant() => new()
    {
        Runs = GrantWords.Read<RunGrant>(Runs),
        Variables = GrantWords.Read<VariableGrant>(Variables),
        StateVersions = GrantWords.Read<StateGrant>(State),
        SentinelMocks = Mocks ? MockGrant.Read : MockGrant.None,
        Locking = Locking,
        RunTasks = RunTasks,
        WithholdsCredentials = !Credentials,
    };
}
