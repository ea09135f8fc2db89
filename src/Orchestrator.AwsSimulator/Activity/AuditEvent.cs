namespace Orchestrator.AwsSimulator.Activity;

/// <summary>One call, in the shape of a CloudTrail record.</summary>
/// <param name="ErrorCode">Null when the call succeeded.</param>
/// <param name="RequestParameters">What was asked for, without tokens.</param>
/// <param name="ResponseElements">What was handed out: key id and expiration, never secret or token.</param>
/// <param name="AdditionalEventData">Claims of the token: <c>iss</c>, <c>sub</c>, <c>aud</c>, <c>jti</c>, <c>kid</c>.</param>
public sealed record AuditEvent(
    DateTimeOffset EventTime,
    string EventSource,
    string EventName,
    string RequestId,
    string? AwsRegion,
    string? SourceIpAddress,
    string? UserAgent,
    AuditIdentity UserIdentity,
    string? ErrorCode,
    string? ErrorMessage,
    IReadOnlyDictionary<string, string?> RequestParameters,
    IReadOnlyDictionary<string, string?> ResponseElements,
    IReadOnlyDictionary<string, string?> AdditionalEventData);

/// <param name="Type"><c>WebIdentityUser</c>, <c>AssumedRole</c> or <c>Unknown</c>.</param>
/// <param name="UserName">For web identities the token's <c>sub</c>.</param>
public sealed record AuditIdentity(
    string Type, string? PrincipalId, string? Arn, string? AccountId, string? AccessKeyId, string? UserName)
{
    internal static readonly AuditIdentity Unknown = new("Unknown", null, null, null, null, null);
}
