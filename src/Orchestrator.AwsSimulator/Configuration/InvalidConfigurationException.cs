namespace Orchestrator.AwsSimulator.Configuration;

/// <summary>The configuration cannot be used. The message names the file, the JSON path or line, and what to do.</summary>
public sealed class InvalidConfigurationException(string message) : Exception(message);
