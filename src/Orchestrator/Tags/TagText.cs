namespace Orchestrator.Tags;

/// <summary>Tags as people write them into one field: <c>app, env=prod</c>.</summary>
public static class TagText
{
    public static string Write(IEnumerable<Tag> tags) =>
        string.Join(", ", tags.Select(tag => tag.Value.Length == 0 ? tag.Key : $"{tag.Key}={tag.Value}"));

    /// <summary>Whether each may be is <see cref="TagRules"/>' concern.</summary>
    public static IReadOnlyList<Tag> Read(string? text) =>
    [
        .. (text ?? "").Split([',', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(tag => tag.Split('=', 2, StringSplitOptions.TrimEntries))
            .Select(parts => new Tag(parts[0], parts is [_, var value] ? value : "")),
    ];
}
