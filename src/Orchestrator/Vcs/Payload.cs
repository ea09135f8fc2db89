using System.Globalization;
using System.Text.Json;

namespace Orchestrator.Vcs;

/// <summary>Walks through a payload. What is not there, or of another type, is nothing; what has to be there is asked for with
/// <see cref="Text"/>.</summary>
internal readonly struct Payload(JsonElement element)
{
    private readonly JsonElement _element = element;

    public Payload this[string name] => _element.ValueKind == JsonValueKind.Object && _element.TryGetProperty(name, out var member)
        ? new Payload(member)
        : default;

    public bool Exists => _element.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    public bool IsFalse => _element.ValueKind == JsonValueKind.False;

    public bool IsTrue => _element.ValueKind == JsonValueKind.True;

    public int? Number => _element.ValueKind == JsonValueKind.Number && _element.TryGetInt32(out var number) ? number : null;

    /// <summary>Null when it is no text, or an empty one.</summary>
    public string? Maybe => _element.ValueKind switch
    {
        JsonValueKind.String => Written() is { Length: > 0 } text ? text.Replace("\0", "", StringComparison.Ordinal) : null,
        JsonValueKind.Number => _element.GetRawText(),
        _ => null,
    };

    /// <summary>A moment, as ISO 8601 has it or in milliseconds since 1970.</summary>
    public DateTimeOffset? Time =>
        long.TryParse(Maybe, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds < 253_402_300_800_000 ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
        : DateTimeOffset.TryParse(Maybe, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment
        : null;

    public IEnumerable<Payload> Items => _element.ValueKind == JsonValueKind.Array ? _element.EnumerateArray().Select(item => new Payload(item)) : [];

    public IEnumerable<string> Texts => Items.Select(item => item.Maybe).OfType<string>();

    /// <summary>Half a character (<c>"\ud800"</c>) is JSON, and no text.</summary>
    private string? Written()
    {
        try
        {
            return _element.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <exception cref="VcsPayloadException">It is not there.</exception>
    public static string Text(Payload value, string name) => value.Maybe ?? throw new VcsPayloadException($"The payload has no '{name}'.");

    /// <exception cref="VcsPayloadException">It is no commit's hash.</exception>
    public static string Commit(Payload value, string name) => Text(value, name) is var text && IsCommit(text)
        ? text.ToLowerInvariant()
        : throw new VcsPayloadException($"The payload's '{name}' is no commit's hash.");

    public static bool IsCommit(string? text) => text is { Length: 40 or 64 } && text.All(char.IsAsciiHexDigit);

    /// <summary>How services write "no commit".</summary>
    public static bool IsNothing(string commit) => commit.All(digit => digit == '0');

    /// <summary>The first word after <c>refs/heads/</c> or <c>refs/tags/</c> and what follows; null for any other reference.</summary>
    public static (string? Branch, string? Tag) Reference(string reference) =>
        reference.StartsWith("refs/heads/", StringComparison.Ordinal) ? (reference["refs/heads/".Length..], null)
        : reference.StartsWith("refs/tags/", StringComparison.Ordinal) ? (null, reference["refs/tags/".Length..])
        : (null, null);

    /// <summary>Some services cut the end of a long list of commits or files off; then nobody knows all of the files.</summary>
    public static HashSet<string> Files(IEnumerable<Payload> commits) => [.. commits.SelectMany(commit =>
        commit["added"].Texts.Concat(commit["modified"].Texts).Concat(commit["removed"].Texts))];
}
