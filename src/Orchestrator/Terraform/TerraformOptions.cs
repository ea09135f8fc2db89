using System.ComponentModel.DataAnnotations;

namespace Orchestrator.Terraform;

/// <summary>The engine and what surrounds it. Section <c>Orchestrator</c>.</summary>
public sealed class TerraformOptions
{
    /// <summary>The terraform binary: a path, or a name that is looked up on <c>PATH</c>.</summary>
    [Required]
    public string TerraformPath { get; set; } = "terraform";

    /// <summary>The OpenTofu binary, where there is one: a path, or a name that is looked up on <c>PATH</c>.</summary>
    [Required]
    public string TofuPath { get; set; } = "tofu";

    public SandboxMode Sandbox { get; set; } = SandboxMode.Auto;

    public RunUserOptions RunUsers { get; set; } = new();

    public NetworkOptions Network { get; set; } = new();

    public UsageLimits Limits { get; set; } = new();

    /// <summary>Seconds that terraform has to save its state after its worker died, before it is killed.</summary>
    [Range(0, 3600)]
    public int SecondsToSaveAfterWorkerDied { get; set; } = 120;
}

public enum SandboxMode
{
    /// <summary>Isolate terraform where bubblewrap works; where it does not, warn, and give each run a user of its own where that works.</summary>
    Auto,

    /// <summary>Refuse to run anything without bubblewrap.</summary>
    Required,

    Off,
}
