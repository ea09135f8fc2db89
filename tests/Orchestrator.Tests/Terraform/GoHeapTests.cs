using Orchestrator.Terraform;

namespace Orchestrator.Tests.Terraform;

public sealed class GoHeapTests
{
    private const long Gibibyte = 1L << 30;

    [Theory]
    [InlineData(24, 4, 8, "1073741824")]
    [InlineData(64, 4, 8, "1073741824")]
    [InlineData(64, 2, 24, "3221225472")]
    public void Heaps_grow_freely_until_eight_processes_would_fill_what_a_run_may_use(int memory, int runs, int limit, string each)
    {
        var variables = GoHeap.VariablesFor(memory * Gibibyte, runs, limit * Gibibyte);

        Assert.Equal(("800", each), (variables["GOGC"], variables["GOMEMLIMIT"]));
    }

    [Theory]
    [InlineData(4, 4, 8)]
    [InlineData(64, 4, 2)]
    public void Where_memory_is_scarce_Go_decides_for_itself(int memory, int runs, int limit) =>
        Assert.Empty(GoHeap.VariablesFor(memory * Gibibyte, runs, limit * Gibibyte));
}
