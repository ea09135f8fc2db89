using System.Text.Json;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Orchestrator.Runs;

/// <summary>Stores a list of resource addresses as a JSON array in one column.</summary>
internal static class AddressList
{
    public static readonly ValueConverter<IReadOnlyList<string>, string> Converter = new(
        addresses => Write(addresses),
        stored => Read(stored));

    public static readonly ValueComparer<IReadOnlyList<string>> Comparer = new(
        (left, right) => left!.SequenceEqual(right!),
        addresses => addresses.Aggregate(0, HashCode.Combine),
        addresses => addresses);

    private static string Write(IReadOnlyList<string> addresses) => JsonSerializer.Serialize(addresses);

    private static string[] Read(string stored) => JsonSerializer.Deserialize<string[]>(stored) ?? [];
}
