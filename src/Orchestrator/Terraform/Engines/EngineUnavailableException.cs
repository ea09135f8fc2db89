namespace Orchestrator.Terraform.Engines;

/// <summary>The engine that a run asks for cannot be had. The message is for the run's readers.</summary>
/// <param name="isAway">The mirror does not answer: another time it may.</param>
public sealed class EngineUnavailableException(string message, Exception? inner = null, bool isAway = false) : Exception(message, inner)
{
    public bool IsAway => isAway;
}
