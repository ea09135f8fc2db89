using System.Reflection;
using System.Text.RegularExpressions;
using Orchestrator.AwsPolicies;
using Orchestrator.Data;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests;

/// <summary>Holds the arrows of the design, section 2, over the sources: what is written there is what a reader sees.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string Source = Path.Combine(Repository.Root, "src", "Orchestrator");

    /// <summary>Arrows that are neither to Data nor from Runs, each with its reason.</summary>
    private static readonly Dictionary<(string From, string To), string> Exceptions = new()
    {
        [("Terraform", "RunLogs")] = "Output is redacted where it leaves the process, before anybody else holds it.",
        [("Credentials", "WorkloadIdentity")] = "A token is what is traded for credentials.",
    };

    public static TheoryData<string> Features =>
        [.. Directory.GetDirectories(Source).Select(path => Path.GetFileName(path)!).Where(name => name is not ("bin" or "obj")).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Features))]
    public void A_feature_knows_data_and_itself_and_only_runs_knows_the_others(string feature)
    {
        var unexpected = from file in Files(feature)
                         // The context and the relations name every entity; nothing else in Data may.
                         where !(feature == "Data" && Path.GetFileName(file) is "OrchestratorDbContext.cs" or "Relations.cs")
                         from known in Known(file)
                         where known != feature && known != "Data" && feature != "Runs" && !Exceptions.ContainsKey((feature, known))
                         select $"{Path.GetRelativePath(Source, file)} knows {known}";

        Assert.Empty(unexpected);
    }

    [Fact]
    public void Every_exception_is_still_needed()
    {
        var arrows = Features.SelectMany(row => Files(row.Data).SelectMany(file => Known(file).Select(known => (row.Data, known)))).ToHashSet();

        Assert.All(Exceptions.Keys, exception => Assert.Contains(exception, arrows));
    }

    [Fact]
    public void Nothing_here_knows_http_as_a_server_does()
    {
        var references = typeof(Identifier).Assembly.GetReferencedAssemblies().Select(assembly => assembly.Name!);
        Assert.DoesNotContain(references, name =>
            name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
            // Encryption at rest, which happens to live under this name.
            && !name.StartsWith("Microsoft.AspNetCore.DataProtection", StringComparison.Ordinal));

        var types = typeof(Identifier).Assembly.GetTypes().SelectMany(type =>
            type.GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
                .OfType<MethodBase>().SelectMany(method => method.GetParameters()).Select(parameter => parameter.ParameterType.FullName ?? ""));
        Assert.DoesNotContain(types, name => name.StartsWith("Microsoft.AspNetCore.Http", StringComparison.Ordinal));
    }

    /// <summary>The language of IAM policies is the one thing that this project and the simulator both speak.</summary>
    [Fact]
    public void Nothing_points_back_to_the_web_the_migrations_or_the_simulator() =>
        Assert.Empty(Ours(typeof(Identifier)).Except(["Orchestrator.AwsPolicies"]));

    [Fact]
    public void The_policy_language_knows_nobody() => Assert.Empty(Ours(typeof(PolicyDocument)));

    [Fact]
    public void A_feature_is_a_folder_and_no_folder_is_a_drawer() =>
        Assert.Empty(Directory.GetDirectories(Source, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetFileName(path)!)
            .Intersect(["Services", "Helpers", "Interfaces", "Models", "Common", "Utils"]));

    private static IEnumerable<string> Ours(Type inside) => inside.Assembly.GetReferencedAssemblies()
        .Select(assembly => assembly.Name!)
        .Where(name => name == "Orchestrator" || name.StartsWith("Orchestrator.", StringComparison.Ordinal));

    private static IEnumerable<string> Files(string feature) =>
        Directory.EnumerateFiles(Path.Combine(Source, feature), "*.cs", SearchOption.AllDirectories);

    /// <summary>The features that a file names: by a using, or with their whole name.</summary>
    private static IEnumerable<string> Known(string file)
    {
        var features = Features.Select(row => row.Data).ToHashSet();
        return Mention().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value).Where(features.Contains).Distinct();
    }

    [GeneratedRegex(@"^(?!namespace\b).*?(?<![""\w.])Orchestrator\.([A-Z][A-Za-z]+)\b", RegexOptions.Multiline)]
    private static partial Regex Mention();
}
