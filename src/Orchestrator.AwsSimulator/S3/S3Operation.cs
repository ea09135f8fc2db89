using Orchestrator.AwsSimulator.Http;

namespace Orchestrator.AwsSimulator.S3;

/// <summary>An operation of S3 and the permission it needs.</summary>
/// <param name="QueryParameters">Those it understands. Any other would silently change what a client meant.</param>
internal sealed record S3Operation(string Name, string Action, params string[] QueryParameters)
{
    public static readonly S3Operation GetObject = new("GetObject", "s3:GetObject", "x-id");
    public static readonly S3Operation HeadObject = new("HeadObject", "s3:GetObject", "x-id");
    public static readonly S3Operation PutObject = new("PutObject", "s3:PutObject", "x-id");
    public static readonly S3Operation DeleteObject = new("DeleteObject", "s3:DeleteObject", "x-id");
    public static readonly S3Operation HeadBucket = new("HeadBucket", "s3:ListBucket");
    public static readonly S3Operation CreateBucket = new("CreateBucket", "s3:CreateBucket");

    public static readonly S3Operation ListObjects = new(
        "ListObjectsV2", "s3:ListBucket",
        "list-type", "prefix", "delimiter", "max-keys", "continuation-token", "start-after", "encoding-type",
        "fetch-owner", "x-id");

    /// <returns>Null for what the simulator cannot do.</returns>
    public static S3Operation? Of(AwsCall call, S3Target target)
    {
        var operation = (call.Method, target) switch
        {
            (_, { Bucket: "" }) => null,
            ("GET", { Key: not "" }) => GetObject,
            ("HEAD", { Key: not "" }) => HeadObject,
            ("PUT", { Key: not "" }) when call.Header("x-amz-copy-source") is null => PutObject,
            ("DELETE", { Key: not "" }) => DeleteObject,
            ("GET", _) when call.QueryValue("list-type") == "2" => ListObjects,
            ("HEAD", { Key: "" }) => HeadBucket,
            ("PUT", { Key: "" }) => CreateBucket,
            _ => null,
        };
        return operation is not null && call.Query.Keys.All(operation.QueryParameters.Contains) ? operation : null;
    }
}
