using Orchestrator.Data;
using Orchestrator.Runs;

namespace Orchestrator.Tests.Runs;

public sealed class RunMovesTests
{
    private static readonly Dictionary<RunStatus, HashSet<RunStatus>> Expected = Read();

    public static TheoryData<RunStatus> Statuses => [.. Enum.GetValues<RunStatus>()];

    /// <summary>Every status with every status, against <c>RunMoves.expected.txt</c>.</summary>
    [Theory, MemberData(nameof(Statuses))]
    public void From_each_status_a_run_may_move_exactly_where_the_table_says(RunStatus from) =>
        Assert.Equal(
            Expected[from].Order(),
            Enum.GetValues<RunStatus>().Where(to => RunMoves.Into(to).Contains(from)).Order());

    [Theory, MemberData(nameof(Statuses))]
    public void The_table_reads_the_same_from_both_sides(RunStatus from) =>
        Assert.Equal(
            RunMoves.From(from).Order(),
            Enum.GetValues<RunStatus>().Where(to => RunMoves.Into(to).Contains(from)).Order());

    [Fact]
    public void Nothing_follows_a_final_status()
    {
        RunStatus[] final =
        [
            RunStatus.Applied, RunStatus.Discarded, RunStatus.Errored, RunStatus.Canceled, RunStatus.PlannedAndFinished, RunStatus.PolicySoftFailed,
        ];

        Assert.Equal(final.Order(), RunMoves.Final.Order());
        Assert.All(Enum.GetValues<RunStatus>(), status => Assert.Equal(final.Contains(status), status.IsFinal()));
    }

    [Fact]
    public void Every_status_can_be_reached_from_pending()
    {
        var reached = new HashSet<RunStatus> { RunStatus.Pending };
        var ahead = new Queue<RunStatus>(reached);
        while (ahead.TryDequeue(out var status))
        {
            foreach (var next in RunMoves.From(status).Where(reached.Add))
            {
                ahead.Enqueue(next);
            }
        }

        Assert.Empty(Enum.GetValues<RunStatus>().Except(reached));
    }

    [Fact]
    public void From_every_status_an_end_can_be_reached() =>
        Assert.All(Enum.GetValues<RunStatus>(), status => Assert.True(ReachesAnEnd(status, [])));

    [Fact]
    public void Whatever_waits_or_works_can_be_canceled() =>
        Assert.All(RunMoves.Cancelable, status => Assert.Contains(RunStatus.Canceled, RunMoves.From(status)));

    [Fact]
    public void Whatever_somebody_is_asked_about_can_be_discarded() =>
        Assert.All(RunMoves.Discardable, status => Assert.Contains(RunStatus.Discarded, RunMoves.From(status)));

    [Fact]
    public void Whatever_may_be_confirmed_leads_to_confirmed_and_nothing_else_does() =>
        Assert.Equal(RunMoves.Confirmable.Order(), RunMoves.Into(RunStatus.Confirmed).Order());

    private static bool ReachesAnEnd(RunStatus status, HashSet<RunStatus> seen) =>
        status.IsFinal() || RunMoves.From(status).Any(next => seen.Add(next) && ReachesAnEnd(next, seen));

    private static Dictionary<RunStatus, HashSet<RunStatus>> Read() =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Runs", "RunMoves.expected.txt"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(':'))
            .ToDictionary(
                row => EnumText.Parse<RunStatus>(row[0].Trim()),
                row => row[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(EnumText.Parse<RunStatus>).ToHashSet());
}
