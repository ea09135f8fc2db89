using System.ComponentModel.DataAnnotations;
using Microsoft.IdentityModel.Tokens;

namespace Orchestrator.WorkloadIdentity;

/// <summary>The keys that sign run tokens. Section <c>Orchestrator:SigningKeys</c>.</summary>
public sealed class SigningKeyOptions
{
    /// <summary><c>RS256</c> (RSA, 3072 bits) or <c>ES256</c> (P-256). A change takes effect with the next rotation; until the old
    /// key has retired, both kinds are published side by side.</summary>
    [AllowedValues(SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256,
        ErrorMessage = "Orchestrator__SigningKeys__Algorithm is RS256 or ES256.")]
    public string Algorithm { get; set; } = SecurityAlgorithms.RsaSha256;

    /// <summary>How long a key signs before the next one takes its place by itself. Zero: only when somebody asks for it.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00",
        ErrorMessage = "Orchestrator__SigningKeys__RotationPeriod is from 0 (off) to ten years, such as 90.00:00:00.")]
    public TimeSpan RotationPeriod { get; set; } = TimeSpan.FromDays(90);
}
