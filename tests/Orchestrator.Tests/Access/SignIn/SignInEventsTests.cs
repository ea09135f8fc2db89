using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Access.SignIn;

public sealed class SignInEventsTests
{
    [Fact]
    public async Task Whoever_watches_the_door_is_told_who_came_by_what_and_from_where()
    {
        var watching = new Watching();
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite, services => services.AddSingleton<ISignInObserver>(watching));
        var (user, origin, events) = (await installation.UserAsync(), new SignInOrigin("192.0.2.7", "Firefox/140"), installation.Get<SignInEvents>());

        await events.RaiseAsync(SignInEventKind.SignedIn, user.Id, origin, CancellationToken.None, SignInMethod.Passkey);
        await events.RaiseAsync(SignInEventKind.Refused, null, origin, CancellationToken.None, SignInMethod.Password);

        Assert.Equal(
        [
            new SignInEvent(SignInEventKind.SignedIn, user.Id, user.Username, SignInMethod.Passkey, origin, Installation.Start),
            new SignInEvent(SignInEventKind.Refused, null, null, SignInMethod.Password, origin, Installation.Start),
        ], watching.Seen);
    }

    private sealed class Watching : ISignInObserver
    {
        public List<SignInEvent> Seen { get; } = [];

        public ValueTask ObserveAsync(SignInEvent happened, CancellationToken cancellationToken)
        {
            Seen.Add(happened);
            return ValueTask.CompletedTask;
        }
    }
}
