using System.Text;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.RunLogs;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.RunLogs;

public sealed class RunLogTests
{
    private const string Writer = "worker";

    [Theory, EachDatabase]
    public async Task Lines_are_read_in_the_order_in_which_they_were_written(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (logs, run) = await PrepareAsync(installation);
        await using var log = await logs.OpenAsync(run, "plan", Writer, CancellationToken.None);

        for (var line = 0; line < 5000; line++)
        {
            await log.WriteLineAsync($"line {line} of a log that is longer than one chunk", CancellationToken.None);
        }
        await log.CompleteAsync();

        var lines = (await ReadAsync(logs, run)).Split('\n')[..^1];
        Assert.Equal(Enumerable.Range(0, 5000).Select(line => $"line {line} of a log that is longer than one chunk"), lines);
        Assert.Equal(log.Length, await logs.LengthAsync(run, "plan", CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task Any_stretch_of_a_log_can_be_read_to_the_byte(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (logs, run) = await PrepareAsync(installation);
        var text = new byte[200_000];
        new Random(3).NextBytes(text);
        await WriteAsync(logs, run, text[..70_000]);
        await WriteAsync(logs, run, text[70_000..70_001]);
        await WriteAsync(logs, run, text[70_001..]);

        await Gen.Select(Gen.Int[0, 210_000], Gen.OneOf(Gen.Int[0, 10], Gen.Int[0, 210_000])).SampleAsync(async (offset, limit) =>
        {
            var read = await logs.ReadAsync(run, "plan", offset, limit, CancellationToken.None);
            return read.AsSpan().SequenceEqual(text.AsSpan(Math.Min(offset, text.Length)) is var rest && rest.Length > limit ? rest[..limit] : rest);
        }, iter: 60, threads: 1);
    }

    [Theory, EachDatabase]
    public async Task A_new_writer_goes_on_where_a_dead_one_has_stopped(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (logs, run) = await PrepareAsync(installation);
        await WriteAsync(logs, run, "first\n"u8.ToArray());

        await using var second = await logs.OpenAsync(run, "plan", Writer, CancellationToken.None);
        Assert.Equal(6, second.Length);
        await second.WriteLineAsync("second", CancellationToken.None);
        await second.CompleteAsync();

        Assert.Equal("first\nsecond\n", await ReadAsync(logs, run));
        Assert.Equal(13, second.Length);
    }

    [Theory, EachDatabase]
    public async Task Plan_and_apply_have_a_log_each(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (logs, run) = await PrepareAsync(installation);

        await WriteAsync(logs, run, "planned\n"u8.ToArray(), "plan");
        await WriteAsync(logs, run, "applied\n"u8.ToArray(), "apply");

        Assert.Equal("planned\n", await ReadAsync(logs, run));
        Assert.Equal("applied\n", await ReadAsync(logs, run, "apply"));
        Assert.Empty(await logs.ReadAsync(Identifier.New<RunId>(), "plan", 0, 100, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task A_line_is_stored_and_then_announced_without_waiting_for_the_next(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (logs, run) = await PrepareAsync(installation);
        using var heard = installation.Get<IAnnouncements>().Subscribe(Topic.Log(run, "plan"));
        await using var log = await logs.OpenAsync(run, "plan", Writer, CancellationToken.None);

        await log.WriteLineAsync("hello", CancellationToken.None);
        var announced = heard.WaitAsync(CancellationToken.None).AsTask();
        await Wait.UntilAsync(() =>
        {
            installation.Clock.Advance(TimeSpan.FromMilliseconds(50));
            return announced.IsCompleted;
        });

        Assert.Equal("hello\n", await ReadAsync(logs, run));
    }

    [Theory, EachDatabase]
    public async Task Nothing_of_a_log_can_be_read_in_its_rows(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (logs, run) = await PrepareAsync(installation);

        await WriteAsync(logs, run, "correct horse battery staple\n"u8.ToArray());

        await using var db = installation.Open();
        var row = await db.LogChunks.AsNoTracking().SingleAsync();
        Assert.Equal(-1, row.ProtectedContent.AsSpan().IndexOf("horse"u8));
    }

    [Theory, EachDatabase]
    public async Task Whoever_writes_faster_than_the_store_waits(DatabaseProvider provider)
    {
        var door = new Door();
        await using var installation = await Installation.CreateAsync(provider, door.AddTo);
        var (logs, run) = await PrepareAsync(installation);
        await using var log = await logs.OpenAsync(run, "plan", Writer, CancellationToken.None);
        door.Close();

        var piece = new byte[64 * 1024];
        var accepted = 0;
        Task write;
        while ((write = log.WriteAsync(piece, CancellationToken.None).AsTask()).IsCompleted && accepted < 100)
        {
            accepted++;
            // Let the store take what it can before the next piece.
            await door.KnockedAsync();
        }

        Assert.InRange(accepted, 4, 10);
        Assert.False(write.IsCompleted);
        door.Open();
        await write.WaitAsync(Wait.Limit);
        await log.CompleteAsync();
        Assert.Equal((accepted + 1) * piece.Length, log.Length);
    }

    [Theory, EachDatabase]
    public async Task What_a_writer_has_to_say_after_it_lost_the_run_is_not_stored(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (logs, run) = await PrepareAsync(installation);
        await using var cutOff = await logs.OpenAsync(run, "plan", Writer, CancellationToken.None);
        await ClaimAsync(installation, "another");
        await using (var other = await logs.OpenAsync(run, "plan", "another", CancellationToken.None))
        {
            await other.WriteLineAsync("the other's", CancellationToken.None);
            await other.CompleteAsync();
        }

        var piece = new byte[64 * 1024];
        for (var number = 0; number < 100; number++)
        {
            await cutOff.WriteAsync(piece, CancellationToken.None);
        }
        await cutOff.CompleteAsync();
        await cutOff.WriteLineAsync("more", CancellationToken.None);

        Assert.Equal("the other's\n", await ReadAsync(logs, run));
    }

    [Theory, EachDatabase]
    public async Task What_could_not_be_stored_is_kept_with_what_comes_after_it_until_it_can(DatabaseProvider provider)
    {
        var door = new Door();
        await using var installation = await Installation.CreateAsync(provider, door.AddTo);
        var (logs, run) = await PrepareAsync(installation);
        await using var log = await logs.OpenAsync(run, "plan", Writer, CancellationToken.None);
        await log.WriteLineAsync("stored", CancellationToken.None);
        await Wait.UntilAsync(() => Passed(log.Length > 0));
        door.Lock();
        await log.WriteLineAsync("refused", CancellationToken.None);
        // Whoever writes is told, at the latest with the second line.
        await Wait.UntilAsync(async () => Passed(
            await Record.ExceptionAsync(async () => await log.WriteAsync("."u8.ToArray(), CancellationToken.None)) is IOException));
        await Assert.ThrowsAsync<IOException>(async () => await log.WriteLineAsync("last words", CancellationToken.None));
        await Assert.ThrowsAsync<IOException>(log.CompleteAsync);

        door.Open();
        await log.CompleteAsync();

        var text = Encoding.UTF8.GetString(await logs.ReadAsync(run, "plan", 0, 10_000, CancellationToken.None));
        Assert.Matches("^stored\nrefused\n\\.+last words\n$", text);
        Assert.Equal(text.Length, log.Length);

        bool Passed(bool condition)
        {
            // A line waits for company.
            installation.Clock.Advance(TimeSpan.FromSeconds(1));
            return condition;
        }
    }

    private static async Task<(RunLogStore Logs, RunId Run)> PrepareAsync(Installation installation)
    {
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
        await ClaimAsync(installation, Writer);
        return (installation.Get<RunLogStore>(), run.Id);
    }

    private static async Task ClaimAsync(Installation installation, string writer)
    {
        await using var db = installation.Open();
        await db.Runs.ExecuteUpdateAsync(set => set.SetProperty(row => row.ClaimedBy, writer));
    }

    private static async Task WriteAsync(RunLogStore logs, RunId run, byte[] text, string phase = "plan")
    {
        await using var log = await logs.OpenAsync(run, phase, Writer, CancellationToken.None);
        await log.WriteAsync(text, CancellationToken.None);
        await log.CompleteAsync();
    }

    private static async Task<string> ReadAsync(RunLogStore logs, RunId run, string phase = "plan") =>
        Encoding.UTF8.GetString(await logs.ReadAsync(run, phase, 0, int.MaxValue, CancellationToken.None));
}
