using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Data;
using Orchestrator.Tests.Support;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Tests.WorkloadIdentity;

public sealed class KeyScheduleTests
{
    [Theory, EachDatabase]
    public async Task A_key_signs_for_ninety_days_and_is_published_a_quarter_of_an_hour_longer(DatabaseProvider provider)
    {
        await using var installation = await KeyProcess.InstallAsync(provider);
        using var process = new KeyProcess(installation);
        await process.PublishedAsync();
        var (first, second) = (await process.KidAsync(SigningKeyState.Active), await process.KidAsync(SigningKeyState.Next));

        await AfterAsync(TimeSpan.FromDays(90) - TimeSpan.FromSeconds(1));
        Assert.Equal(first, await process.KidAsync(SigningKeyState.Active));

        await AfterAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(second, await process.KidAsync(SigningKeyState.Active));
        Assert.Contains(first, await process.PublishedAsync());

        await AfterAsync(KeyLife.Retiring);
        Assert.DoesNotContain(first, await process.PublishedAsync());
        Assert.Equal(second, await process.KidAsync(SigningKeyState.Active));

        await AfterAsync(TimeSpan.FromDays(90) - KeyLife.Retiring);
        Assert.Equal(second, await process.KidAsync(SigningKeyState.Retiring));

        async Task AfterAsync(TimeSpan time)
        {
            installation.Clock.Advance(time);
            await process.Schedule.LookAsync(CancellationToken.None);
        }
    }

    [Theory, EachDatabase]
    public async Task Many_processes_with_a_schedule_rotate_once(DatabaseProvider provider)
    {
        await using var installation = await KeyProcess.InstallAsync(provider);
        var processes = Enumerable.Range(0, 5).Select(_ => new KeyProcess(installation)).ToArray();
        await processes[0].PublishedAsync();
        var next = await processes[0].KidAsync(SigningKeyState.Next);
        installation.Clock.Advance(TimeSpan.FromDays(91));

        await Task.WhenAll(processes.Select(process => Task.Run(() => process.Schedule.LookAsync(CancellationToken.None))));

        Assert.Equal(next, await processes[0].KidAsync(SigningKeyState.Active));
        Assert.Equal(3, (await processes[0].PublishedAsync()).Count);
        Array.ForEach(processes, process => process.Dispose());
    }

    [Fact]
    public async Task Without_a_period_nothing_rotates_by_itself()
    {
        await using var installation = await KeyProcess.InstallAsync(
            DatabaseProvider.Sqlite, services => services.Configure<SigningKeyOptions>(options => options.RotationPeriod = TimeSpan.Zero));
        using var process = new KeyProcess(installation);
        await process.PublishedAsync();
        var active = await process.KidAsync(SigningKeyState.Active);
        installation.Clock.Advance(TimeSpan.FromDays(3650));

        await process.Schedule.LookAsync(CancellationToken.None);

        Assert.Equal(active, await process.KidAsync(SigningKeyState.Active));
    }

    [Theory, EachDatabase]
    public async Task Started_with_the_server_it_looks_by_itself_every_minute(DatabaseProvider provider)
    {
        await using var installation = await KeyProcess.InstallAsync(provider);
        using var process = new KeyProcess(installation);
        await process.PublishedAsync();
        var next = await process.KidAsync(SigningKeyState.Next);
        var schedule = installation.Get<KeySchedule>();
        await schedule.StartAsync(CancellationToken.None);
        await schedule.StartedAsync(CancellationToken.None);

        installation.Clock.Advance(TimeSpan.FromDays(90));
        await Wait.UntilAsync(async () =>
        {
            installation.Clock.Advance(KeySchedule.Interval);
            return await process.KidAsync(SigningKeyState.Active) == next;
        });

        await schedule.StopAsync(CancellationToken.None);
        Assert.Empty(installation.Logs.Warnings);
    }

    [Theory, EachDatabase]
    public async Task A_due_key_goes_on_signing_while_the_published_copy_lacks_the_next_one_and_the_log_says_what_to_do(DatabaseProvider provider)
    {
        var host = new StaticHost();
        await using var installation = await CopyCheckTests.InstallAsync(provider, host, elsewhere: true);
        using var process = new KeyProcess(installation);
        var schedule = installation.Get<KeySchedule>();
        await process.PublishedAsync();
        var (active, next) = (await process.KidAsync(SigningKeyState.Active), await process.KidAsync(SigningKeyState.Next));
        installation.Clock.Advance(TimeSpan.FromDays(90));

        await schedule.LookAsync(CancellationToken.None);

        Assert.Equal(active, await process.KidAsync(SigningKeyState.Active));
        var warning = Assert.Single(installation.Logs.Warnings);
        Assert.Contains("is due for rotation, and stays", warning, StringComparison.Ordinal);
        Assert.Contains("Run 'issuer export DIRECTORY'", warning, StringComparison.Ordinal);

        host.Publish(await process.Documents.ReadAsync(CancellationToken.None));
        installation.Clock.Advance(KeySchedule.CopyInterval);
        await schedule.LookAsync(CancellationToken.None);
        Assert.Equal(next, await process.KidAsync(SigningKeyState.Active));
    }

    [Fact]
    public async Task Long_before_a_rotation_the_log_says_that_the_published_copy_lacks_the_next_key()
    {
        var host = new StaticHost();
        await using var installation = await CopyCheckTests.InstallAsync(DatabaseProvider.Sqlite, host, elsewhere: true);
        using var process = new KeyProcess(installation);
        var documents = await process.Documents.ReadAsync(CancellationToken.None);
        var next = await process.KidAsync(SigningKeyState.Next);
        host.Publish(documents with { KeySet = new KeySetDocument([.. documents.KeySet.Keys.Where(key => key.Kid != next)]) });

        await installation.Get<KeySchedule>().LookAsync(CancellationToken.None);

        var warning = Assert.Single(installation.Logs.Warnings);
        Assert.Contains($"does not have the next key. The next key is {next}.", warning, StringComparison.Ordinal);
        Assert.Contains($"run 'issuer export DIRECTORY' and publish that directory at {StaticHost.Address}", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_current_copy_is_looked_at_once_an_hour_and_nothing_is_said()
    {
        var host = new StaticHost();
        await using var installation = await CopyCheckTests.InstallAsync(DatabaseProvider.Sqlite, host, elsewhere: true);
        host.Publish(await installation.Get<IssuerDocuments>().ReadAsync(CancellationToken.None));
        var schedule = installation.Get<KeySchedule>();

        for (var minute = 0; minute < 60; minute++)
        {
            await schedule.LookAsync(CancellationToken.None);
            installation.Clock.Advance(KeySchedule.Interval);
        }

        Assert.Equal(2, host.Requests);
        Assert.Empty(installation.Logs.Warnings);
    }
}
