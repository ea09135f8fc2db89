using Orchestrator.Access;
using Orchestrator.Data;

namespace Orchestrator.Web.Tests.Support;

/// <summary>People with accounts, and programs with tokens.</summary>
internal static class TestPeople
{
    public static async Task<User> AccountAsync(this Platform platform, Action<User>? with = null)
    {
        var name = TestWorkspace.NewName("user");
        var user = new User
        {
            Id = Identifier.New<UserId>(),
            Username = name,
            UsernameKey = User.KeyOf(name),
            CreatedAt = TimeProvider.System.GetUtcNow(),
        };
        with?.Invoke(user);
        await using var db = platform.Open();
        db.Users.Add(user);
        await db.SaveChangesAsync();
        return user;
    }

    public static async Task<ApiClient> CallerAsync(this Platform platform, User user) => new(
        platform.Address,
        (await platform.Get<ApiTokens>().IssueAsync(user.Id, new TokenRequest(Actor.Platform), CancellationToken.None)).Text);
}
