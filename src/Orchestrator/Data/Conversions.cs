using System.Reflection;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Orchestrator.Data;

/// <summary>How values that both databases must compare alike are stored.</summary>
internal static class Conversions
{
    private const int IdentifierLength = 32;
    private const int EnumLength = 40;

    public static void Apply(ModelConfigurationBuilder configuration)
    {
        configuration.Properties<DateTimeOffset>().HaveConversion<InstantConverter>();
        foreach (var type in typeof(Identifier).Assembly.GetTypes().Where(IsIdentifier))
        {
            configuration.Properties(type)
                .HaveConversion(typeof(IdentifierConverter<>).MakeGenericType(type))
                .HaveMaxLength(IdentifierLength);
        }
        foreach (var type in typeof(Identifier).Assembly.GetTypes().Where(StoredAsText))
        {
            configuration.Properties(type)
                .HaveConversion(typeof(EnumConverter<>).MakeGenericType(type))
                .HaveMaxLength(EnumLength);
        }
    }

    private static bool IsIdentifier(Type type) =>
        type.IsValueType && type.GetInterfaces().Any(face =>
            face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IIdentifier<>));

    private static bool StoredAsText(Type type) => type.IsEnum && type.GetCustomAttribute<StoredAsTextAttribute>() is not null;

    /// <summary>SQLite cannot compare <see cref="DateTimeOffset"/>; both databases compare UTC date-times.</summary>
    private sealed class InstantConverter() : ValueConverter<DateTimeOffset, DateTime>(
        instant => instant.UtcDateTime,
        stored => new DateTimeOffset(DateTime.SpecifyKind(stored, DateTimeKind.Utc)));

    private sealed class IdentifierConverter<T>() : ValueConverter<T, string>(
        identifier => identifier.Value,
        stored => Read<T>(stored)) where T : struct, IIdentifier<T>;

    // An expression tree may not call a static interface member itself.
    private static T Read<T>(string stored) where T : struct, IIdentifier<T> => T.Of(stored);

    private sealed class EnumConverter<T>() : ValueConverter<T, string>(
        value => EnumText.Of(value),
        stored => EnumText.Parse<T>(stored)) where T : struct, Enum;
}

/// <summary>Marks an enum that the database holds by its API name (<see cref="EnumText"/>).</summary>
[AttributeUsage(AttributeTargets.Enum)]
public sealed class StoredAsTextAttribute : Attribute;

/// <summary>The API's spelling of our enums: <c>PlanQueued</c> is <c>plan_queued</c>, in the database as on the wire.</summary>
public static class EnumText
{
    public static string Of<T>(T value) where T : struct, Enum => Names<T>.ByValue[value];

    /// <exception cref="FormatException">No value has this name.</exception>
    public static T Parse<T>(string text) where T : struct, Enum =>
        TryParse<T>(text, out var value) ? value : throw new FormatException($"'{text}' is not a {typeof(T).Name}.");

    public static bool TryParse<T>(string? text, out T value) where T : struct, Enum
    {
        value = default;
        return text is not null && Names<T>.ByName.TryGetValue(text, out value);
    }

    private static class Names<T> where T : struct, Enum
    {
        public static readonly Dictionary<T, string> ByValue =
            Enum.GetValues<T>().ToDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

        public static readonly Dictionary<string, T> ByName =
            ByValue.ToDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);
    }
}
