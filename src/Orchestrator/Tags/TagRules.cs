using System.Text.RegularExpressions;

namespace Orchestrator.Tags;

/// <summary>What tags may look like.</summary>
public static partial class TagRules
{
    public const int MaxKeyLength = 128;
    public const int MaxValueLength = 256;

    /// <summary>Of a workspace; as many again may come from its project.</summary>
    public const int MaxTags = 10;

    private static readonly string[] ReservedPrefixes = ["hc:", "hcp:"];

    /// <returns>What is wrong with it, in a sentence; null when nothing is.</returns>
    public static string? Fault(string? key)
    {
        if (key is null || key.Length is 0 or > MaxKeyLength || !Plain().IsMatch(key))
        {
            return $"A tag's key has 1 to {MaxKeyLength} letters, digits and _ . = + - @ :";
        }
        return ReservedPrefixes.FirstOrDefault(prefix => key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) is { } reserved
            ? $"Keys that begin with '{reserved}' are reserved."
            : null;
    }

    /// <inheritdoc cref="Fault(string)"/>
    public static string? Fault(Tag tag) => Fault(tag.Key)
        ?? (tag.Value.Length > MaxValueLength || (tag.Value.Length > 0 && !Plain().IsMatch(tag.Value))
            ? $"A tag's value has up to {MaxValueLength} letters, digits and _ . = + - @ :"
            : null);

    /// <inheritdoc cref="Fault(string)"/>
    public static string? Fault(IReadOnlyList<Tag> tags)
    {
        if (tags.Select(Fault).FirstOrDefault(fault => fault is not null) is { } broken)
        {
            return broken;
        }
        return tags.GroupBy(tag => tag.Key, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? $"The key '{twice.Key}' is given twice."
            : null;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_.=+@:-]+\z")]
    private static partial Regex Plain();
}
