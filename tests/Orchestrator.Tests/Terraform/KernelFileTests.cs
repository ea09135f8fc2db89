using System.Text;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Terraform;

public sealed class KernelFileTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(65_530)]
    [InlineData(131_065)]
    [InlineData(200_000)]
    public async Task A_text_is_found_wherever_it_is_in_a_file(int offset)
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, "file");
        await File.WriteAllTextAsync(path, new string('x', offset) + "a text of some length" + new string('y', 1000), TestContext.Current.CancellationToken);

        Assert.True(KernelFile.Contains(path, "a text of some length"u8));
        Assert.False(KernelFile.Contains(path, "a text of other length"u8));
    }

    [Fact]
    public void What_the_kernel_makes_up_is_read() =>
        Assert.True(KernelFile.Contains($"/proc/{Environment.ProcessId}/status", Encoding.ASCII.GetBytes($"\nPid:\t{Environment.ProcessId}\n")));

    [Theory]
    [InlineData("/proc/0/environ")]
    [InlineData("/proc")]
    public void What_cannot_be_read_has_nothing_in_it(string path) => Assert.False(KernelFile.Contains(path, "x"u8));
}
