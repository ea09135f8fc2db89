using System.Globalization;
using System.Text;

namespace Orchestrator.Web.Tests.Faults;

/// <summary>Real processes on a real PostgreSQL, hurt at each step of a run. Too long for every day: <c>eng/faults.sh</c> runs it, and its table
/// is in docs/operations.md.</summary>
public sealed class FaultSuite
{
    private const string Table = "ORCHESTRATOR_FAULTS";

    private static readonly Victim[] Killed = [Victim.Worker, Victim.Web, Victim.Database];

    private static readonly Victim[] Clocks = [Victim.ClockAhead, Victim.ClockBack];

    private static IEnumerable<(Victim Victim, Moment Moment)> Points =>
    [
        .. Killed.SelectMany(victim => Moment.All.Select(moment => (victim, moment))),
        (Victim.FrozenWorker, Moment.Of("terraform plan")),
        (Victim.FrozenWorker, Moment.Of("terraform apply")),
        (Victim.FrozenWorker, Moment.Of("the second resource is there")),
        (Victim.Connections, Moment.Of("terraform plan")),
        (Victim.Connections, Moment.Of("the first resource is there")),
        (Victim.FullDisk, Moment.Of("queued")),
        (Victim.FullDisk, Moment.Of("terraform plan")),
        (Victim.FullDisk, Moment.Of("the first resource is there")),
        .. Clocks.SelectMany(clock => new[] { "queued", "terraform plan", "the first resource is there" }.Select(moment => (clock, Moment.Of(moment)))),
    ];

    [Fact(Explicit = true)]
    public async Task Whoever_is_hurt_at_whatever_moment_no_run_sticks_and_nothing_is_lost_or_done_twice()
    {
        var only = Environment.GetEnvironmentVariable($"{Table}_ONLY");
        var table = new StringBuilder("| who | when | the run ended | after | complaints |\n| --- | --- | --- | --- | --- |\n");
        var complaints = new List<string>();
        var points = Points.Where(point => only is null || $"{point.Victim} {point.Moment.Name}".Contains(only, StringComparison.OrdinalIgnoreCase)).ToArray();
        await using var cluster = await Cluster.StartAsync(haveClocks: points.Any(point => Clocks.Contains(point.Victim)));
        foreach (var (victim, moment) in points)
        {
            var (ending, after, found) = await new Story(cluster).GoAsync(victim, moment);
            complaints.AddRange(found.Select(complaint => $"{victim}, {moment.Name}: {complaint}"));
            table.AppendLine(CultureInfo.InvariantCulture, $"| {victim} | {moment.Name} | {ending} | {after.TotalSeconds:0.0} s | {(found.Count == 0 ? "none" : string.Join("; ", found))} |");
            if (Environment.GetEnvironmentVariable(Table) is { } file)
            {
                await File.WriteAllTextAsync(file, table.ToString(), TestContext.Current.CancellationToken);
            }
        }

        Assert.True(complaints.Count == 0, string.Join('\n', complaints));
    }
}
