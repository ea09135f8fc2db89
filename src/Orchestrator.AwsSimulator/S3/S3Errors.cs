using System.Xml.Linq;
using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Http;
using Orchestrator.AwsSimulator.Signing;

namespace Orchestrator.AwsSimulator.S3;

/// <summary>S3's error codes and texts.</summary>
internal static class S3Errors
{
    public static readonly SignedService Service = new("s3", Describe);

    public static Refusal NoSuchBucket(string bucket) =>
        Refuse("NoSuchBucket", 404, "The specified bucket does not exist", "bucket", new Comparison("bucket", "exists", bucket));

    public static Refusal NoSuchKey(string key) =>
        Refuse("NoSuchKey", 404, "The specified key does not exist.", "object", new Comparison("key", "exists", key));

    public static Refusal AccessDenied(string message, string check) => Refuse("AccessDenied", 403, message, check);

    public static Refusal PreconditionFailed(string header, string? actual) => Refuse(
        "PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold", "precondition",
        new Comparison(header, "holds", actual));

    public static Refusal InvalidRange(string? range) => Refuse(
        "InvalidRange", 416, "The requested range is not satisfiable", "range", new Comparison("Range", "inside the object", range));

    public static Refusal InvalidArgument(string message, string what, string? actual) =>
        Refuse("InvalidArgument", 400, message, "parameters", new Comparison(what, null, actual));

    public static Refusal InvalidRequest(string message) => Refuse("InvalidRequest", 400, message, "request");

    public static Refusal InvalidBucketName(string name) => Refuse(
        "InvalidBucketName", 400, "The specified bucket is not valid.", "bucket", new Comparison("bucket", "3 to 63 of a-z 0-9 . -", name));

    public static Refusal KeyTooLong() => Refuse("KeyTooLongError", 400, "Your key is too long", "object");

    public static Refusal BucketTaken(bool byCaller) => byCaller
        ? Refuse(
            "BucketAlreadyOwnedByYou", 409,
            "Your previous request to create the named bucket succeeded and you already own it.", "bucket")
        : Refuse(
            "BucketAlreadyExists", 409,
            "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select "
                + "a different name and try again.",
            "bucket");

    public static Refusal NotImplemented(string what) => Refuse(
        "NotImplemented", 501, "A header or query you provided requested a function that is not implemented.", "operation",
        new Comparison("operation", "one the simulator knows", what));

    public static Refusal TooLarge() =>
        Refuse("EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed object size.", "body size");

    public static Refusal IncompleteBody(string detail) => Refuse(
        "IncompleteBody", 400, "The request body terminated unexpectedly", "body", new Comparison("body", "complete", detail));

    public static Refusal HashMismatch(string expected, string actual) => Refuse(
        "XAmzContentSHA256Mismatch", 400, "The provided 'x-amz-content-sha256' header does not match what was computed.", "body",
        new Comparison("x-amz-content-sha256", expected, actual));

    public static Refusal BadDigest(string name, string expected, string actual) => Refuse(
        "BadDigest", 400, $"The {name} you specified did not match the calculated checksum.", "checksum",
        new Comparison(name, expected, actual));

    public static Refusal ChunkSignature() =>
        new(Describe(SignatureFault.Mismatch, ""), "chunk signature");

    public static AwsResponse Answer(AwsError error, AwsCall call) => AwsResponse.Xml(
        error.Status,
        new XElement(
            "Error",
            new XElement("Code", error.Code),
            new XElement("Message", error.Message),
            new XElement("Resource", call.RawPath),
            new XElement("RequestId", call.RequestId)));

    private static Refusal Refuse(string code, int status, string message, string check, params Comparison[] comparisons) =>
        new(new AwsError(code, status, message), check) { Comparisons = comparisons };

    private static AwsError Describe(SignatureFault fault, string detail) => fault switch
    {
        SignatureFault.Unsigned => new("AccessDenied", 403, "Access Denied"),
        SignatureFault.Malformed => new("AuthorizationHeaderMalformed", 400, $"The authorization header is malformed; {detail}"),
        SignatureFault.UnknownKey =>
            new("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."),
        SignatureFault.WrongToken => new("InvalidToken", 400, "The provided token is malformed or otherwise invalid."),
        SignatureFault.ExpiredSession => new("ExpiredToken", 400, "The provided token has expired."),
        SignatureFault.Skewed =>
            new("RequestTimeTooSkewed", 403, "The difference between the request time and the current time is too large."),
        SignatureFault.WrongScope => new("AuthorizationHeaderMalformed", 400, $"The authorization header is malformed; {detail}."),
        SignatureFault.UnsignedHeader =>
            new("AccessDenied", 403, $"There were headers present in the request which were not signed: {detail}"),
        _ => new(
            "SignatureDoesNotMatch",
            403,
            "The request signature we calculated does not match the signature you provided. Check your key and signing method."),
    };
}
