using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Data;
using Orchestrator.Data.Audit;
using Orchestrator.Data.Blobs;
using Orchestrator.Data.Secrets;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;
using Orchestrator.Variables;

namespace Orchestrator.Tests.Data;

public sealed class SecretStorageTests
{
    private const string Secret = "correct horse battery staple";

    [Theory, EachDatabase]
    public void Every_column_of_text_or_bytes_is_sealed_or_known_to_be_plain(DatabaseProvider provider)
    {
        var model = DataModel.For(provider);

        Assert.Empty(SecretCheck.UnknownColumns(model));
        // And what is called protected is sealed, and encrypted anew when the key ring is.
        Assert.Equal(
            from entity in model.GetEntityTypes()
            from property in entity.GetProperties()
            where property.Name.StartsWith("Protected", StringComparison.Ordinal)
            select $"{entity.GetTableName()}.{property.Name}" into name
            orderby name
            select name,
            SealedColumn.All.Select(column => column.ToString()).Where(name => name.Contains(".Protected", StringComparison.Ordinal)).Order());
    }

    [Theory, EachDatabase]
    public async Task A_rotation_encrypts_everything_anew_and_the_older_keys_can_go(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (workspace, blob) = await PlantAsync(installation);
        var before = await KeysInUseAsync(installation);

        var result = await RotateAsync(installation, newKey: true, deleteOld: true);

        Assert.Empty(result.Left);
        Assert.True(result.Encrypted >= 4);
        Assert.Equal([result.Key], await KeysInUseAsync(installation));
        Assert.DoesNotContain(result.Key, before);
        Assert.True(result.Deleted >= 1);
        installation.Get<KeyRing>().Refresh();
        Assert.Empty(installation.Get<KeyRing>().OlderThan(installation.Get<KeyRing>().Youngest()!));
        Assert.Equal(Secret, (await installation.Get<WorkspaceVariables>().OpenAsync(workspace, CancellationToken.None)).Single().Value);
        Assert.Equal(Secret, Encoding.UTF8.GetString((await installation.Get<IBlobStore>().ReadAsync(blob, CancellationToken.None))!));
        Assert.True((await installation.Get<AuditVerification>().VerifyAsync(null, CancellationToken.None)).IsWhole);
        Assert.Equal(0, (await RotateAsync(installation, newKey: false, deleteOld: false)).Encrypted);
    }

    [Fact]
    public async Task A_server_that_goes_on_serving_reads_what_another_process_has_encrypted_anew()
    {
        await using var serving = await Installation.CreateAsync(DatabaseProvider.PostgreSql);
        var (workspace, blob) = await PlantAsync(serving);
        await using var rotating = serving.Beside();

        var result = await RotateAsync(rotating, newKey: true, deleteOld: true);
        // As its watch does.
        serving.Get<KeyRing>().Refresh();

        Assert.Equal(Secret, (await serving.Get<WorkspaceVariables>().OpenAsync(workspace, CancellationToken.None)).Single().Value);
        Assert.Equal(Secret, Encoding.UTF8.GetString((await serving.Get<IBlobStore>().ReadAsync(blob, CancellationToken.None))!));
        await Wait.UntilAsync(() => KeyRing.KeyOf(serving.Get<SecretBox>().Protect(SecretKind.Blob, "x", Secret)) == result.Key);
    }

    [Fact]
    public async Task Everybody_who_asks_in_the_moment_after_another_process_has_changed_the_key_gets_an_answer_without_waiting()
    {
        await using var serving = await Installation.CreateAsync(DatabaseProvider.PostgreSql);
        var box = serving.Get<SecretBox>();
        box.Protect(SecretKind.Blob, "x", Secret);
        await using var rotating = serving.Beside();
        var key = rotating.Get<KeyRing>().Create(TimeSpan.Zero).KeyId;
        rotating.Get<KeyRing>().Refresh();
        await Wait.UntilAsync(() => KeyRing.KeyOf(rotating.Get<SecretBox>().Protect(SecretKind.Blob, "x", Secret)) == key);
        var values = Enumerable.Range(0, 20).Select(number => rotating.Get<SecretBox>().Protect(SecretKind.Blob, $"{number}", Secret)).ToArray();

        Parallel.For(0, values.Length, number => Assert.Equal(Secret, box.UnprotectText(SecretKind.Blob, $"{number}", values[number])));

        // What is altered, or of a key that nobody has, stays closed.
        values[0][^1] ^= 1;
        Assert.ThrowsAny<CryptographicException>(() => box.Unprotect(SecretKind.Blob, "0", values[0]));
        values[1][4] ^= 1;
        Assert.ThrowsAny<CryptographicException>(() => box.Unprotect(SecretKind.Blob, "1", values[1]));
        Assert.ThrowsAny<CryptographicException>(() => box.Unprotect(SecretKind.Blob, "3", values[2]));
    }

    [Theory, EachDatabase]
    public async Task A_value_from_before_places_counted_is_read_reported_and_bound_by_a_rotation(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (workspace, _) = await PlantAsync(installation);
        var unbound = installation.Get<IDataProtectionProvider>().CreateProtector("Orchestrator.Variables.v1").Protect(Encoding.UTF8.GetBytes("from before"));
        await using var db = installation.Open();
        await db.Variables.ExecuteUpdateAsync(set => set.SetProperty(row => row.ProtectedValue, unbound));

        Assert.Equal("from before", (await installation.Get<WorkspaceVariables>().OpenAsync(workspace, CancellationToken.None)).Single().Value);
        Assert.Contains((await CheckAsync(installation)).Notes, note => note.Contains("not bound", StringComparison.Ordinal));

        await RotateAsync(installation, newKey: true, deleteOld: false);

        Assert.DoesNotContain((await CheckAsync(installation)).Notes, note => note.Contains("not bound", StringComparison.Ordinal));
        Assert.Equal("from before", (await installation.Get<WorkspaceVariables>().OpenAsync(workspace, CancellationToken.None)).Single().Value);
    }

    [Theory, EachDatabase]
    public async Task The_check_finds_what_is_in_the_clear_what_was_moved_and_what_was_written_where_everybody_reads(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (workspace, _) = await PlantAsync(installation);
        var clean = await CheckAsync(installation);
        Assert.DoesNotContain(clean.InTheClear, found => !found.StartsWith("The key ring", StringComparison.Ordinal));
        Assert.True(clean.Values >= 2 && clean.Texts > 0);

        await installation.VariableAsync(workspace, "another", "of another row");
        await using var db = installation.Open();
        var rows = await db.Variables.AsNoTracking().OrderBy(row => row.Key).ToListAsync();
        await db.Variables.Where(row => row.Id == rows[0].Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.ProtectedValue, rows[1].ProtectedValue));
        await db.Workspaces.ExecuteUpdateAsync(set => set.SetProperty(row => row.Description, $"The password is {Secret}."));
        await db.Projects.ExecuteUpdateAsync(set => set.SetProperty(row => row.Description, "-----BEGIN RSA PRIVATE KEY-----"));

        var found = (await CheckAsync(installation)).InTheClear;

        Assert.Contains(found, text => text.StartsWith($"Variables.ProtectedValue of {rows[0].Id} cannot be opened", StringComparison.Ordinal));
        Assert.Contains("Workspaces.Description holds the value of a sensitive variable, a key, or a token.", found);
        Assert.Contains("Projects.Description holds something that looks like a private key or a token.", found);
        Assert.DoesNotContain(found, text => text.Contains(Secret, StringComparison.Ordinal));
        await db.Variables.Where(row => row.Id == rows[1].Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.ProtectedValue, Encoding.UTF8.GetBytes(Secret)));
        Assert.Contains($"Variables.ProtectedValue of {rows[1].Id} is not encrypted.", (await CheckAsync(installation)).InTheClear);
    }

    [Theory]
    [InlineData("KeyFile")]
    [InlineData("Pem")]
    [InlineData("EncryptedPem")]
    [InlineData("Pkcs12")]
    public void A_wrapped_key_ring_opens_with_what_wraps_it_and_with_nothing_else(string kind)
    {
        using var directory = new TemporaryDirectory();
        var wrapping = Wrapping(kind, directory.Path, "one");
        byte[] sealedValue;
        using (var services = Services(directory.Path, wrapping))
        {
            sealedValue = services.GetRequiredService<SecretBox>().Protect(SecretKind.Blob, "place", Secret);
        }

        var ring = string.Concat(Directory.EnumerateFiles(Path.Combine(directory.Path, "keys")).Select(File.ReadAllText));
        Assert.DoesNotContain("<value>", ring, StringComparison.Ordinal);
        using (var again = Services(directory.Path, wrapping))
        {
            Assert.Equal(Secret, again.GetRequiredService<SecretBox>().UnprotectText(SecretKind.Blob, "place", sealedValue));
        }
        using (var without = Services(directory.Path, []))
        {
            Assert.ThrowsAny<Exception>(() => without.GetRequiredService<SecretBox>().Unprotect(SecretKind.Blob, "place", sealedValue));
        }
        // Another one wraps from now on; the one before is still read.
        var other = Wrapping("KeyFile", directory.Path, "two");
        using (var rotated = Services(directory.Path, [.. other, .. wrapping.Select(setting => ($"Old:0:{setting.Name}", setting.Value))]))
        {
            Assert.Equal(Secret, rotated.GetRequiredService<SecretBox>().UnprotectText(SecretKind.Blob, "place", sealedValue));
            rotated.GetRequiredService<KeyRing>().Create(TimeSpan.Zero);
        }
        Assert.Single(Directory.EnumerateFiles(Path.Combine(directory.Path, "keys")), file => File.ReadAllText(file).Contains("wrappedByKeyFile", StringComparison.Ordinal)
            && File.ReadAllText(file).Contains($"file=\"{KeyFile.Read(other[0].Value).Fingerprint}\"", StringComparison.Ordinal));
    }

    [Fact]
    public void What_cannot_wrap_the_key_ring_is_refused_with_a_sentence()
    {
        using var directory = new TemporaryDirectory();
        var shortFile = Path.Combine(directory.Path, "short");
        File.WriteAllBytes(shortFile, new byte[8]);

        Assert.Contains("8 bytes", Assert.Throws<KeyRingException>(() => Services(directory.Path, [("KeyFile", shortFile)])).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", Assert.Throws<KeyRingException>(() => Services(directory.Path, [("KeyFile", "/nowhere/at/all")])).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be used", Assert.Throws<KeyRingException>(() => Services(directory.Path, [("CertificatePath", shortFile)])).Message, StringComparison.Ordinal);
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=test", ecdsa, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90));
        File.WriteAllText(Path.Combine(directory.Path, "ec.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(directory.Path, "ec.key"), ecdsa.ExportPkcs8PrivateKeyPem());
        Assert.Contains("no RSA private key", Assert.Throws<KeyRingException>(() => Services(
            directory.Path, [("CertificatePath", Path.Combine(directory.Path, "ec.pem")), ("KeyPath", Path.Combine(directory.Path, "ec.key"))])).Message, StringComparison.Ordinal);
    }

    private static async Task<(WorkspaceId Workspace, BlobKey Blob)> PlantAsync(Installation installation)
    {
        var workspace = await installation.ReadyWorkspaceAsync();
        await installation.VariableAsync(workspace.Id, "password", Secret, sensitive: true);
        var blob = BlobKey.State(Identifier.New<StateVersionId>());
        await installation.Get<IBlobStore>().WriteAsync(blob, Encoding.UTF8.GetBytes(Secret), CancellationToken.None);
        var claim = await installation.ClaimAsync((await installation.QueueAsync(workspace.Id)).Id);
        await using (var log = await installation.Get<Orchestrator.RunLogs.RunLogStore>().OpenAsync(claim.Run.Id, "plan", claim.Run.ClaimedBy!, CancellationToken.None))
        {
            await log.WriteLineAsync("a line", CancellationToken.None);
        }
        await installation.Get<AuditTrail>().RecordAsync(AuditRecord.OfPlatform(Installation.Start, "create", "thing", "one"), CancellationToken.None);
        return (workspace.Id, blob);
    }

    private static Task<RotationResult> RotateAsync(Installation installation, bool newKey, bool deleteOld) =>
        installation.Get<SecretRotation>().RotateAsync(
            resume: !newKey, deleteOld, wait: null, CancellationToken.None);

    private static Task<SecretReport> CheckAsync(Installation installation) =>
        installation.Get<SecretCheck>().CheckAsync(CancellationToken.None);

    private static async Task<IReadOnlyList<Guid>> KeysInUseAsync(Installation installation)
    {
        var keys = new HashSet<Guid>();
        await using var db = installation.Open();
        foreach (var column in SealedColumn.All)
        {
            await foreach (var value in column.ReadAsync(db, null, CancellationToken.None))
            {
                keys.Add(KeyRing.KeyOf(value.Value)!.Value);
            }
        }
        foreach (var (path, _, _) in SealedFiles.All(installation.Get<DataDirectory>()))
        {
            keys.Add(KeyRing.KeyOf(await File.ReadAllBytesAsync(path))!.Value);
        }
        return [.. keys];
    }

    private static (string Name, string Value)[] Wrapping(string kind, string directory, string name)
    {
        var path = Path.Combine(directory, name);
        if (kind == "KeyFile")
        {
            File.WriteAllBytes(path, RandomNumberGenerator.GetBytes(64));
            return [("KeyFile", path)];
        }
        using var rsa = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=key ring", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            // Long over: that does not matter.
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(1));
        if (kind == "Pkcs12")
        {
            File.WriteAllBytes(path, certificate.Export(X509ContentType.Pkcs12, "a password"));
            return [("CertificatePath", path), ("Password", "a password")];
        }
        File.WriteAllText(path + ".pem", certificate.ExportCertificatePem());
        File.WriteAllText(path + ".key", kind == "Pem"
            ? rsa.ExportPkcs8PrivateKeyPem()
            : rsa.ExportEncryptedPkcs8PrivateKeyPem("a password", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        return [("CertificatePath", path + ".pem"), ("KeyPath", path + ".key"), .. kind == "Pem" ? [] : new[] { ("Password", "a password") }];
    }

    private static ServiceProvider Services(string directory, (string Name, string Value)[] settings)
    {
        var section = new ConfigurationBuilder().AddInMemoryCollection(
        [
            KeyValuePair.Create("Orchestrator:DataDirectory", (string?)directory),
            .. settings.Select(setting => KeyValuePair.Create($"Orchestrator:KeyRing:{setting.Name}", (string?)setting.Value)),
        ]).Build().GetSection("Orchestrator");
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddData(section);
        return services.BuildServiceProvider();
    }
}
