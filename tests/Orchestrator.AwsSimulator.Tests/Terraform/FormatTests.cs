using Orchestrator.AwsSimulator.Tests.Drivers;

namespace Orchestrator.AwsSimulator.Tests.Terraform;

public sealed class FormatTests
{
    [Fact]
    public async Task Every_sample_is_formatted_as_terraform_formats_it()
    {
        using var terraform = new TerraformProcess();

        await terraform.SucceedAsync("fmt", "-check", "-diff", "-recursive", Samples.Directory);
    }
}
