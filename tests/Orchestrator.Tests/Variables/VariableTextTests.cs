using Orchestrator.Variables;

namespace Orchestrator.Tests.Variables;

public sealed class VariableTextTests
{
    [Fact]
    public void A_tfvars_file_is_read_value_by_value()
    {
        var read = VariableText.ReadTfvars("""
            # what it spans
            region = "eu-central-1" // where
            count=3
            flag = true
            "quoted" = "a \"b\"\nc"
            zones = [
              "a", # first
              "b}",
            ]
            /* a map
               of sorts */
            tags = {
              Name = "x ${lookup({ a = "}" }, "a")} y"
            }
            text = <<-END
              }
              END
            sum = 1 + 2
            """);

        Assert.Null(read.Problem);
        Assert.Equal(
            [
                ("region", "eu-central-1", false), ("count", "3", true), ("flag", "true", true), ("quoted", "a \"b\"\nc", false),
                ("zones", "[\n  \"a\", # first\n  \"b}\",\n]", true), ("tags", "{\n  Name = \"x ${lookup({ a = \"}\" }, \"a\")} y\"\n}", true),
                ("text", "<<-END\n  }\n  END", true), ("sum", "1 + 2", true),
            ],
            read.Variables.Select(variable => (variable.Key, variable.Value, variable.Hcl)));
    }

    [Theory]
    [InlineData("a = \"open", "Line 1: the value of a does not end")]
    [InlineData("a = 1\nb = [1, 2", "Line 2: the value of b does not end")]
    [InlineData("a = [1)", "the value of a does not end")]
    [InlineData("a = <<END\ntext", "the value of a does not end")]
    [InlineData("a = \"${ \"", "the value of a does not end")]
    [InlineData("a\n", "a variable's name and '=' are expected")]
    [InlineData("a == 1", "a variable's name and '=' are expected")]
    [InlineData("a =\nb = 1", "a has no value")]
    [InlineData("a = 1\na = 2", "a is there twice")]
    [InlineData("# nothing\n", "no variable")]
    public void What_is_no_tfvars_file_is_refused_with_its_line(string text, string said) =>
        Assert.Contains(said, VariableText.ReadTfvars(text).Problem, StringComparison.Ordinal);

    [Fact]
    public void An_environment_file_is_read_as_shells_read_it_without_expanding_anything()
    {
        var read = VariableText.ReadEnvironment("# one\r\nexport A=1\r\nB=\"two words\\n$HOME\"\r\nC='as it \\n is'\r\nD=plain # comment\r\nE=\r\nF=a=b\r\n");

        Assert.Equal(
            [("A", "1"), ("B", "two words\n$HOME"), ("C", "as it \\n is"), ("D", "plain"), ("E", ""), ("F", "a=b")],
            read.Variables.Select(variable => (variable.Key, variable.Value)));
        Assert.Equal("Line 2: there is no KEY=value.", VariableText.ReadEnvironment("A=1\nB").Problem);
        Assert.Equal("Line 1: a quote is not closed.", VariableText.ReadEnvironment("A=\"1").Problem);
    }

    [Theory]
    [InlineData("3", null)]
    [InlineData("[\"a\", { b = 1 }]", null)]
    [InlineData("{\n  a = \"$${not}\"\n}", null)]
    [InlineData("eu-central-1", null)]
    [InlineData("", "An HCL value is an expression")]
    [InlineData("[1, 2", "does not end")]
    [InlineData("{ a = 1 ]", "does not end")]
    [InlineData("1\n2", "The expression ends before line 2")]
    public void One_expression_is_told_from_what_is_none(string text, string? said)
    {
        var fault = VariableText.Fault(text);

        Assert.Equal(said is null, fault is null);
        Assert.Contains(said ?? "", fault ?? "", StringComparison.Ordinal);
    }

    /// <summary>Whatever is pasted, reading it ends.</summary>
    [Fact]
    public void Any_text_is_read_or_refused()
    {
        string[] pieces = ["\"", "${", "}", "{", "[", "]", "(", ")", "\\", "\n", "=", "a", "<<A", "A\n", "#", "/*", "*/", " ", "%{", "$"];
        var random = new Random(7);
        for (var sample = 0; sample < 20_000; sample++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(14)).Select(_ => pieces[random.Next(pieces.Length)]));

            var read = VariableText.ReadTfvars(text);

            Assert.Equal(read.Problem is null, read.Variables.Count > 0);
            VariableText.Fault(text);
        }
    }
}
