using Orchestrator.Data;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>The levels of access as the wire spells them: with hyphens, where the database has underscores.</summary>
internal static class AccessWords
{
    public static string Of<T>(T value) where T : struct, Enum => EnumText.Of(value).Replace('_', '-');

    /// <summary>What was sent, or what is when nothing was.</summary>
    /// <exception cref="ApiProblem">There is no such level.</exception>
    public static T Read<T>(string attribute, string? text, T now) where T : struct, Enum => text is null ? now
        : EnumText.TryParse<T>(text.Replace('-', '_'), out var value) ? value
        : throw ApiProblem.Invalid(attribute, $"It is one of {string.Join(", ", Enum.GetValues<T>().Select(Of))}.");
}
