using Orchestrator.Access.SignIn;

namespace Orchestrator.Tests.Access.SignIn;

public sealed class PasswordRulesTests
{
    [Theory]
    [InlineData("correct horse battery")]
    [InlineData("zu viele Köche am Herd")]
    [InlineData("xK4-bbq-Rain-lamp")]
    public void A_few_words_are_a_password(string password) => Assert.Null(PasswordRules.Refusal(password, "alice", "alice@example.com"));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("short words")]
    [InlineData("aaaaaaaaaaaaaaaa")]
    [InlineData("abababababababab")]
    [InlineData("1234567890123456")]
    [InlineData("passwordpassword")]
    [InlineData("Password2026!!!")]
    [InlineData("!!!sunshine!!!2026")]
    [InlineData("qwertyqwerty")]
    [InlineData("Orchestrator1")]
    [InlineData("terraform-2026")]
    [InlineData("wonderland-alice")]
    [InlineData("Alice.Wonderland@example.com")]
    [InlineData("alicealicealice")]
    public void What_is_tried_first_is_none(string? password) =>
        Assert.NotNull(PasswordRules.Refusal(password, "alice", password == "wonderland-alice" ? "wonderland-alice@example.com" : "alice.wonderland@example.com"));

    [Fact]
    public void What_takes_long_to_hash_is_none() => Assert.NotNull(PasswordRules.Refusal(string.Concat(Enumerable.Repeat("many words ", 24)), "alice", null));
}
