using System.Collections.Frozen;

namespace Orchestrator.Access.SignIn;

/// <summary>What a password may be: long, and nothing that is tried first. There is nothing about capitals and digits (NIST SP 800-63B,
/// section 3.1.1.2).</summary>
public static class PasswordRules
{
    public const int MinLength = 12;

    /// <summary>More takes only time to hash.</summary>
    public const int MaxLength = 256;

    // A word that is part of so much of a password is all that there is to guess.
    private const int MinWordLength = 4;

    private static readonly Lazy<FrozenSet<string>> Common = new(Read);

    /// <summary>Who it would be for, for words that only their password must not be.</summary>
    /// <returns>Null when it may be; otherwise a sentence.</returns>
    public static string? Refusal(string? password, string username, string? email)
    {
        if (string.IsNullOrEmpty(password) || password.Length < MinLength)
        {
            return $"A password has at least {MinLength} characters. A few words are easy to remember.";
        }
        if (password.Length > MaxLength)
        {
            return $"A password has {MaxLength} characters at most.";
        }
        var steps = password.Zip(password.Skip(1)).Count(pair => Math.Abs(pair.First - pair.Second) <= 1);
        if (password.Distinct().Count() < 5 || steps * 3 >= (password.Length - 1) * 2)
        {
            return "This repeats a few characters or counts, which is tried first. A few words are easy to remember.";
        }
        string[] own = ["orchestrator", "terraform", username, .. email is null ? Array.Empty<string>() : [email, email[..Math.Max(email.IndexOf('@', StringComparison.Ordinal), 0)]]];
        return Cores(password.ToLowerInvariant()).Any(core => Common.Value.Contains(core)
            || own.Any(word => word.Length >= MinWordLength && core.Equals(word, StringComparison.OrdinalIgnoreCase)))
            ? "This is among the passwords that are tried first, or made from one of them or from your name. Use something else."
            : null;
    }

    /// <summary>The password, and what is left when digits and signs around it, and repetitions, are taken away.</summary>
    private static IEnumerable<string> Cores(string password)
    {
        var bare = password.Trim("0123456789!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ ".ToCharArray());
        foreach (var text in new[] { password, bare, Unrepeated(password), Unrepeated(bare) }.Where(text => text.Length >= MinWordLength))
        {
            yield return text;
        }
    }

    private static string Unrepeated(string text)
    {
        // A text that is a part of itself, twice in a row, consists of repetitions of what comes before that part.
        var period = text.Length == 0 ? 0 : (text + text).IndexOf(text, 1, StringComparison.Ordinal);
        return text[..period];
    }

    private static FrozenSet<string> Read()
    {
        using var reader = new StreamReader(typeof(PasswordRules).Assembly.GetManifestResourceStream("common-passwords.txt")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
    }
}
