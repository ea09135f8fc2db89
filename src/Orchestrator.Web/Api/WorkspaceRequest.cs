using Orchestrator.Data;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Api;

/// <summary>A workspace's settings as a client sends them; what is absent stays as it is.</summary>
public sealed record WorkspaceRequest
{
    public static readonly string NameRule = $"A name has 1 to {Names.MaxWorkspaceLength} letters, digits, '-' and '_'.";

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
        if (Name.IsSet)
        {
            workspace.Name = Names.IsWorkspace(Name.Value) ? Name.Value! : throw ApiProblem.Invalid("name", NameRule);
        }
        if (Description.IsSet)
        {
            workspace.Description = Description.Value is not { Length: > 1000 }
                ? Description.Value
                : throw ApiProblem.Invalid("description", "A description has 1000 characters at most.");
        }
        if (Operations is { IsSet: true, Value: { } operations })
        {
            workspace.ExecutionMode = operations ? Workspaces.ExecutionMode.Remote : Workspaces.ExecutionMode.Local;
        }
        if (ExecutionMode is { IsSet: true, Value: { } mode })
        {
            workspace.ExecutionMode = EnumText.TryParse<ExecutionMode>(mode, out var known) && known != Workspaces.ExecutionMode.Agent
                ? known
                : throw ApiProblem.Invalid("execution-mode", "The execution mode is 'remote' or 'local'; this server has no agent pools yet.");
        }
        workspace.AutoApply = AutoApply.Value ?? workspace.AutoApply;
        workspace.AllowDestroyPlan = AllowDestroyPlan.Value ?? workspace.AllowDestroyPlan;
        if (TerraformVersion is { IsSet: true, Value: { } version })
        {
            workspace.TerraformVersion = version.Length is > 0 and <= 40
                ? version
                : throw ApiProblem.Invalid("terraform-version", "The version is one such as '1.11.4', or 'latest'.");
        }
        if (WorkingDirectory.IsSet)
        {
            workspace.WorkingDirectory = Relative(WorkingDirectory.Value ?? "");
        }
    }

    private static string Relative(string path)
    {
        var trimmed = path.Trim('/');
        return !path.Split('/').Contains("..") && trimmed.Length <= 500 && !trimmed.Any(char.IsControl)
            ? trimmed
            : throw ApiProblem.Invalid("working-directory", "The working directory is a relative path inside the configuration.");
    }
}
