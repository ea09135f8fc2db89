using System.Text;
using System.Text.Json;
using CsCheck;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Terraform;

public sealed class VariablesFileTests
{
    /// <summary>Terraform keeps text in Unicode's normal form C, and NUL is no text to it.</summary>
    private static readonly Gen<string> Value = Gen.OneOf(
            Gen.String[Gen.Char["$%{}\\\"'\n\r\t\0\u0001\u007fab #/u~é"], 0, 12],
            Gen.String[Gen.Char, 0, 12])
        .Select(text => new string([.. text.Where(letter => letter != 0 && !char.IsSurrogate(letter))]))
        .Where(IsNormal);

    [Fact]
    public void Terraform_reads_back_exactly_the_value_that_was_written() =>
        Value.Array[150].Sample(values =>
        {
            string[] all = [.. values, "${path.module}", "%{if true}x%{endif}", "$${x}", "$$${x}", "%%{x}", "\\${x}", "$", "%", "${", "a\"b", "😀", "\u2028"];
            using var phase = new Phase().Configure("""
                variable "values" { type = map(string) }
                output "values" { value = var.values }
                """);
            var entries = all.Select((value, index) => $"\"k{index}\" = {VariablesFile.Quote(value)}");
            File.WriteAllText(Path.Combine(phase.Directory.Working, "x.auto.tfvars"), $"values = {{\n{string.Join('\n', entries)}\n}}\n");
            var applied = phase.TerraformAsync("apply", "-auto-approve", "-input=false", "-no-color", "-compact-warnings").GetAwaiter().GetResult();
            Assert.True(applied.Succeeded, phase.Output[^Math.Min(phase.Output.Length, 3000)..]);

            using var state = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(phase.Directory.Working, "terraform.tfstate")));
            var read = state.RootElement.GetProperty("outputs").GetProperty("values").GetProperty("value");
            Assert.Equal(all, all.Select((_, index) => read.GetProperty($"k{index}").GetString()));
        }, iter: 4, threads: 1);

    [Fact]
    public void An_expression_is_written_as_it_stands_and_any_other_value_quoted() =>
        Assert.Equal(
            "sizes = [1, 2]\nname = \"[1, 2]\"\n",
            VariablesFile.Write([("sizes", "[1, 2]", true), ("name", "[1, 2]", false)]));

    private static bool IsNormal(string text)
    {
        try
        {
            return text.IsNormalized(NormalizationForm.FormC);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
