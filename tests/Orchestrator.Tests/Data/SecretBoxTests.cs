using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Data;

public sealed class SecretBoxTests
{
    private const string Place = "a-row";

    public static TheoryData<SecretKind> Kinds => [.. Enum.GetValues<SecretKind>()];

    [Fact]
    public async Task Whatever_was_sealed_can_be_opened()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var box = installation.Get<SecretBox>();

        Gen.Select(Gen.Byte.Array, Gen.Enum<SecretKind>()).Sample(
            (plain, kind) => box.Unprotect(kind, Place, box.Protect(kind, Place, plain)).AsSpan().SequenceEqual(plain), iter: 300);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_sealed_value_does_not_contain_the_plain_one(SecretKind kind)
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);

        var sealedValue = installation.Get<SecretBox>().Protect(kind, Place, "correct horse battery staple");

        Assert.Equal(-1, sealedValue.AsSpan().IndexOf("horse"u8));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_value_of_one_kind_cannot_be_opened_as_another(SecretKind kind)
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var box = installation.Get<SecretBox>();
        var sealedValue = box.Protect(kind, Place, "correct horse battery staple");

        Assert.All(Enum.GetValues<SecretKind>().Where(other => other != kind),
            other => Assert.Throws<CryptographicException>(() => box.Unprotect(other, Place, sealedValue)));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_value_that_was_moved_to_another_row_cannot_be_opened_there(SecretKind kind)
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var box = installation.Get<SecretBox>();

        var sealedValue = box.Protect(kind, Place, "correct horse battery staple");

        Assert.Throws<CryptographicException>(() => box.Unprotect(kind, "another-row", sealedValue));
    }

    [Fact]
    public async Task An_altered_value_cannot_be_opened()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var box = installation.Get<SecretBox>();
        var sealedValue = box.Protect(SecretKind.Variable, Place, "correct horse battery staple");
        sealedValue[^1] ^= 1;

        Assert.Throws<CryptographicException>(() => box.Unprotect(SecretKind.Variable, Place, sealedValue));
    }

    [Theory, EachDatabase]
    public async Task Values_can_be_opened_after_a_restart(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var sealedValue = installation.Get<SecretBox>().Protect(SecretKind.Variable, Place, "correct horse battery staple");
        await installation.CrashAsync();
        await using var restarted = installation.Beside();

        Assert.Equal("correct horse battery staple", restarted.Get<SecretBox>().UnprotectText(SecretKind.Variable, Place, sealedValue));
    }

    [Fact]
    public async Task Servers_that_share_a_database_share_the_keys()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.PostgreSql);
        await using var other = installation.Beside();
        var sealedValue = installation.Get<SecretBox>().Protect(SecretKind.Blob, Place, Encoding.UTF8.GetBytes("state"));

        Assert.Equal("state"u8, other.Get<SecretBox>().Unprotect(SecretKind.Blob, Place, sealedValue));
        await using var db = installation.Open();
        Assert.NotEmpty(await db.DataProtectionKeys.ToListAsync());
    }
}
