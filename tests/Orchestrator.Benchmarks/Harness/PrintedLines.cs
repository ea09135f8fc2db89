using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Benchmarks.Harness;

/// <summary>A configuration whose apply prints lines that each tell when they were printed, in nanoseconds. One every 20 ms: how old it is where it
/// arrives says how long it was on its way.</summary>
internal static partial class PrintedLines
{
    public static string Configuration(int lines) => string.Create(CultureInfo.InvariantCulture, $$"""
        resource "terraform_data" "talkative" {
          provisioner "local-exec" { command = "for i in $(seq {{lines}}); do echo printed $(date +%s%N); sleep 0.02; done" }
        }
        """);

    /// <summary>The baseline: the same lines through terraform alone, read from its output. In milliseconds.</summary>
    public static async Task<Series> RawAsync(int lines, WorkArea area)
    {
        var directory = area.Fresh("raw-lines");
        await File.WriteAllTextAsync(Path.Combine(directory, "main.tf"), Configuration(lines));
        var ages = new List<double>();
        await RawTerraform.ReadAsync(
            directory, "terraform init -input=false -no-color && terraform apply -auto-approve -input=false -no-color", line => ages.AddRange(AgesIn(line)));
        return Series.Of(ages);
    }

    /// <summary>How many milliseconds ago each line was printed that the text holds.</summary>
    public static IEnumerable<double> AgesIn(string text)
    {
        var now = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalMilliseconds;
        return Stamps().Matches(text).Select(stamp => now - PrintedAt(stamp.Groups["nanoseconds"].Value));
    }

    public static double PrintedAt(string nanoseconds) => double.Parse(nanoseconds, CultureInfo.InvariantCulture) / 1_000_000;

    // Not the command itself, which terraform shows, too.
    [GeneratedRegex(@"printed (?<nanoseconds>\d{19})")]
    private static partial Regex Stamps();
}
