using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Orchestrator.AwsPolicies;
using Orchestrator.AwsPolicies.Json;
using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Iam;
using Orchestrator.AwsSimulator.Sessions;

namespace Orchestrator.AwsSimulator.Sts;

/// <summary>The policies a caller narrows its session with.</summary>
/// <param name="PackedPercent">How much of the space for policies and tags they take; null when there is nothing.</param>
internal sealed record SessionPolicies(IReadOnlyList<PolicyDocument> Documents, int? PackedPercent)
{
    // AWS keeps its packing to itself. A compressed form with this much room tells the same kinds of request apart.
    private const int PackedSpace = 2048;
    private const int LongestPlainText = 2048;

    public static Checked<SessionPolicies> Read(AssumeRoleRequest request, Account account, SessionTags tags)
    {
        List<PolicyDocument> documents = [];
        if (request.Policy is { } inline)
        {
            try
            {
                using var json = JsonDocument.Parse(inline, JsonCursor.Strict);
                documents.Add(PolicyReader.ReadPermissions(new JsonCursor(json.RootElement, "$"), "inline session policy"));
            }
            catch (Exception malformed) when (malformed is JsonException or JsonShapeException)
            {
                return Malformed("This policy contains invalid Json or is not a policy document.", malformed.Message);
            }
        }

        var known = ManagedPolicy.OwnedByAws.Concat(account.ManagedPolicies).ToDictionary(policy => policy.Arn);
        foreach (var arn in request.PolicyArns)
        {
            if (!known.TryGetValue(arn, out var managed))
            {
                return Malformed($"The policy {arn} does not exist or is not attachable.", arn);
            }

            documents.Add(managed.Document with { Name = $"session policy {arn}" });
        }

        var plain = (request.Policy?.Length ?? 0) + request.PolicyArns.Sum(arn => arn.Length);
        var percent = PackedPercentage(request, tags);
        return plain > LongestPlainText || percent > 100 ? TooLarge(Math.Max(percent ?? 0, 101)) : new SessionPolicies(documents, percent);
    }

    private static int? PackedPercentage(AssumeRoleRequest request, SessionTags tags)
    {
        if (request.Policy is null && request.PolicyArns.Count == 0 && !tags.Any)
        {
            return null;
        }

        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            deflate.Write(Encoding.UTF8.GetBytes(string.Join('\n',
            [
                request.Policy ?? "",
                .. request.PolicyArns,
                .. tags.Values.Select(tag => $"{tag.Key}={tag.Value}"),
                .. tags.TransitiveKeys,
            ])));
        }

        return (int)Math.Ceiling(packed.Length * 100.0 / PackedSpace);
    }

    private static Refusal Malformed(string message, string actual) =>
        new(new AwsError("MalformedPolicyDocument", 400, message), "session policy")
        {
            Comparisons = [new Comparison("session policy", "an IAM policy document, or the ARN of a managed policy", actual)],
        };

    private static Refusal TooLarge(int percent) =>
        new(
            new AwsError("PackedPolicyTooLarge", 400, $"Packed policy consumes {percent}% of allotted space, please use smaller policy."),
            "session policy")
        {
            Comparisons = [new Comparison("packed size in percent", "at most 100", $"{percent}")],
        };
}
