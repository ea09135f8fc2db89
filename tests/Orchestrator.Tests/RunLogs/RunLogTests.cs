using System.Text;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
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
    public async Task While_the_database_is_away_a_log_waits_on_the_disk_encrypted_and_comes_after_in_its_order(DatabaseProvider provider)
    {
        var door = new Door();
        await using var installation = await Installation.CreateAsync(provider, door.AddTo);
        var (logs, run) = await PrepareAsync(installation);
        await using var log = await logs.OpenAsync(run, "plan", Writer, CancellationToken.None);
        await log.WriteLineAsync("stored", CancellationToken.None);
        await UntilAsync(installation, () => log.Length > 0);
        door.Lock();

        // More than memory would take: whoever writes would wait for ever.
        var lines = Enumerable.Range(0, 40).Select(number => $"line {number} {new string('x', 30_000)}").ToArray();
        foreach (var line in lines)
        {
            var write = log.WriteLineAsync(line, CancellationToken.None).AsTask();
            await UntilAsync(installation, () => write.IsCompleted);
            await write;
        }
        var spool = Directory.GetFiles(installation.Get<DataDirectory>().Spool).Single();
        await UntilAsync(installation, () => new FileInfo(spool).Length > 1_000_000);
        Assert.Equal(-1, (await ReadSharedAsync(spool)).AsSpan().IndexOf("xxxx"u8));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(spool));
        Assert.Equal(7, log.Length);

        door.Open();
        var all = string.Join('\n', ["stored", .. lines]) + "\n";
        await UntilAsync(installation, () => log.Length == all.Length);
        Assert.False(File.Exists(spool));
        await log.WriteLineAsync("last", CancellationToken.None);
        await log.CompleteAsync();

        Assert.Equal(all + "last\n", await ReadAsync(logs, run));
    }

    [Theory, EachDatabase]
    public async Task A_piece_whose_storing_was_not_heard_of_is_not_stored_twice(DatabaseProvider provider)
    {
        var door = new Door();
        await using var installation = await Installation.CreateAsync(provider, door.AddTo);
        var (logs, run) = await PrepareAsync(installation);
        await using var log = await logs.OpenAsync(run, "plan", Writer, CancellationToken.None);
        door.Lock();
        await log.WriteLineAsync("once", CancellationToken.None);
        await UntilAsync(installation, () => Directory.GetFiles(installation.Get<DataDirectory>().Spool).Length == 1);

        door.Open();
        await using (var db = installation.Open())
        {
            // Behind offset and lengths.
            var content = (await ReadSharedAsync(Directory.GetFiles(installation.Get<DataDirectory>().Spool).Single()))[16..];
            db.Add(new LogChunk { RunId = run, Phase = "plan", Offset = 0, Length = 5, ProtectedContent = content });
            await db.SaveChangesAsync();
        }
        await log.CompleteAsync();

        Assert.Equal("once\n", await ReadAsync(logs, run));
    }

    [Theory, EachDatabase]
    public async Task What_a_dead_process_has_left_on_the_disk_is_stored_before_what_follows_it(DatabaseProvider provider)
    {
        var door = new Door();
        await using var dead = await Installation.CreateAsync(provider, door.AddTo);
        var (logs, run) = await PrepareAsync(dead);
        await WriteAsync(logs, run, "stored\n"u8.ToArray());
        await using (var log = await logs.OpenAsync(run, "plan", Writer, CancellationToken.None))
        {
            door.Lock();
            await log.WriteLineAsync("left", CancellationToken.None);
            await UntilAsync(dead, () => Directory.GetFiles(dead.Get<DataDirectory>().Spool).Length == 1);
        }
        var file = Directory.GetFiles(dead.Get<DataDirectory>().Spool).Single();
        // It died in the middle of the next piece.
        await File.AppendAllBytesAsync(file, new byte[20]);
        await dead.CrashAsync();

        await using var alive = dead.Beside(_ => { });
        logs = alive.Get<RunLogStore>();
        await using (var log = await logs.OpenAsync(run, "plan", Writer, CancellationToken.None))
        {
            await log.WriteLineAsync("The worker died.", CancellationToken.None);
            await log.CompleteAsync();
        }

        Assert.Equal("stored\nleft\nThe worker died.\n", await ReadAsync(logs, run));
        Assert.False(File.Exists(file));
    }

    [Theory, EachDatabase]
    public async Task What_a_dead_process_has_left_is_dropped_when_others_have_gone_on_without_it(DatabaseProvider provider)
    {
        var door = new Door();
        await using var installation = await Installation.CreateAsync(provider, door.AddTo);
        var (logs, run) = await PrepareAsync(installation);
        await using (var log = await logs.OpenAsync(run, "plan", Writer, CancellationToken.None))
        {
            door.Lock();
            await log.WriteLineAsync("left behind", CancellationToken.None);
            await UntilAsync(installation, () => Directory.GetFiles(installation.Get<DataDirectory>().Spool).Length == 1);
        }
        door.Open();
        var file = Directory.GetFiles(installation.Get<DataDirectory>().Spool).Single();
        File.Move(file, file + ".elsewhere");
        await WriteAsync(logs, run, "others\n"u8.ToArray());
        File.Move(file + ".elsewhere", file);

        await WriteAsync(logs, run, "and on\n"u8.ToArray());

        Assert.Equal("others\nand on\n", await ReadAsync(logs, run));
        Assert.False(File.Exists(file));
    }

    [Theory, EachDatabase]
    public async Task Of_a_run_that_nobody_works_on_nothing_waits_on_the_disk(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var spool = installation.Get<DataDirectory>().Spool;
        var working = await installation.ClaimAsync((await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id)).Id);
        await File.WriteAllTextAsync(Path.Combine(spool, $"{working.Run.Id}.plan"), "");
        await File.WriteAllTextAsync(Path.Combine(spool, $"{Identifier.New<RunId>()}.apply"), "");
        await File.WriteAllTextAsync(Path.Combine(spool, "something"), "");

        await installation.Get<Orchestrator.Runs.RunRecovery>().RecoverAsync(CancellationToken.None);

        Assert.Equal([$"{working.Run.Id}.plan"], Directory.GetFiles(spool).Select(Path.GetFileName));
    }

    [Theory, EachDatabase]
    public async Task A_log_that_finds_no_room_on_the_disk_says_so_and_is_kept_with_what_comes_after_it(DatabaseProvider provider)
    {
        var door = new Door();
        await using var installation = await Installation.CreateAsync(provider, services =>
        {
            door.AddTo(services);
            services.Configure<LogOptions>(options => options.MaxSpoolBytes = 100);
        });
        var (logs, run) = await PrepareAsync(installation);
        await using var log = await logs.OpenAsync(run, "plan", Writer, CancellationToken.None);
        await log.WriteLineAsync("stored", CancellationToken.None);
        await UntilAsync(installation, () => log.Length > 0);
        door.Lock();
        await log.WriteLineAsync("refused", CancellationToken.None);
        // Whoever writes is told, at the latest with the second line.
        await Wait.UntilAsync(async () =>
        {
            installation.Clock.Advance(TimeSpan.FromSeconds(1));
            return await Record.ExceptionAsync(async () => await log.WriteAsync("."u8.ToArray(), CancellationToken.None)) is IOException;
        });
        await Assert.ThrowsAsync<IOException>(async () => await log.WriteLineAsync("last words", CancellationToken.None));
        await Assert.ThrowsAsync<IOException>(log.CompleteAsync);

        door.Open();
        await log.CompleteAsync();

        var text = await ReadAsync(logs, run);
        Assert.Matches("^stored\nrefused\n\\.+last words\n$", text);
        Assert.Equal(text.Length, log.Length);
    }

    private static Task UntilAsync(Installation installation, Func<bool> condition) => Wait.UntilAsync(() =>
    {
        // A line waits for company, and a writer for the next try.
        installation.Clock.Advance(TimeSpan.FromSeconds(1));
        return condition();
    });

    private static async Task<byte[]> ReadSharedAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var content = new MemoryStream();
        await file.CopyToAsync(content);
        return content.ToArray();
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
