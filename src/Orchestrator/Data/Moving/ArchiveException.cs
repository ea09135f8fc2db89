namespace Orchestrator.Data.Moving;

/// <summary>An archive cannot be written or taken in. The message says why, and what to do.</summary>
public sealed class ArchiveException(string message, Exception? inner = null) : Exception(message, inner);
