using Orchestrator.Data.Moving;

namespace Orchestrator.Web.Hosting;

/// <summary>What <c>export</c> and <c>import</c> are told: one file, what they know of themselves, and settings.</summary>
internal sealed record ArchiveArguments(string File, ArchivePassphrase? Passphrase, IReadOnlySet<string> Flags, string[] Settings)
{
    public const string PassphraseOption = "--passphrase-file";

    /// <summary>Null when they are not as the usage says.</summary>
    /// <exception cref="ArchiveException">The passphrase cannot be read.</exception>
    public static ArchiveArguments? Read(string[] args, params string[] flags)
    {
        var (files, settings, given) = (new List<string>(), new List<string>(), new HashSet<string>());
        string? passphrase = null;
        for (var index = 0; index < args.Length; index++)
        {
            var argument = args[index];
            if (flags.Contains(argument))
            {
                given.Add(argument);
            }
            else if (!argument.StartsWith("--", StringComparison.Ordinal))
            {
                files.Add(argument);
            }
            else
            {
                var (name, value) = argument.Split('=', 2) is [var before, var after] ? (before, after) : (argument, index + 1 < args.Length ? args[++index] : null);
                if (value is null)
                {
                    return null;
                }
                if (name == PassphraseOption)
                {
                    passphrase = value;
                    continue;
                }
                settings.Add($"{name}={value}");
            }
        }
        return files is [var file]
            ? new ArchiveArguments(file, passphrase is null ? null : ArchivePassphrase.Read(passphrase), given, [.. settings])
            : null;
    }
}
