using Orchestrator.Access;
using Orchestrator.Access.SignIn;

namespace Orchestrator.Web.Tests.Support;

/// <summary>People who sign in by themselves.</summary>
internal static class TestSignIns
{
    public const string Password = "correct horse battery";

    public static async Task<User> WithPasswordAsync(this Platform platform, Action<User>? with = null)
    {
        var user = await platform.AccountAsync(with);
        Assert.Null(await platform.Get<Passwords>().SetAsync(user.Id, Password, CancellationToken.None));
        return user;
    }

    /// <summary>Fills in the page's form with name and password.</summary>
    public static async Task<Answer> EnterAsync(this Browser browser, string name, string password = Password, string page = "/sign-in") =>
        (await browser.SubmitAsync((await browser.GetAsync(page)).Expect(200), "/sign-in/password", ("name", name), ("password", password))).Expect(302);

    public static string Target(this Answer answer) => answer.Expect(302).Headers.Location!.OriginalString;
}
