using System.Text.Json;
using Orchestrator.Data;
using Orchestrator.States;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>A state version as a client announces it, or sends it whole.</summary>
public sealed record StateVersionRequest
{
    private const int Md5Length = 32;

    public long? Serial { get; init; }

    /// <summary>Hex MD5 of the raw state.</summary>
    public string? Md5 { get; init; }

    public string? Lineage { get; init; }

    public bool? Force { get; init; }

    /// <summary>The whole state, base64: then no upload follows.</summary>
    public string? State { get; init; }

    /// <summary>The readable form (<c>terraform show -json</c>), base64.</summary>
    public string? JsonState { get; init; }

    /// <summary>The outputs, base64 of a JSON object. They are checked and not used: the state holds the same, and its checksum.</summary>
    public string? JsonStateOutputs { get; init; }

    /// <exception cref="ApiProblem">A value cannot be so.</exception>
    public StateAnnouncement Announce(WorkspaceId workspace, RunId? run)
    {
        if (JsonStateOutputs is { } outputs && !IsObject(Decode(outputs, "json-state-outputs")))
        {
            throw ApiProblem.Invalid("json-state-outputs", "The outputs are a JSON object, base64.");
        }
        return new StateAnnouncement(
            workspace,
            Serial is >= 0 and <= StateVersion.MaxSerial
                ? Serial.Value
                : throw ApiProblem.Invalid("serial", "The state's serial is required: a whole number from 0."),
            Lineage is not { Length: > StateVersion.MaxLineageLength }
                ? Lineage ?? ""
                : throw ApiProblem.Invalid("lineage", $"A lineage has {StateVersion.MaxLineageLength} characters at most."),
            Md5 is { Length: Md5Length } && Md5.All(char.IsAsciiHexDigit)
                ? Md5.ToLowerInvariant()
                : throw ApiProblem.Invalid("md5", $"The MD5 of the raw state is required, as {Md5Length} hex digits."),
            Force ?? false)
        {
            RunId = run,
        };
    }

    public byte[]? DecodeState() => State is null ? null : Decode(State, "state");

    public byte[]? DecodeJsonState() => JsonState is null ? null : Decode(JsonState, "json-state");

    private static byte[] Decode(string base64, string attribute)
    {
        var buffer = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, buffer, out var length)
            ? buffer[..length]
            : throw ApiProblem.Invalid(attribute, "The value is not base64.");
    }

    private static bool IsObject(byte[] json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 512 });
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject && reader.TrySkip() && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

internal static class StateProblems
{
    /// <summary>With what to do about it, where the outcome alone does not say.</summary>
    public static ApiProblem Of(StateResult result) => result is { Outcome: StateOutcome.StaleSerial, Current: { } current }
        // The CLI's cloud block keeps its -force to itself.
        ? ApiProblem.Conflict($"The serial is not newer than the current state's, which is {current.Serial}. To bring an earlier state back, "
            + "roll back to its version, or push it with a higher serial in it.")
        : Of(result.Outcome);

    public static ApiProblem Of(StateOutcome outcome) => outcome switch
    {
        StateOutcome.NotLockedByWriter => ApiProblem.Conflict("Lock the workspace first; a state is only taken from whoever holds the lock."),
        StateOutcome.StaleSerial => ApiProblem.Conflict("The serial is not newer than the current state's."),
        StateOutcome.OtherLineage => ApiProblem.Conflict("The lineage differs from the current state's: this is another state's history."),
        StateOutcome.Superseded => ApiProblem.Conflict("A newer state has been stored since this one was announced."),
        StateOutcome.Malformed => new ApiProblem(StatusCodes.Status422UnprocessableEntity, "invalid state",
            "The document is not a terraform state, or not the announced one (serial, lineage and MD5 must match)."),
        StateOutcome.NotPending => ApiProblem.Conflict("The state version has had its document."),
        StateOutcome.Done => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    public static ApiProblem OfJson(StateOutcome outcome) => outcome == StateOutcome.Malformed
        ? new ApiProblem(StatusCodes.Status422UnprocessableEntity, "invalid state",
            "The document is not a state as 'terraform show -json' writes it: a JSON object with a format_version.")
        : Of(outcome);
}
