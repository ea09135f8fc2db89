using Orchestrator.Data;

namespace Orchestrator.Tests.Data;

public sealed class TerraformVersionsTests
{
    [Theory]
    [InlineData("latest", true)]
    [InlineData("", true)]
    [InlineData("1.11.4", true)]
    [InlineData("v1.11.4", true)]
    [InlineData("1.11", false)]
    [InlineData("1.11.0", false)]
    [InlineData("= 1.11.4", true)]
    [InlineData("!= 1.11.4", false)]
    [InlineData("!= 1.11.3", true)]
    [InlineData("> 1.11.3", true)]
    [InlineData("> 1.11.4", false)]
    [InlineData(">= 1.11.4", true)]
    [InlineData("< 1.12", true)]
    [InlineData("< 1.11.4", false)]
    [InlineData("<= 1.11.4", true)]
    [InlineData("~> 1.11.0", true)]
    [InlineData("~> 1.11.5", false)]
    [InlineData("~> 1.10.0", false)]
    [InlineData("~> 1.10", true)]
    [InlineData("~> 1.12", false)]
    [InlineData("~> 0.9", false)]
    [InlineData("~> 1", true)]
    [InlineData(">= 1.9, < 2.0.0", true)]
    [InlineData(">=1.9,<1.11", false)]
    [InlineData(">= 1.11.0-beta1", false)]
    [InlineData("nonsense", false)]
    public void A_version_is_allowed_as_terraform_reads_its_constraints(string wanted, bool allowed) =>
        Assert.Equal(allowed, TerraformVersions.Allow(wanted, "1.11.4"));

    [Theory]
    [InlineData("1.12.0-beta1", true)]
    [InlineData("latest", true)]
    [InlineData(">= 1.11", false)]
    [InlineData("~> 1.12.0", false)]
    public void A_pre_release_is_meant_only_by_its_whole_name(string wanted, bool allowed) =>
        Assert.Equal(allowed, TerraformVersions.Allow(wanted, "1.12.0-beta1"));

    [Theory]
    [InlineData("latest", true)]
    [InlineData("1.11.4", true)]
    [InlineData("~> 1.11.0", true)]
    [InlineData(">= 1.9, < 2", true)]
    [InlineData("1.12.0-rc1", true)]
    [InlineData("", false)]
    [InlineData("newest", false)]
    [InlineData("~>", false)]
    [InlineData("=> 1.2", false)]
    [InlineData("1.2.3.4", false)]
    [InlineData("1.2,", false)]
    [InlineData("99999999999.0.0", false)]
    [InlineData("1.11.4\n", true)]
    public void Only_what_can_be_read_is_well_formed(string wanted, bool wellFormed) =>
        Assert.Equal(wellFormed, TerraformVersions.IsWellFormed(wanted));

    [Theory]
    [InlineData("1.11.4", "1.11.4")]
    [InlineData(" = v1.11.4\n", "1.11.4")]
    [InlineData("1.12.0-beta1", "1.12.0-beta1")]
    [InlineData("1.11", null)]
    [InlineData("~> 1.11.4", null)]
    [InlineData("latest", null)]
    [InlineData("1.11.4/../..", null)]
    public void Only_one_whole_version_is_exact(string wanted, string? exact) => Assert.Equal(exact, TerraformVersions.ExactOf(wanted));

    [Theory]
    [InlineData("latest", "1.11.10")]
    [InlineData("~> 1.10.0", "1.10.9")]
    [InlineData("< 1.0", null)]
    public void The_newest_is_found_by_numbers_and_is_no_pre_release(string wanted, string? newest) =>
        Assert.Equal(newest, TerraformVersions.Newest(wanted, ["1.11.9", "1.10.9", "1.11.10", "1.2.30", "1.12.0-rc1", "nonsense", "../1.99.0"]));

    [Fact]
    public void A_text_that_is_too_long_is_not_well_formed() =>
        Assert.False(TerraformVersions.IsWellFormed(string.Join(", ", Enumerable.Repeat(">= 1.0.0", 10))));
}
