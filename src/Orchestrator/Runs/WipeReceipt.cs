using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Terraform;

namespace Orchestrator.Runs;

/// <summary>What was found when a phase was wiped. Stored with the run, so that "it is gone" is a statement somebody made
/// after looking.</summary>
/// <param name="ProcessesLeft">Processes of the phase that were still alive and had to be killed.</param>
/// <param name="ProcessesGone">None is alive now.</param>
/// <param name="DirectoryRemoved">The run directory does not exist any more.</param>
/// <param name="TokenRevoked">The state token opens nothing any more.</param>
/// <param name="Findings">Stored artefacts in which one of the phase's own secrets was found: <c>log</c>, <c>plan</c>,
/// <c>state</c>. Empty is good.</param>
/// <param name="Scanned">Which artefacts were searched.</param>
public sealed record WipeReceipt(
    DateTimeOffset WipedAt,
    int ProcessesLeft,
    bool ProcessesGone,
    bool DirectoryRemoved,
    bool TokenRevoked,
    IReadOnlyList<string> Scanned,
    IReadOnlyList<string> Findings)
{
    /// <summary>What a cloud has given and could not be made to take back, in sentences. Empty is good.</summary>
    public IReadOnlyList<string> StillValid { get; init; } = [];

    /// <summary>What kept the phase's processes apart from the machine. Null in receipts that were written before this was noted.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<Isolation>))]
    public Isolation? Isolation { get; init; }

    /// <summary>Whether they were kept from the cloud's metadata service, which hands out the machine's own credentials.</summary>
    public bool? MetadataBlocked { get; init; }

    public bool IsClean => ProcessesGone && DirectoryRemoved && TokenRevoked && Findings.Count == 0 && StillValid.Count == 0;

    public string ToJson() => JsonSerializer.Serialize(this);

    public static WipeReceipt? Parse(string? json) => json is null ? null : JsonSerializer.Deserialize<WipeReceipt>(json);
}
