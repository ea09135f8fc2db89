using System.Text.RegularExpressions;

namespace Orchestrator.Data;

/// <summary>What names may look like. They become URL segments and parts of token subjects, where <c>:</c>, <c>*</c> and
/// <c>?</c> would be ambiguous or act as wildcards in somebody's trust policy.</summary>
public static partial class Names
{
    public const int MaxOrganizationLength = 40;
    public const int MaxProjectLength = 40;
    public const int MaxWorkspaceLength = 90;
    public const int MaxVariableKeyLength = 255;
    public const int MaxUserLength = 60;
    public const int MaxTeamLength = 90;
    public const int MaxEmailLength = 254;
    public const int MaxVariableSetLength = 90;

    public const string DefaultProject = "Default Project";

    public static bool IsOrganization(string? name) => name is not null && name.Length <= MaxOrganizationLength && Plain().IsMatch(name);

    public static bool IsWorkspace(string? name) => name is not null && name.Length <= MaxWorkspaceLength && Plain().IsMatch(name);

    public static bool IsProject(string? name) =>
        name is not null && name.Length is >= 3 and <= MaxProjectLength && Spaced().IsMatch(name);

    /// <summary>Teams' and organisations' tokens act under names that begin so; nobody else's does.</summary>
    public const string ServiceUserPrefix = "api-";

    public static bool IsUser(string? name) => name is not null && name.Length <= MaxUserLength && Plain().IsMatch(name)
        && !name.StartsWith(ServiceUserPrefix, StringComparison.OrdinalIgnoreCase);

    public static bool IsTeam(string? name) => name is not null && name.Length <= MaxTeamLength && Spaced().IsMatch(name);

    /// <summary>Something before and after one @, without spaces and control characters. Whether it is somebody's shows when
    /// something is sent there.</summary>
    public static bool IsEmail(string? address) =>
        address is not null && address.Length <= MaxEmailLength && Email().IsMatch(address);

    /// <summary>A terraform variable's name, or an environment variable's.</summary>
    public static bool IsVariableKey(string? key) =>
        key is not null && key.Length <= MaxVariableKeyLength && VariableKey().IsMatch(key);

    /// <summary>A variable set's name stands in no address and no subject, so it may be any text on one line.</summary>
    public static bool IsVariableSet(string? name) =>
        name is { Length: > 0 and <= MaxVariableSetLength } && name.Trim() == name && !name.Any(char.IsControl);

    [GeneratedRegex(@"\A[A-Za-z0-9_-]+\z")]
    private static partial Regex Plain();

    [GeneratedRegex(@"\A[A-Za-z0-9_-](?:[A-Za-z0-9_ -]*[A-Za-z0-9_-])?\z")]
    private static partial Regex Spaced();

    [GeneratedRegex(@"\A[^\s\p{C}@]+@[^\s\p{C}@]+\z")]
    private static partial Regex Email();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_-]*\z")]
    private static partial Regex VariableKey();
}
