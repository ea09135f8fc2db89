using System.Text;
using Orchestrator.Terraform;

namespace Orchestrator.Tests.Terraform;

public sealed class PlanModulesTests
{
    [Theory]
    [InlineData("""{"root_module":{}}""")]
    [InlineData("""{"root_module":{"module_calls":{"a":{"source":"./a","module":{}}}}}""")]
    [InlineData("""{"root_module":{"module_calls":{"a":{"source":"../a","module":{"module_calls":{"b":{"source":"./b","module":{}}}}}}}}""")]
    public void Modules_inside_the_configuration_need_no_init(string configuration) =>
        Assert.False(PlanModules.AnyInstalled(Plan(configuration)));

    [Theory]
    [InlineData("""{"root_module":{"module_calls":{"a":{"source":"registry.example.com/x/y/z","module":{}}}}}""")]
    [InlineData("""{"root_module":{"module_calls":{"a":{"source":"git::ssh://example.com/x.git","module":{}}}}}""")]
    [InlineData("""{"root_module":{"module_calls":{"a":{"source":"./a","module":{"module_calls":{"b":{"source":"x/y/z","module":{}}}}}}}}""")]
    [InlineData("""{"root_module":{"module_calls":{"a":{"source":"***","module":{}}}}}""")]
    [InlineData("""{}""")]
    public void Fetched_modules_need_init_and_so_does_what_cannot_be_told(string configuration) =>
        Assert.True(PlanModules.AnyInstalled(Plan(configuration)));

    private static byte[] Plan(string configuration) => Encoding.UTF8.GetBytes($$"""{"configuration":{{configuration}}}""");
}
