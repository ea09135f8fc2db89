namespace Orchestrator.Credentials.Aws.Trust;

/// <summary>What a subject that nearly matches usually comes from.</summary>
internal static class SubjectHints
{
    private static readonly Dictionary<string, string> Labels = new(StringComparer.Ordinal)
    {
        ["organization"] = "organisation",
        ["project"] = "project",
        ["workspace"] = "workspace",
    };

    /// <returns>Null when the subjects have too little in common for a guess.</returns>
    public static string? For(IReadOnlyList<string> expected, string actual) =>
        expected.Select(value => For(value, actual)).FirstOrDefault(hint => hint is not null);

    private static string? For(string expected, string actual)
    {
        var (wanted, given) = (expected.Split(':'), actual.Split(':'));
        if (Scheme(wanted) is { } one && Scheme(given) is { } other && one != other)
        {
            return $"The policy has the subject made of {one}, and this token's is made of {other}: the subject template was changed, or the policy was written for another server.";
        }
        if (actual.StartsWith($"{expected}:", StringComparison.Ordinal))
        {
            return $"The policy's value ends too early: ':{actual[(expected.Length + 1)..]}' is missing.";
        }
        if (wanted.Length != given.Length)
        {
            return !wanted.Contains("project") && Without(given, "project").SequenceEqual(wanted)
                ? $"The policy's value leaves out the project: write '{actual}'."
                : null;
        }
        var different = Enumerable.Range(0, wanted.Length).Where(index => wanted[index] != given[index]).ToList();
        return different is [var only and > 0] && wanted[only - 1] == given[only - 1]
            ? OnePiece(given[only - 1], wanted[only], given[only])
            : null;
    }

    private static string? OnePiece(string label, string wanted, string given) => label switch
    {
        "run_phase" =>
            $"The policy trusts the {wanted} phase, and this token is for {given}. Give the workspace a role for {given} "
            + $"(TFC_AWS_{given.ToUpperInvariant()}_ROLE_ARN), or trust this subject too.",
        _ when Labels.TryGetValue(label, out var what) =>
            $"Only the {what} differs: '{wanted}' in the policy, '{given}' in the token. A {what} that was renamed has another subject; "
            + "write its name of today.",
        _ => null,
    };

    private static string? Scheme(string[] pieces) => pieces[0] switch
    {
        "organization" => "names",
        "organization_id" => "ids",
        _ => null,
    };

    private static IEnumerable<string> Without(string[] pieces, string label)
    {
        var at = Array.IndexOf(pieces, label);
        return pieces.Where((_, index) => at < 0 || (index != at && index != at + 1));
    }
}
