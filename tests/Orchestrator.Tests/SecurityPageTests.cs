using System.Text.RegularExpressions;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests;

/// <summary>What SECURITY.md says is tested is tested.</summary>
public sealed partial class SecurityPageTests
{
    [Fact]
    public void Each_promise_names_tests_that_there_are()
    {
        var tests = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Test().Matches(File.ReadAllText(file)).Select(test => test.Groups[1].Value))
            .ToHashSet(StringComparer.Ordinal);
        var page = File.ReadAllText(Path.Combine(Repository.Root, "SECURITY.md"));
        var promises = Promise().Matches(page).Select(row => row.Groups[1].Value).ToArray();

        Assert.InRange(promises.Length, 15, 1000);
        Assert.All(promises, promise =>
        {
            var named = Name().Matches(promise).Select(name => name.Groups[1].Value).ToArray();
            Assert.NotEmpty(named);
            Assert.Empty(named.Except(tests));
        });
    }

    /// <summary>The rows of the tables under "What is promised": a promise, and its tests.</summary>
    [GeneratedRegex(@"^\|[^|\n]+\|([^|\n]*_[^|\n]*)\|$", RegexOptions.Multiline)]
    private static partial Regex Promise();

    [GeneratedRegex(@"`([A-Z]\w+)`")]
    private static partial Regex Name();

    [GeneratedRegex(@"public (?:static )?(?:async Task|void) (\w+)\(")]
    private static partial Regex Test();
}
