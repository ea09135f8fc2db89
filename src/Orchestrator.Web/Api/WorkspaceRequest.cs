using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Api;

/// <summary>A workspace's settings as a client sends them; what is absent stays as it is.</summary>
public sealed record WorkspaceRequest
{
    public static readonly string NameRule = WorkspaceEditor.NameRule;

    public Optional<string?> Name { get; init; }

    public Optional<string?> Description { get; init; }

    public Optional<string?> ExecutionMode { get; init; }

    public Optional<bool?> Operations { get; init; }

    public Optional<bool?> AutoApply { get; init; }

    public Optional<bool?> AllowDestroyPlan { get; init; }

    public Optional<string?> TerraformVersion { get; init; }

    public Optional<string?> WorkingDirectory { get; init; }

    /// <exception cref="ApiProblem">A value is not allowed.</exception>
    public void ApplyTo(Workspace workspace)
    {
        var edit = new WorkspaceEdit
        {
            Name = Name.IsSet ? Name.Value ?? "" : null,
            Description = Description.IsSet ? Description.Value ?? "" : null,
            ExecutionMode = ExecutionMode.Value ?? (Operations.Value is { } operations ? operations ? "remote" : "local" : null),
            AutoApply = AutoApply.Value,
            AllowDestroyPlan = AllowDestroyPlan.Value,
            TerraformVersion = TerraformVersion.Value,
            WorkingDirectory = WorkingDirectory.IsSet ? WorkingDirectory.Value ?? "" : null,
        };
        if (workspace.Update(edit) is { } refusal)
        {
            throw ApiProblem.Invalid(refusal.Field, refusal.Reason);
        }
    }
}
