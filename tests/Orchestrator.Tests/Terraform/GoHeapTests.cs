using Orchestrator.Terraform;

namespace Orchestrator.Tests.Terraform;

public sealed class GoHeapTests
{
    private const long Gibibyte = 1L << 30;

    [Fact]
    public void Heaps_grow_freely_until_they_have_half_of_a_runs_share_of_the_memory()
    {
        var variables = GoHeap.VariablesFor(memory: 24 * Gibibyte, runs: 4);

        Assert.Equal(("400", "3221225472"), (variables["GOGC"], variables["GOMEMLIMIT"]));
    }

    [Fact]
    public void Where_memory_is_scarce_Go_decides_for_itself() => Assert.Empty(GoHeap.VariablesFor(memory: 4 * Gibibyte, runs: 4));
}
