using Orchestrator.AwsSimulator.Http;
using Orchestrator.AwsSimulator.S3.Payload;
using Orchestrator.AwsSimulator.Signing;

namespace Orchestrator.AwsSimulator.S3;

/// <summary>A request that is signed, allowed and read: what remains is to do it.</summary>
internal sealed record S3Request(AwsCall Call, S3Target Target, SignedCaller Caller, ReceivedBody Body, DateTimeOffset Now);
