namespace Orchestrator.Runs;

/// <summary>Waits for the API that a run's terraform is about to ask for its state. Its process may be away for a moment, as it is replaced by the
/// next version: then nothing is wrong with the run.</summary>
public sealed class ApiWait(IStateApi api, TimeProvider clock)
{
    /// <summary>Then terraform is started all the same, and says itself what is wrong: it may have another way there.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>Before a phase asks for anything: what it is given lives for minutes, and clouds ask the issuer, who is away with the API.</summary>
    /// <exception cref="OperationCanceledException">The phase was told to stop meanwhile.</exception>
    public async Task ForAnswerAsync(PhaseScope scope)
    {
        if (!await api.AnswersAsync(scope.Watch.Stop))
        {
            await scope.StepAsync("wait", () => ForReturnAsync(scope, FirstPause));
        }
    }

    /// <summary>The same, when it was away a moment ago.</summary>
    public async Task ForReturnAsync(PhaseScope scope, TimeSpan pause)
    {
        await scope.Log.WriteLineAsync($"Waiting for the platform's API at {api.Address.Scheme}://{api.Address.Authority}, which does not answer.", CancellationToken.None);
        var since = clock.GetTimestamp();
        do
        {
            await Task.Delay(pause, clock, scope.Watch.Stop);
            if (await api.AnswersAsync(scope.Watch.Stop))
            {
                return;
            }
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
        while (clock.GetElapsedTime(since) < Patience);
        await scope.Log.WriteLineAsync($"It has not answered for {Patience.TotalMinutes:0} minutes; terraform is started all the same.", CancellationToken.None);
    }
}
