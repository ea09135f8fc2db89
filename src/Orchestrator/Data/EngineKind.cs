namespace Orchestrator.Data;

/// <summary>Which program carries a workspace's configuration out.</summary>
[StoredAsText]
public enum EngineKind
{
    Terraform,

    /// <summary>OpenTofu.</summary>
    Tofu,
}

public static class EngineNames
{
    /// <summary>As people call it.</summary>
    public static string Of(EngineKind kind) => kind == EngineKind.Tofu ? "OpenTofu" : "Terraform";
}
