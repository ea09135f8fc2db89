using Orchestrator.Data;
using Orchestrator.Runs;

namespace Orchestrator.Benchmarks.Harness;

/// <summary>A run as the server would have stored it, to be put straight into its database.</summary>
internal static class PastRun
{
    public static Run Of(OrganizationId organization, WorkspaceId workspace, ConfigurationVersionId configuration, DateTimeOffset at) => new()
    {
        Id = Identifier.New<RunId>(),
        OrganizationId = organization,
        WorkspaceId = workspace,
        ConfigurationVersionId = configuration,
        Options = new RunOptions(),
        Operation = RunOperation.PlanAndApply,
        Message = "Measured",
        Source = "tfe-api",
        CreatedById = null,
        CreatedBy = "admin",
        CreatedAt = at,
        UpdatedAt = at,
        // As long as a few variables make it.
        ProtectedVariables = new byte[500],
        TerraformVersion = "1.11.4",
        WorkingDirectory = "",
    };
}
