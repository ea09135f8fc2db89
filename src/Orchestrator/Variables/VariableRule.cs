namespace Orchestrator.Variables;

/// <summary>What another feature has to say about a variable before it is saved.</summary>
/// <param name="sensitive">The value must not be part of what is said.</param>
/// <returns>What is wrong with it, in a sentence; null when nothing is.</returns>
public delegate string? VariableRule(string key, VariableCategory category, string value, bool sensitive);
