using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Orchestrator.Data;
using Orchestrator.Tests.Support;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Tests.WorkloadIdentity;

public sealed class KeyRotationTests
{
    [Theory, EachDatabase]
    public async Task A_rotation_moves_every_key_one_state_on(DatabaseProvider provider)
    {
        await using var installation = await KeyProcess.InstallAsync(provider);
        using var process = new KeyProcess(installation);
        await process.PublishedAsync();
        var (first, second) = (await process.KidAsync(SigningKeyState.Active), await process.KidAsync(SigningKeyState.Next));

        var move = await process.RotateAsync();

        Assert.True(move.IsDone, move.Message);
        var third = await process.KidAsync(SigningKeyState.Next);
        Assert.Equal((first, second), (await process.KidAsync(SigningKeyState.Retiring), await process.KidAsync(SigningKeyState.Active)));
        Assert.Equal(new HashSet<string> { first, second, third }, [.. await process.PublishedAsync()]);
        Assert.Equal(second, (await process.Keys.ActiveAsync(CancellationToken.None)).Kid);
        Assert.Equal(Installation.Start, (await process.RowAsync(second)).ActivatedAt);
        Assert.Equal(
            $"Key {second} signs from now on. Key {first} stays published until 2026-03-01 12:15:05 UTC. "
            + $"Key {third} is published, and signs after the next rotation.",
            move.Message);
    }

    [Theory, EachDatabase]
    public async Task A_key_does_not_sign_before_relying_parties_can_know_it(DatabaseProvider provider)
    {
        await using var installation = await KeyProcess.InstallAsync(provider);
        using var process = new KeyProcess(installation);
        await process.RotateAsync();
        var next = await process.KidAsync(SigningKeyState.Next);

        installation.Clock.Advance(KeyLife.Settling - TimeSpan.FromSeconds(1));
        var early = await process.RotateAsync();
        installation.Clock.Advance(TimeSpan.FromSeconds(1));
        var inTime = await process.RotateAsync();

        Assert.Equal(KeyMoveOutcome.TooEarly, early.Outcome);
        Assert.Contains("may not know it before 2026-03-01 12:10:00 UTC", early.Message, StringComparison.Ordinal);
        Assert.True(inTime.IsDone, inTime.Message);
        Assert.Equal(next, await process.KidAsync(SigningKeyState.Active));
    }

    [Theory, EachDatabase]
    public async Task Who_insists_need_not_wait(DatabaseProvider provider)
    {
        await using var installation = await KeyProcess.InstallAsync(provider);
        using var process = new KeyProcess(installation);
        await process.RotateAsync();

        Assert.True((await process.RotateAsync(force: true)).IsDone);
    }

    [Theory, EachDatabase]
    public async Task A_retiring_key_stays_published_until_its_last_token_is_dead_and_is_then_destroyed(DatabaseProvider provider)
    {
        await using var installation = await KeyProcess.InstallAsync(provider);
        using var process = new KeyProcess(installation);
        var token = await process.MintAsync();
        var old = await process.KidAsync(SigningKeyState.Active);
        await process.RotateAsync();

        // Another process may sign with what it knew for a few seconds more; then a life, a relying party's clock, and its cache.
        installation.Clock.Advance(KeyLife.Freshness + TokenIssuer.Lifetime + TimeSpan.FromMinutes(5) + KeyLife.CacheTime - TimeSpan.FromSeconds(1));
        Assert.Equal(0, await process.Rotation.RetireDueAsync(CancellationToken.None));
        Assert.Null(await KeyProcess.RefusalAsync(token, await process.KeySetAsync()));

        installation.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await process.Rotation.RetireDueAsync(CancellationToken.None));

        Assert.DoesNotContain(old, await process.PublishedAsync());
        var row = await process.RowAsync(old);
        Assert.Equal((SigningKeyState.Retired, null), (row.State, row.ProtectedPrivateKey));
        Assert.Equal(installation.Clock.GetUtcNow(), row.RetiredAt);
        await using var db = installation.Open();
        Assert.Equal(["rotate", "retire"], (await db.AuditWaiting.OrderBy(waiting => waiting.Id).ToListAsync())
            .Select(waiting => waiting.Read()).Where(record => record.ResourceId == old).Select(record => record.Action));
    }

    [Theory, EachDatabase]
    public async Task For_tokens_that_live_longer_it_stays_longer(DatabaseProvider provider)
    {
        await using var installation = await KeyProcess.InstallAsync(provider);
        using var process = new KeyProcess(installation);
        using var late = new KeyProcess(installation);
        await process.MintAsync(TimeSpan.FromHours(24));
        // A shorter one takes nothing back.
        await process.MintAsync(TimeSpan.FromMinutes(15));
        await late.Keys.ActiveAsync(CancellationToken.None);
        var old = await process.KidAsync(SigningKeyState.Active);

        var move = await process.RotateAsync();
        // Of a process that does not know of the rotation yet.
        var token = await late.MintAsync(TimeSpan.FromHours(48));

        Assert.Contains("stays published until 2026-03-02 13:10:00 UTC", move.Message, StringComparison.Ordinal);
        installation.Clock.Advance(TimeSpan.FromHours(48) + KeyLife.Aftermath - TimeSpan.FromSeconds(1));
        Assert.Equal(0, await process.Rotation.RetireDueAsync(CancellationToken.None));
        Assert.Null(await KeyProcess.RefusalAsync(token, await process.KeySetAsync()));
        installation.Clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));
        Assert.Equal(1, await process.Rotation.RetireDueAsync(CancellationToken.None));
        Assert.DoesNotContain(old, await process.PublishedAsync());
    }

    [Theory, EachDatabase]
    public async Task A_stolen_key_is_worth_nothing_once_it_is_retired(DatabaseProvider provider)
    {
        await using var installation = await KeyProcess.InstallAsync(provider);
        using var process = new KeyProcess(installation);
        // The thief has the key in memory, and keeps it.
        using var thief = new KeyProcess(installation);
        await thief.Keys.ActiveAsync(CancellationToken.None);
        await process.RotateAsync();
        var whileRetiring = await thief.MintAsync();
        Assert.Null(await KeyProcess.RefusalAsync(whileRetiring, await process.KeySetAsync()));

        await process.Rotation.TrimAsync(CancellationToken.None);

        Assert.IsType<SecurityTokenSignatureKeyNotFoundException>(
            await KeyProcess.RefusalAsync(await thief.MintAsync(), await process.KeySetAsync()));
    }

    [Theory, EachDatabase]
    public async Task Of_processes_that_rotate_at_once_one_does(DatabaseProvider provider)
    {
        await using var installation = await KeyProcess.InstallAsync(provider);
        var processes = Enumerable.Range(0, 6).Select(_ => new KeyProcess(installation)).ToArray();
        await processes[0].PublishedAsync();
        var next = await processes[0].KidAsync(SigningKeyState.Next);

        var moves = await Task.WhenAll(processes.Select(process => Task.Run(() => process.RotateAsync())));

        Assert.Single(moves, move => move.IsDone);
        Assert.All(moves.Where(move => !move.IsDone), move =>
            Assert.Contains(move.Outcome, new[] { KeyMoveOutcome.OvertakenByAnother, KeyMoveOutcome.TooEarly }));
        Assert.Equal(next, await processes[0].KidAsync(SigningKeyState.Active));
        await processes[0].KidAsync(SigningKeyState.Next);
        await processes[0].KidAsync(SigningKeyState.Retiring);
        Array.ForEach(processes, process => process.Dispose());
    }

    [Theory, EachDatabase]
    public async Task Also_when_all_of_them_insist_there_is_one_active_key_and_one_next(DatabaseProvider provider)
    {
        await using var installation = await KeyProcess.InstallAsync(provider);
        var processes = Enumerable.Range(0, 6).Select(_ => new KeyProcess(installation)).ToArray();
        await processes[0].PublishedAsync();

        var moves = await Task.WhenAll(processes.Select(process => Task.Run(() => process.RotateAsync(force: true))));

        await using var db = installation.Open();
        var states = await db.SigningKeys.GroupBy(key => key.State).Select(group => new { group.Key, Count = group.Count() }).ToListAsync();
        Assert.Equal(1, states.Single(state => state.Key == SigningKeyState.Active).Count);
        Assert.Equal(1, states.Single(state => state.Key == SigningKeyState.Next).Count);
        Assert.Equal(moves.Count(move => move.IsDone), states.Single(state => state.Key == SigningKeyState.Retiring).Count);
        Array.ForEach(processes, process => process.Dispose());
    }

    [Theory, EachDatabase]
    public async Task Another_process_signs_with_the_new_key_within_seconds_and_publishes_it_at_once(DatabaseProvider provider)
    {
        await using var installation = await KeyProcess.InstallAsync(provider);
        using var one = new KeyProcess(installation);
        using var other = new KeyProcess(installation);
        var old = (await other.Keys.ActiveAsync(CancellationToken.None)).Kid;
        await one.RotateAsync();

        Assert.Equal(old, (await other.Keys.ActiveAsync(CancellationToken.None)).Kid);
        Assert.Null(await KeyProcess.RefusalAsync(await one.MintAsync(), await other.KeySetAsync()));
        Assert.Null(await KeyProcess.RefusalAsync(await other.MintAsync(), await one.KeySetAsync()));

        installation.Clock.Advance(KeyLife.Freshness);
        Assert.Equal(await one.KidAsync(SigningKeyState.Active), (await other.Keys.ActiveAsync(CancellationToken.None)).Kid);
    }

    [Theory, EachDatabase]
    public async Task A_revoked_active_key_gives_way_to_the_next_one_at_once(DatabaseProvider provider)
    {
        await using var installation = await KeyProcess.InstallAsync(provider);
        using var process = new KeyProcess(installation);
        await process.RotateAsync();
        var token = await process.MintAsync();
        var (active, next) = (await process.KidAsync(SigningKeyState.Active), await process.KidAsync(SigningKeyState.Next));

        var move = await process.Rotation.RevokeAsync(active, CancellationToken.None);

        Assert.True(move.IsDone, move.Message);
        Assert.Contains($"Key {active} is revoked.", move.Message, StringComparison.Ordinal);
        Assert.Equal((SigningKeyState.Retired, null), ((await process.RowAsync(active)).State, (await process.RowAsync(active)).ProtectedPrivateKey));
        Assert.Equal(next, await process.KidAsync(SigningKeyState.Active));
        Assert.NotNull(await KeyProcess.RefusalAsync(token, await process.KeySetAsync()));
        Assert.Null(await KeyProcess.RefusalAsync(await process.MintAsync(), await process.KeySetAsync()));
    }

    [Theory]
    [EachDatabase(SigningKeyState.Next)]
    [EachDatabase(SigningKeyState.Retiring)]
    public async Task Any_other_key_can_be_revoked_too(DatabaseProvider provider, SigningKeyState state)
    {
        await using var installation = await KeyProcess.InstallAsync(provider);
        using var process = new KeyProcess(installation);
        await process.RotateAsync();
        var active = await process.KidAsync(SigningKeyState.Active);
        var kid = await process.KidAsync(state);

        var move = await process.Rotation.RevokeAsync(kid, CancellationToken.None);
        var again = await process.Rotation.RevokeAsync(kid, CancellationToken.None);

        Assert.True(move.IsDone, move.Message);
        Assert.Equal((KeyMoveOutcome.NoSuchKey, $"Key {kid} was retired before."), (again.Outcome, again.Message));
        Assert.Null((await process.RowAsync(kid)).ProtectedPrivateKey);
        Assert.DoesNotContain(kid, await process.PublishedAsync());
        Assert.Equal(active, await process.KidAsync(SigningKeyState.Active));
        Assert.Equal(
            installation.Clock.GetUtcNow() + KeyLife.Settling, (await process.RowAsync(await process.KidAsync(SigningKeyState.Next))).MaySignAt);
    }

    [Theory, EachDatabase]
    public async Task Revoking_a_key_that_there_never_was_says_so(DatabaseProvider provider)
    {
        await using var installation = await KeyProcess.InstallAsync(provider);
        using var process = new KeyProcess(installation);

        var move = await process.Rotation.RevokeAsync("nobodys", CancellationToken.None);

        Assert.Equal(KeyMoveOutcome.NoSuchKey, move.Outcome);
        Assert.Equal(2, (await process.PublishedAsync()).Count);
    }

    [Theory, EachDatabase]
    public async Task Another_algorithm_takes_effect_with_the_next_rotation(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        using var before = new KeyProcess(installation);
        var rsaToken = await before.MintAsync();
        await installation.CrashAsync();
        await using var changed = installation.Beside(services =>
            services.Configure<SigningKeyOptions>(options => options.Algorithm = SecurityAlgorithms.EcdsaSha256));
        using var process = new KeyProcess(changed);
        await process.Rotation.AdoptAlgorithmAsync(CancellationToken.None);
        Assert.Equal("RS256", new JsonWebToken(await process.MintAsync()).Alg);
        installation.Clock.Advance(KeyLife.Settling);

        Assert.True((await process.RotateAsync()).IsDone);

        var token = await process.MintAsync();
        Assert.Equal("ES256", new JsonWebToken(token).Alg);
        // Two numbers of 32 bytes each, and no ASN.1 around them.
        Assert.Equal(64, Base64UrlEncoder.DecodeBytes(token.Split('.')[2]).Length);
        Assert.Null(await KeyProcess.RefusalAsync(token, await process.KeySetAsync()));
        Assert.Null(await KeyProcess.RefusalAsync(rsaToken, await process.KeySetAsync()));
    }

    [Theory, EachDatabase]
    public async Task The_same_algorithm_replaces_nothing(DatabaseProvider provider)
    {
        await using var installation = await KeyProcess.InstallAsync(provider);
        using var process = new KeyProcess(installation);
        var published = await process.PublishedAsync();

        await process.Rotation.AdoptAlgorithmAsync(CancellationToken.None);

        Assert.Equal(published, await process.PublishedAsync());
    }

    [Theory, EachDatabase]
    public async Task Keys_rotate_under_load_and_no_token_is_refused(DatabaseProvider provider)
    {
        await using var installation = await KeyProcess.InstallAsync(provider);
        using var one = new KeyProcess(installation);
        using var other = new KeyProcess(installation);
        using var load = new Load(installation, one, other);
        var running = load.Run(50);

        await load.TurnAsync();
        Assert.True((await one.RotateAsync()).IsDone);
        await load.TurnAsync();
        installation.Clock.Advance(KeyLife.Settling);
        await load.TurnAsync();
        Assert.True((await other.RotateAsync()).IsDone);
        await load.TurnAsync();
        installation.Clock.Advance(KeyLife.Retiring);
        await load.TurnAsync();
        Assert.Equal(2, await one.Rotation.RetireDueAsync(CancellationToken.None));
        await load.TurnAsync();
        load.Stop();

        Assert.Empty(await running);
        Assert.Equal(3, load.KeysSeen.Count);
    }

    /// <summary>Runs that mint in two processes, and a relying party that keeps the key set for as long as it may.</summary>
    private sealed class Load(Installation installation, KeyProcess one, KeyProcess other) : IDisposable
    {
        private readonly SemaphoreSlim _gate = new(1, 1);
        private int[] _turns = [];
        private volatile bool _stopped;
        private IList<SecurityKey> _keySet = [];
        private DateTimeOffset _fetchedAt = DateTimeOffset.MinValue;

        public HashSet<string> KeysSeen { get; } = [];

        public void Stop() => _stopped = true;

        public void Dispose() => _gate.Dispose();

        /// <returns>What the relying party has refused.</returns>
        public async Task<IReadOnlyList<Exception>> Run(int loops)
        {
            _turns = new int[loops];
            return [.. (await Task.WhenAll(Enumerable.Range(0, loops).Select(loop => Task.Run(() => LoopAsync(loop))))).OfType<Exception>()];
        }

        /// <summary>Until every loop has begun and ended another token.</summary>
        public Task TurnAsync()
        {
            var before = _turns.ToArray();
            return Wait.UntilAsync(() => _stopped || _turns.Zip(before).All(turn => turn.First >= turn.Second + 2));
        }

        private async Task<Exception?> LoopAsync(int loop)
        {
            while (!_stopped)
            {
                var token = await (loop % 2 == 0 ? one : other).MintAsync();
                if (await KeyProcess.RefusalAsync(token, await KeySetAsync(new JsonWebToken(token).Kid)) is { } refusal)
                {
                    Stop();
                    return refusal;
                }
                Interlocked.Increment(ref _turns[loop]);
            }
            return null;
        }

        private async Task<IList<SecurityKey>> KeySetAsync(string kid)
        {
            await _gate.WaitAsync();
            try
            {
                KeysSeen.Add(kid);
                if (installation.Clock.GetUtcNow() - _fetchedAt >= KeyLife.CacheTime)
                {
                    (_keySet, _fetchedAt) = (await other.KeySetAsync(), installation.Clock.GetUtcNow());
                }
                return _keySet;
            }
            finally
            {
                _gate.Release();
            }
        }
    }
}
