using Orchestrator.Vcs;
using Orchestrator.Vcs.Git;
using Orchestrator.Vcs.Triggers;

namespace Orchestrator.Tests.Vcs;

public sealed class TriggerTests
{
    [Theory]
    [InlineData("modules/**", "modules/a/b.tf", true)]
    [InlineData("/modules/**", "modules/a.tf", true)]
    [InlineData("modules/*", "modules/a/b.tf", false)]
    [InlineData("modules/", "modules/a/b.tf", true)]
    [InlineData("**/*.tf", "main.tf", true)]
    [InlineData("**/*.tf", "a/b/main.tf", true)]
    [InlineData("**/*.tf", "a/b/main.tfvars", false)]
    [InlineData("a/**/z.tf", "a/z.tf", true)]
    [InlineData("a/**/z.tf", "a/b/c/z.tf", true)]
    [InlineData("*.tf", "a/main.tf", false)]
    [InlineData("env/[a-c]?.tf", "env/b1.tf", true)]
    [InlineData("env/[!a-c]1.tf", "env/b1.tf", false)]
    [InlineData("a+b(c).tf", "a+b(c).tf", true)]
    [InlineData("a.tf", "abtf", false)]
    [InlineData("**", "any/thing", true)]
    public void A_pattern_matches_as_people_expect_it(string pattern, string path, bool matches) => Assert.Equal(matches, PathPattern.TryParse(pattern)!.Matches(path));

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("a[b")]
    [InlineData("[")]
    [InlineData("[z-a]")]
    public void What_is_no_pattern_is_none(string pattern) => Assert.Null(PathPattern.TryParse(pattern));

    [Fact]
    public void A_pattern_made_to_take_long_does_not()
    {
        var pattern = PathPattern.TryParse(string.Concat(Enumerable.Repeat("*a", 60)) + "b")!;

        Assert.False(pattern.Matches(new string('a', 50_000)));
    }

    [Theory]
    [InlineData("semver", "v1.2.3", true)]
    [InlineData("semver", "1.2.3-rc.1+build", true)]
    [InlineData("semver", "v1.2", false)]
    [InlineData("semver", "release-1.2.3", false)]
    [InlineData("^release-", "release-7", true)]
    [InlineData("^release-", "pre-release-7", false)]
    [InlineData("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", false)]
    public void Tags_count_by_version_or_by_expression(string pattern, string tag, bool matches) => Assert.Equal(matches, TagPattern.Matches(pattern, tag));

    [Theory]
    [InlineData("(", false)]
    [InlineData("(?=x)", false)]
    [InlineData(@"(a)\1", false)]
    [InlineData("semver", true)]
    public void An_expression_that_could_take_long_is_none(string pattern, bool isPattern) => Assert.Equal(isPattern, TagPattern.IsPattern(pattern));

    [Fact]
    public void Files_decide_by_working_directory_prefixes_or_patterns()
    {
        var rules = new TriggerRules { Branch = "main", WorkingDirectory = "/network/" };
        var withPrefix = rules with { Prefixes = ["/modules/"] };
        var withPattern = rules with { Patterns = ["shared/**"] };

        Assert.Null(rules.WhyNot(["network/main.tf"]));
        Assert.NotNull(rules.WhyNot(["network-two/main.tf"]));
        Assert.NotNull(rules.WhyNot(["modules/x.tf"]));
        Assert.Null(withPrefix.WhyNot(["modules/x.tf"]));
        Assert.Null(withPrefix.WhyNot(["network/x.tf"]));
        // Patterns say all: the working directory is not among them by itself.
        Assert.NotNull(withPattern.WhyNot(["network/x.tf"]));
        Assert.Null(withPattern.WhyNot(["shared/x.tf"]));
        Assert.NotNull(rules.WhyNot([]));
        // Nobody knows the files: any may be touched.
        Assert.Null(rules.WhyNot((IReadOnlyCollection<string>?)null));
        Assert.Null((rules with { FileTriggers = false }).WhyNot(["other/x.tf"]));
        Assert.False(new TriggerRules { Branch = "main" }.AsksForFiles);
    }

    [Theory]
    [InlineData("Mend it [skip ci]", true)]
    [InlineData("[CI SKIP] mend it", true)]
    [InlineData("***NO_CI*** mend it", true)]
    [InlineData("skip ci", false)]
    [InlineData(null, false)]
    public void A_message_may_ask_for_no_run(string? message, bool skips) => Assert.Equal(skips,
        new TriggerRules { Branch = "main" }.WhyNot(new VcsChange(VcsChangeKind.Push, "a/b") { Branch = "main", Commit = "", Message = message }) is not null);

    [Fact]
    public void Forks_are_planned_only_where_somebody_has_said_so()
    {
        var fork = new VcsChange(VcsChangeKind.PullRequest, "a/b") { Branch = "main", Commit = "", PullRequest = new VcsPullRequest(1, "x", null, null, "x", IsFork: true) };

        Assert.NotNull(new TriggerRules { Branch = "main" }.WhyNot(fork));
        Assert.Null(new TriggerRules { Branch = "main", PlansForks = true }.WhyNot(fork));
        Assert.NotNull(new TriggerRules { Branch = "main", PlansForks = true, PlansPullRequests = false }.WhyNot(fork));
        Assert.NotNull(new TriggerRules { Branch = "other", PlansForks = true }.WhyNot(fork));
    }

    [Theory]
    [InlineData("main", true)]
    [InlineData("feature/one", true)]
    [InlineData("-x", false)]
    [InlineData("--upload-pack=x", false)]
    [InlineData("a..b", false)]
    [InlineData("a b", false)]
    [InlineData("a:b", false)]
    [InlineData("a\nb", false)]
    [InlineData("a.lock", false)]
    [InlineData("/a", false)]
    [InlineData("a@{1}", false)]
    [InlineData("", false)]
    public void A_branch_has_a_name_that_git_lets_it_have(string name, bool isName) => Assert.Equal(isName, GitReferences.IsName(name));

    [Theory]
    [InlineData("https://host.example/a/b.git", "../c.git", "https://host.example/a/c.git")]
    [InlineData("https://host.example/a/b.git", "../../x/c", "https://host.example/x/c")]
    [InlineData("https://host.example/a/b.git", "../../../../x/c", "https://host.example/x/c")]
    [InlineData("https://host.example/a/b.git", "git@host.example:x/c.git", "https://host.example/x/c.git")]
    [InlineData("https://host.example/a/b.git", "git@other.example:x/c.git", "ssh://git@other.example/x/c.git")]
    [InlineData("ssh://git@host.example/a/b.git", "./c", "ssh://git@host.example/a/b.git/c")]
    public void A_submodules_address_is_found_from_where_its_repository_is(string parent, string written, string address) =>
        Assert.Equal(address, GitFetcher.Resolve(parent, written, "x"));

    [Fact]
    public void Another_server_gets_no_token_of_this_one()
    {
        var source = GitSource.Http("https://host.example/a/b.git", "git", "secret");

        Assert.Equal("secret", source.For("https://host.example/a/c.git").Password);
        Assert.Null(source.For("https://other.example/a/c.git").Password);
        Assert.Null(source.For("https://host.example:8443/a/c.git").Password);
        Assert.Null(source.For("http://host.example/a/c.git").Password);
        Assert.DoesNotContain("secret", source.ToString(), StringComparison.Ordinal);
    }
}
