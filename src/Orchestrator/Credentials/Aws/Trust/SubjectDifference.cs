using Orchestrator.AwsPolicies;

namespace Orchestrator.Credentials.Aws.Trust;

/// <summary>Two values, compared piece by piece between colons.</summary>
/// <param name="Expected">What the policy says.</param>
/// <param name="Equal">How many pieces agree before the first that does not.</param>
internal sealed record SubjectDifference(string Expected, int Equal)
{
    /// <summary>Of several values the one that agrees longest.</summary>
    public static SubjectDifference? Nearest(IReadOnlyList<string> expected, string actual) =>
        expected.Select(value => new SubjectDifference(value, Agreeing(value, actual))).MaxBy(difference => difference.Equal);

    /// <returns>The token's first piece that the policy does not have there. Null when the token has fewer pieces, or when a
    /// wildcard makes it a matter of taste.</returns>
    public string? First(string actual) =>
        actual.Split(':') is var pieces && Equal < pieces.Length && !Expected.Split(':').Take(Equal + 1).Any(piece => piece.Contains('*'))
            ? pieces[Equal]
            : null;

    private static int Agreeing(string expected, string actual) => expected.Split(':').Zip(actual.Split(':'))
        .TakeWhile(pair => ValuePattern.WithoutVariables(pair.First).Matches(pair.Second))
        .Count();
}
