using Orchestrator.Configurations;
using Orchestrator.Workspaces;

namespace Orchestrator.Runs;

/// <summary>Says no to a run that could not work, before it exists.</summary>
internal static class RunRequestCheck
{
    private const int MaxMessageLength = 4000;
    private const int MaxVersionLength = 40;
    private const int MaxAddresses = 1000;

    /// <returns>Null when the run may be created.</returns>
    public static RunRequestResult? Find(RunRequest request, Workspace workspace, ConfigurationVersion? configuration)
    {
        if (configuration is null)
        {
            return request.ConfigurationVersionId is null
                ? RunRequestResult.Refused("The workspace has no configuration yet. Upload one first.", "configuration-version")
                : RunRequestResult.Refused("The configuration version does not exist.", "configuration-version");
        }
        if (configuration.Status != ConfigurationVersionStatus.Uploaded)
        {
            return RunRequestResult.Refused(
                $"The configuration version is {Data.EnumText.Of(configuration.Status)}, not uploaded. {configuration.ErrorMessage}".TrimEnd(),
                "configuration-version");
        }
        if (workspace.ExecutionMode == ExecutionMode.Local)
        {
            return RunRequestResult.Refused(
                "The workspace's execution mode is 'local': terraform runs where you are. Set it to 'remote' for runs here.", "workspace");
        }
        if (request.IsDestroy && !workspace.AllowDestroyPlan)
        {
            return RunRequestResult.Refused("The workspace does not allow destroy plans. Allow them in its settings first.", "is-destroy");
        }
        if (request.IsDestroy && request.RefreshOnly)
        {
            return RunRequestResult.Refused("A run is either a destroy or refresh-only.", "refresh-only");
        }
        if (request.RefreshOnly && !request.Refresh)
        {
            return RunRequestResult.Refused("A refresh-only run cannot skip the refresh.", "refresh");
        }
        if (configuration.Speculative && request.PlanOnly == false)
        {
            return RunRequestResult.Refused("The configuration version is speculative, so its runs can only plan.", "plan-only");
        }
        var planOnly = request.PlanOnly ?? configuration.Speculative;
        if (planOnly && request.SavePlan)
        {
            return RunRequestResult.Refused("A run that can only plan has no plan to save for an apply.", "save-plan");
        }
        if (request.TerraformVersion is not null && !planOnly)
        {
            return RunRequestResult.Refused(
                "Only a plan-only run may use another version of terraform than its workspace.", "terraform-version");
        }
        if (request.TerraformVersion is { Length: 0 or > MaxVersionLength })
        {
            return RunRequestResult.Refused("The version is one such as '1.11.4', or 'latest'.", "terraform-version");
        }
        if (request.Message is { Length: > MaxMessageLength })
        {
            return RunRequestResult.Refused($"The message is longer than {MaxMessageLength} characters.", "message");
        }
        return FindBadAddress(request.TargetAddresses, "target-addrs") ?? FindBadAddress(request.ReplaceAddresses, "replace-addrs");
    }

    /// <summary>Terraform parses addresses itself; here it only matters that each stays one argument's value.</summary>
    private static RunRequestResult? FindBadAddress(IReadOnlyList<string> addresses, string field) =>
        addresses.Count > MaxAddresses || addresses.Any(address => string.IsNullOrWhiteSpace(address) || address.Length > 1000 || address.Any(char.IsControl))
            ? RunRequestResult.Refused(
                $"Each address is a resource's or a module's, such as 'aws_instance.web' or 'module.network', and there are {MaxAddresses} at most.", field)
            : null;
}
