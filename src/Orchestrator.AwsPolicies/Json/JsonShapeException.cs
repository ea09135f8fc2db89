namespace Orchestrator.AwsPolicies.Json;

/// <summary>A JSON document is well formed but does not have the expected shape.</summary>
/// <param name="path">Where, as a JSON path such as <c>$.accounts[0].id</c>.</param>
public sealed class JsonShapeException(string path, string problem) : Exception($"{path}: {problem}")
{
    public string Path { get; } = path;

    public string Problem { get; } = problem;
}
