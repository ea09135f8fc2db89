using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;

namespace Orchestrator.Web.Tests.Support;

/// <summary>People who sign in by themselves.</summary>
internal static class TestSignIns
{
    public const string Password = "correct horse battery";

    private const int StepSeconds = 30;

    public static async Task<User> WithPasswordAsync(this Platform platform, Action<User>? with = null)
    {
        var user = await platform.AccountAsync(with);
        Assert.Null(await platform.Get<Passwords>().SetAsync(user.Id, Password, CancellationToken.None));
        return user;
    }

    /// <summary>Gives them an authenticator, too.</summary>
    /// <returns>Its key, as people type it, and the recovery codes.</returns>
    public static async Task<(string Key, IReadOnlyList<string> RecoveryCodes)> AddAuthenticatorAsync(this Platform platform, User user)
    {
        var authenticators = platform.Get<Authenticators>();
        await authenticators.BeginAsync(user.Id, CancellationToken.None);
        var key = (await authenticators.PendingKeyAsync(user.Id, CancellationToken.None))!;
        return (key, (await authenticators.ConfirmAsync(user.Id, CodeOf(key), CancellationToken.None))!);
    }

    /// <summary>What an authenticator with this key shows.</summary>
    /// <param name="later">Steps after the present one.</param>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 6238.")]
    public static string CodeOf(string key, int later = 0)
    {
        var bits = string.Concat(key.Select(letter => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(letter, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        byte[] bytes = [.. Enumerable.Range(0, bits.Length / 8).Select(index => Convert.ToByte(bits.Substring(index * 8, 8), 2))];
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / StepSeconds) + later);
        var hash = HMACSHA1.HashData(bytes, counter);
        var number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 0xf)) & 0x7fffffff;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>Fills in the page's form with name and password.</summary>
    public static async Task<Answer> EnterAsync(this Browser browser, string name, string password = Password, string page = "/sign-in") =>
        (await browser.SubmitAsync((await browser.GetAsync(page)).Expect(200), "/sign-in/password", ("name", name), ("password", password))).Expect(302);

    /// <summary>Types a code where one is asked for.</summary>
    public static async Task<Answer> EnterCodeAsync(this Browser browser, string code) =>
        (await browser.SubmitAsync((await browser.GetAsync("/sign-in/second")).Expect(200), "/sign-in/second", ("code", code))).Expect(302);

    public static string Target(this Answer answer) => answer.Expect(302).Headers.Location!.OriginalString;
}
