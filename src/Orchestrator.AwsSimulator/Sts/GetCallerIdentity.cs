using System.Security.Cryptography;
using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Http;
using Orchestrator.AwsSimulator.Signing;

namespace Orchestrator.AwsSimulator.Sts;

/// <summary>Tells a caller who it is. It needs no permission, and an explicit deny does not stop it.</summary>
internal sealed class GetCallerIdentity(SignatureVerifier signatures)
{
    public Checked<AwsResponse> Execute(AwsCall call, byte[] body, CallRecord record)
    {
        // Go signs over the body without naming its hash in a header; .NET names it.
        var bodyHash = Convert.ToHexStringLower(SHA256.HashData(body));
        var statedHash = call.Header("x-amz-content-sha256") ?? bodyHash;
        if (!signatures.Verify(call, StsErrors.Service, statedHash).Passed(out var caller, out var refusal))
        {
            return refusal;
        }

        if (!ConstantTime.Equal(bodyHash, statedHash))
        {
            return new Refusal(StsErrors.Service.Describe(SignatureFault.Mismatch, ""), "body")
            {
                Comparisons = [new Comparison("x-amz-content-sha256", bodyHash, statedHash)],
            };
        }

        var session = caller.Session;
        record.Identity = session.AuditIdentity;
        record.Region = caller.Region;
        return StsXml.Success(
            "GetCallerIdentity",
            call.RequestId,
            StsXml.Member("Arn", session.Arn),
            StsXml.Member("UserId", session.UserId),
            StsXml.Member("Account", session.Role.AccountId));
    }
}
