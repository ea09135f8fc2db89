using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Signing;

namespace Orchestrator.AwsSimulator.Sts;

/// <summary>STS's own words, beside those about tokens.</summary>
internal static class StsErrors
{
    public static readonly SignedService Service = new("sts", Describe);

    public static readonly Refusal Throttled = new(new AwsError("Throttling", 400, "Rate exceeded"), "fault injection");

    public static readonly Refusal Failed = new(
        new AwsError("InternalFailure", 500, "The request processing has failed because of an unknown error, exception or failure."),
        "fault injection");

    public static readonly Refusal TooLarge = new(
        new AwsError("RequestEntityTooLarge", 413, "Request entity is too large"), "body size");

    public static Refusal UnknownAction(string? action, string? version) => new(
        new AwsError(
            "InvalidAction",
            400,
            $"Could not find operation {action ?? "NO_ACTION"} for version {version ?? "NO_VERSION_SPECIFIED"}"),
        "action")
    {
        Comparisons =
        [
            new Comparison("Action", "AssumeRoleWithWebIdentity or GetCallerIdentity", action),
            new Comparison("Version", "2011-06-15", version),
        ],
    };

    public static Refusal Validation(string message, string parameter, string expected, string? actual) =>
        new(new AwsError("ValidationError", 400, message), "parameters")
        {
            Comparisons = [new Comparison(parameter, expected, actual)],
        };

    public static Refusal RegionDisabled(string accountId) => new(
        new AwsError(
            "RegionDisabledException",
            403,
            $"STS is not activated in this region for account:{accountId}. Your account administrator can activate STS in "
                + "this region using the IAM Console."),
        "fault injection");

    public static Refusal AccessDenied(string action, string check) =>
        new(new AwsError("AccessDenied", 403, $"Not authorized to perform {action}"), check);

    private static AwsError Describe(SignatureFault fault, string detail) => fault switch
    {
        SignatureFault.Unsigned => new("MissingAuthenticationToken", 403, "Request is missing Authentication Token"),
        SignatureFault.Malformed => new("IncompleteSignature", 400, detail),
        SignatureFault.UnknownKey or SignatureFault.WrongToken =>
            new("InvalidClientTokenId", 403, "The security token included in the request is invalid."),
        SignatureFault.ExpiredSession => new("ExpiredToken", 403, "The security token included in the request is expired"),
        SignatureFault.Skewed or SignatureFault.WrongScope => new("SignatureDoesNotMatch", 403, detail),
        SignatureFault.UnsignedHeader =>
            new("SignatureDoesNotMatch", 403, $"'{detail}' must be a 'SignedHeader' in the AWS Authorization."),
        _ => new(
            "SignatureDoesNotMatch",
            403,
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
                + "and signing method. Consult the service documentation for details."),
    };
}
