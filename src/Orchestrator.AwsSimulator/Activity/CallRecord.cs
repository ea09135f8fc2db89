using Orchestrator.AwsSimulator.Http;

namespace Orchestrator.AwsSimulator.Activity;

/// <summary>What is learned about a call while it is handled; becomes its audit event at the end.</summary>
internal sealed class CallRecord(AwsCall call, string service)
{
    public AuditIdentity Identity { get; set; } = AuditIdentity.Unknown;

    public string Operation { get; set; } = "Unknown";

    public string? Region { get; set; }

    public Dictionary<string, string?> Parameters { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string?> Response { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string?> Token { get; } = new(StringComparer.Ordinal);

    public AuditEvent ToEvent(DateTimeOffset at, AwsError? error) => new(
        at, $"{service}.amazonaws.com", Operation, call.RequestId, Region, call.RemoteAddress, call.Header("User-Agent"),
        Identity, error?.Code, error?.Message, Parameters, Response, Token);

    public Explanation Explain(DateTimeOffset at, Refusal refusal) => new(
        at, call.RequestId, $"{service}:{Operation}", refusal.Error.Code, refusal.Error.Message, refusal.Check,
        refusal.Comparisons, refusal.Policies);
}
