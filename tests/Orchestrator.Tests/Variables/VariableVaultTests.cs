using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Tests.Support;
using Orchestrator.Variables;

namespace Orchestrator.Tests.Variables;

public sealed class VariableVaultTests
{
    private const string Value = "correct horse battery staple";

    [Theory, EachDatabase]
    public async Task Nothing_of_a_value_can_be_read_in_its_row(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        await installation.VariableAsync(workspace.Id, "passphrase", Value);

        await using var db = installation.Open();
        var row = await db.Variables.AsNoTracking().SingleAsync();

        Assert.Equal(-1, row.ProtectedValue.AsSpan().IndexOf("horse"u8));
        var texts = db.Entry(row).Properties.Select(property => property.CurrentValue).OfType<string>();
        Assert.DoesNotContain(texts, text => text.Contains("horse", StringComparison.Ordinal));
    }

    [Theory, EachDatabase]
    public async Task A_plain_value_is_shown_and_a_sensitive_one_never(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        await installation.VariableAsync(workspace.Id, "plain", Value);
        await installation.VariableAsync(workspace.Id, "sensitive", Value, sensitive: true);

        await using var db = installation.Open();
        var rows = await db.Variables.AsNoTracking().ToDictionaryAsync(row => row.Key);

        Assert.Equal(Value, installation.Get<VariableVault>().Show(rows["plain"]));
        Assert.Null(installation.Get<VariableVault>().Show(rows["sensitive"]));
    }

    [Theory, EachDatabase]
    public async Task A_value_cannot_be_opened_as_another_kind_of_secret(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        await installation.VariableAsync(workspace.Id, "sensitive", Value, sensitive: true);
        await using var db = installation.Open();
        var row = await db.Variables.AsNoTracking().SingleAsync();

        Assert.All([SecretKind.Blob, SecretKind.RunLog, SecretKind.SigningKey], kind =>
            Assert.Throws<CryptographicException>(() => installation.Get<SecretBox>().Unprotect(kind, row.Id.Value, row.ProtectedValue)));
    }

    [Fact]
    public void A_variable_does_not_tell_its_value_when_it_is_printed()
    {
        var variable = new PlainVariable("passphrase", VariableCategory.Env, Value, Hcl: false, Sensitive: true);

        Assert.Equal("env variable passphrase", variable.ToString());
        Assert.Equal("env variable passphrase", $"{variable}");
    }
}
