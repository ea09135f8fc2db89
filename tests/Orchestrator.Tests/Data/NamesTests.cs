using Orchestrator.Data;

namespace Orchestrator.Tests.Data;

public sealed class NamesTests
{
    [Theory]
    [InlineData("prod", true)]
    [InlineData("Prod_1-eu", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("a b", false)]
    [InlineData("a:b", false)]
    [InlineData("a*", false)]
    [InlineData("a?", false)]
    [InlineData("a/b", false)]
    [InlineData("a.b", false)]
    [InlineData("prod\n", false)]
    [InlineData("prød", false)]
    public void A_workspaces_or_organisations_name_is_letters_digits_dashes_and_underscores(string? name, bool valid)
    {
        Assert.Equal(valid, Names.IsWorkspace(name));
        Assert.Equal(valid, Names.IsOrganization(name));
    }

    [Theory]
    [InlineData("Default Project", true)]
    [InlineData("abc", true)]
    [InlineData("ab", false)]
    [InlineData(" abc", false)]
    [InlineData("abc ", false)]
    [InlineData("a:b c", false)]
    [InlineData("abc\n", false)]
    [InlineData(null, false)]
    public void A_projects_name_may_have_spaces_inside(string? name, bool valid) => Assert.Equal(valid, Names.IsProject(name));

    [Theory]
    [InlineData("region", true)]
    [InlineData("_region-1", true)]
    [InlineData("TF_VAR_x", true)]
    [InlineData("1region", false)]
    [InlineData("a=b", false)]
    [InlineData("a b", false)]
    [InlineData("a\n", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_variables_key_is_an_identifier(string? key, bool valid) => Assert.Equal(valid, Names.IsVariableKey(key));

    [Fact]
    public void Names_have_a_longest_length()
    {
        Assert.True(Names.IsOrganization(new string('a', 40)));
        Assert.False(Names.IsOrganization(new string('a', 41)));
        Assert.True(Names.IsWorkspace(new string('a', 90)));
        Assert.False(Names.IsWorkspace(new string('a', 91)));
        Assert.True(Names.IsProject(new string('a', 40)));
        Assert.False(Names.IsProject(new string('a', 41)));
        Assert.True(Names.IsVariableKey(new string('a', 255)));
        Assert.False(Names.IsVariableKey(new string('a', 256)));
    }
}
