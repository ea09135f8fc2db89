namespace Orchestrator.Tags;

/// <summary>A key and its value. Without a value it is what the API's older half calls a tag; with one, a tag binding.</summary>
/// <param name="Value">Empty: none.</param>
public sealed record Tag(string Key, string Value = "");

/// <summary>A tag that something has.</summary>
internal interface ITagRow
{
    string Key { get; }

    string Value { get; set; }
}
