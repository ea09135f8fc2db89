namespace Orchestrator.AwsSimulator.S3.Payload;

/// <summary>A request's content, freed of its transfer coding and verified as far as the client allowed.</summary>
/// <param name="Checksums">Header name to value, for those the client sent.</param>
internal sealed record ReceivedBody(byte[] Content, IReadOnlyDictionary<string, string> Checksums);
