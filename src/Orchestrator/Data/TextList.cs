using System.Text.Json;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Orchestrator.Data;

/// <summary>Stores a list of texts as a JSON array in one column.</summary>
internal static class TextList
{
    public static readonly ValueConverter<IReadOnlyList<string>, string> Converter = new(
        texts => Write(texts),
        stored => Read(stored));

    public static readonly ValueComparer<IReadOnlyList<string>> Comparer = new(
        (left, right) => left!.SequenceEqual(right!),
        texts => texts.Aggregate(0, HashCode.Combine),
        texts => texts);

    private static string Write(IReadOnlyList<string> texts) => JsonSerializer.Serialize(texts);

    private static string[] Read(string stored) => stored.Length == 0 ? [] : JsonSerializer.Deserialize<string[]>(stored) ?? [];
}
