using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Orchestrator.Data;
using Orchestrator.Terraform;
using Orchestrator.Terraform.Engines;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Terraform;

public sealed class EngineStoreTests : IDisposable
{
    // Made by GnuPG, with a key of Curve25519: gpg --detach-sign.
    private const string GnuPgKey = """
        -----BEGIN PGP PUBLIC KEY BLOCK-----

        mDMEaweFKxYJKwYBBAHaRw8BAQdAf3P0E8sQrjLELwhoMOctKaITQRrtuP/UJv0E
        ks7UWI+0KFJlbGVhc2VzIDxyZWxlYXNlc0BvcmNoZXN0cmF0b3IuZXhhbXBsZT6I
        kAQTFggAOBYhBObYndyRFdCrb8hCQfcLBywER5qcBQJrB4UrAhsDBQsJCAcCBhUK
        CQgLAgQWAgMBAh4BAheAAAoJEPcLBywER5qcb3MBAPgJ3fMnXycIun3sAjl8Xa2E
        3dn12dXuaoI3kWBwkrIhAP9MJ8/MDHG5pqQ/8C8FROFOVlfFHx8HkgqswGGRcWW5
        BQ==
        =+DU5
        -----END PGP PUBLIC KEY BLOCK-----

        """;

    private const string GnuPgSignature =
        "iHUEABYIAB0WIQTm2J3ckRXQq2/IQkH3CwcsBEeanAUCaweFKwAKCRD3CwcsBEeanOcyAQChc0d6lkcO3BMXF29zw4gorJoybAnYtsAAAD2LZisBMgEA1+YU2I1Bwsn5dPS5eOpxN8enyO68MIQnXDUR2dEspA0=";

    private static readonly byte[] Program = "#!/bin/sh\necho \"works: $1\"\n"u8.ToArray();
    private static readonly TerraformEngine Installed = new("/usr/bin/terraform", "1.11.4");

    private readonly TemporaryDirectory _temporary = new();
    private readonly FakeTimeProvider _clock = new(Installation.Start);
    private readonly Releases _releases = new();
    private readonly EngineOptions _options;
    private readonly List<IDisposable> _open = [];

    public EngineStoreTests()
    {
        var keys = Path.Combine(_temporary.Path, "keys.asc");
        // Before the one that counts stands another, as after a change of keys.
        File.WriteAllText(keys, GnuPgKey + _releases.PublicKey);
        _options = new EngineOptions
        {
            Terraform = new EngineSource { Mirror = Releases.Address, KeyFile = keys },
            Tofu = new EngineSource { Mirror = Releases.Address + "/", KeyFile = keys },
        };
    }

    private string Engines => Path.Combine(_temporary.Path, "data", "engines");

    [Fact]
    public async Task An_engine_is_fetched_once_for_all_who_want_it_and_stays_for_the_next_process()
    {
        _releases.Publish(EngineKind.Terraform, "1.10.5", Program);
        var store = Store();

        var engines = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => store.ResolveAsync(EngineKind.Terraform, "1.10.5", CancellationToken.None)));

        var engine = Assert.Single(engines.Distinct());
        Assert.Equal(("1.10.5", EngineKind.Terraform), (engine.Version, engine.Kind));
        Assert.Single(_releases.Asked, path => path == Releases.ArchiveOf(EngineKind.Terraform, "1.10.5"));
        Assert.Equal(Program, await File.ReadAllBytesAsync(engine.Path));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Program)), Path.GetFileName(Path.GetDirectoryName(engine.Path)));
        Assert.False(File.GetUnixFileMode(engine.Path).HasFlag(UnixFileMode.UserWrite));
        Assert.Single(Directory.GetFileSystemEntries(Engines));
        using var phase = new Phase();
        await phase.RunAsync(engine, "really");
        Assert.Equal("works: really\n", phase.Output);

        var asked = _releases.Asked.Count;
        Assert.Equal(engine, await Store().ResolveAsync(EngineKind.Terraform, "v1.10.5", CancellationToken.None));
        Assert.Equal(asked, _releases.Asked.Count);
        // What somebody has altered is not used again.
        File.SetUnixFileMode(engine.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.AppendAllTextAsync(engine.Path, "echo altered\n");
        var again = await Store().ResolveAsync(EngineKind.Terraform, "1.10.5", CancellationToken.None);
        Assert.Equal(Program, await File.ReadAllBytesAsync(again.Path));
    }

    [Theory]
    [InlineData("not there", "There is no Terraform 1.10.5 in the mirror (https://mirror.example/releases/terraform/1.10.5/terraform_1.10.5_SHA256SUMS).")]
    [InlineData("not for this machine", "is not made for this machine")]
    [InlineData("another archive", "the signed list says")]
    [InlineData("other checksums", "does not hold: what it signs is something else")]
    [InlineData("another's signature", "which is not one of the pinned ones")]
    [InlineData("no signature", "The checksums are not signed")]
    [InlineData("noise", "does not hold: it is no signature")]
    [InlineData("away", "The mirror does not answer")]
    public async Task What_is_not_as_it_should_be_is_not_used_and_the_reason_told(string fault, string reason)
    {
        _releases.Publish(EngineKind.Terraform, "1.10.5", Program);
        var (archive, sums, signature) = (Releases.ArchiveOf(EngineKind.Terraform, "1.10.5"), Releases.SumsOf(EngineKind.Terraform, "1.10.5"), Releases.SignatureOf(EngineKind.Terraform, "1.10.5"));
        switch (fault)
        {
            case "not there":
                _releases[sums] = null;
                break;
            case "not for this machine":
                _releases[sums] = Encoding.ASCII.GetBytes($"{new string('0', 64)}  another.zip\n");
                _releases[signature] = _releases.Sign(_releases[sums]!);
                break;
            case "another archive":
                _releases[archive] = [.. _releases[archive]!, 0];
                break;
            case "other checksums":
                _releases[sums] = [.. _releases[sums]!, (byte)'\n'];
                break;
            case "another's signature":
                _releases[signature] = new Releases().Sign(_releases[sums]!);
                break;
            case "no signature":
                _releases[signature] = null;
                break;
            case "noise":
                _releases[signature] = "<html>signed, really</html>"u8.ToArray();
                break;
            default:
                _releases.IsAway = true;
                break;
        }
        var store = Store();

        var refused = await Assert.ThrowsAsync<EngineUnavailableException>(() => store.ResolveAsync(EngineKind.Terraform, "1.10.5", CancellationToken.None));

        Assert.StartsWith("The workspace asks for terraform 1.10.5, and this worker has 1.11.4. ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Engines));
        // The next run tries again.
        _releases.IsAway = false;
        _releases.Publish(EngineKind.Terraform, "1.10.5", Program);
        Assert.Equal("1.10.5", (await store.ResolveAsync(EngineKind.Terraform, "1.10.5", CancellationToken.None)).Version);
    }

    [Fact]
    public async Task A_wish_that_leaves_a_choice_is_met_by_what_is_here_or_by_the_newest_as_the_operator_says()
    {
        _releases.List(EngineKind.Terraform, "1.9.8", "1.10.0", "1.10.5", "1.12.0-beta1", "1.12.2", "2.0.0");
        foreach (var version in new[] { "1.9.8", "1.10.5", "1.12.2", "2.0.0" })
        {
            _releases.Publish(EngineKind.Terraform, version, Program);
        }
        Assert.Equal(Installed, await ResolveAsync("latest"));
        Assert.Equal(Installed, await ResolveAsync("~> 1.10"));
        Assert.Empty(_releases.Asked);
        Assert.Equal("1.10.5", (await ResolveAsync("~> 1.10.0")).Version);
        Assert.Equal("1.9.8", (await ResolveAsync("< 1.10")).Version);
        Assert.Contains("No version in the mirror", (await RefusedAsync("~> 3.0")).Message, StringComparison.Ordinal);

        _options.Fetch = EngineFetching.Newest;
        Assert.Equal(Installed, await ResolveAsync("1.11.4"));
        Assert.Equal(Installed, await ResolveAsync("< 1.12"));
        Assert.Equal("2.0.0", (await ResolveAsync("latest")).Version);
        _options.Terraform.Versions = ">= 1.10, < 2.0";
        Assert.Equal("1.12.2", (await ResolveAsync("latest")).Version);
        Assert.Contains("fetches only Terraform >= 1.10, < 2.0", (await RefusedAsync("1.9.8")).Message, StringComparison.Ordinal);
        Assert.Contains("No version in the mirror", (await RefusedAsync("< 1.10")).Message, StringComparison.Ordinal);

        // A list may name what the mirror cannot give just now.
        _options.Terraform.Versions = null;
        _releases.List(EngineKind.Terraform, "2.1.0");
        var halfAway = Store();
        await Assert.ThrowsAsync<EngineUnavailableException>(() => halfAway.ResolveAsync(EngineKind.Terraform, "> 2", CancellationToken.None));
        _releases.IsAway = true;
        Assert.Equal(Installed, await halfAway.ResolveAsync(EngineKind.Terraform, "latest", CancellationToken.None));
        _options.Terraform.Versions = ">= 1.10, < 2.0";

        // While the mirror is away, what was fetched before will do, and what is installed.
        _releases.IsAway = true;
        Assert.Equal("1.12.2", (await ResolveAsync("latest")).Version);
        Assert.Equal(Installed, await ResolveAsync("~> 1.11.0"));
        Assert.Contains("The mirror does not answer", (await RefusedAsync("~> 1.8.0")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_was_just_read_or_could_not_be_is_not_asked_for_by_every_run()
    {
        _releases.List(EngineKind.Terraform, "1.10.5").Publish(EngineKind.Terraform, "1.10.5", Program);
        var store = Store();
        Task ResolveAsync() => store.ResolveAsync(EngineKind.Terraform, "~> 1.10.0", CancellationToken.None);
        int Lists() => _releases.Asked.Count(path => path == "terraform/index.json");

        await ResolveAsync();
        await ResolveAsync();
        Assert.Equal(1, Lists());
        _clock.Advance(TimeSpan.FromMinutes(11));
        await ResolveAsync();
        Assert.Equal(2, Lists());
    }

    [Fact]
    public async Task Nothing_is_fetched_where_the_operator_says_so()
    {
        _options.Fetch = EngineFetching.Never;

        Assert.Equal(Installed, await ResolveAsync("latest"));
        Assert.Equal(
            "The workspace asks for terraform 1.10.5, and this worker has 1.11.4. Set the workspace's terraform version to '1.11.4' or 'latest', or install the other version on the workers.",
            (await RefusedAsync("1.10.5")).Message);
        Assert.Contains("OpenTofu latest, and this worker has none.", (await RefusedAsync("latest", EngineKind.Tofu)).Message, StringComparison.Ordinal);
        Assert.Empty(_releases.Asked);
    }

    [Fact]
    public async Task OpenTofu_comes_as_its_publisher_lays_it_out_and_only_with_its_key()
    {
        _releases.List(EngineKind.Tofu, "1.8.5", "1.9.1").Publish(EngineKind.Tofu, "1.9.1", Program);

        var tofu = await Store().ResolveAsync(EngineKind.Tofu, "~> 1.8", CancellationToken.None);
        Assert.Equal(("1.9.1", EngineKind.Tofu, "tofu"), (tofu.Version, tofu.Kind, Path.GetFileName(tofu.Path)));
        _options.Tofu.KeyFile = null;
        _releases.Publish(EngineKind.Tofu, "1.8.5", Program);
        Assert.Contains("Orchestrator__Engines__Tofu__KeyFile", (await RefusedAsync("1.8.5", EngineKind.Tofu)).Message, StringComparison.Ordinal);
        _options.Tofu.VerifySignature = false;
        Assert.Equal("1.8.5", (await Store().ResolveAsync(EngineKind.Tofu, "1.8.5", CancellationToken.None)).Version);
    }

    [Fact]
    public async Task What_no_run_has_used_for_long_is_removed_when_another_is_fetched()
    {
        _releases.Publish(EngineKind.Terraform, "1.9.8", Program).Publish(EngineKind.Terraform, "1.10.5", Program).Publish(EngineKind.Terraform, "1.12.2", Program);
        var store = Store();
        await store.ResolveAsync(EngineKind.Terraform, "1.9.8", CancellationToken.None);
        await store.ResolveAsync(EngineKind.Terraform, "1.10.5", CancellationToken.None);
        _clock.Advance(TimeSpan.FromDays(20));
        await store.ResolveAsync(EngineKind.Terraform, "1.10.5", CancellationToken.None);
        _clock.Advance(TimeSpan.FromDays(20));

        await store.ResolveAsync(EngineKind.Terraform, "1.12.2", CancellationToken.None);

        Assert.Equal(["terraform_1.10.5", "terraform_1.12.2"], Directory.GetDirectories(Engines).Select(Path.GetFileName).Order());
        Assert.True(File.Exists((await store.ResolveAsync(EngineKind.Terraform, "1.9.8", CancellationToken.None)).Path));
    }

    [Fact]
    public void Signatures_of_GnuPG_hold_and_HashiCorps_key_is_the_one_that_it_publishes()
    {
        Assert.Null(ReleaseSignature.FaultOf("checksums\n"u8.ToArray(), Convert.FromBase64String(GnuPgSignature), GnuPgKey));
        Assert.NotNull(ReleaseSignature.FaultOf("checksum\n"u8.ToArray(), Convert.FromBase64String(GnuPgSignature), GnuPgKey));
        Assert.Contains("not one of the pinned ones", ReleaseSignature.FaultOf("checksums\n"u8.ToArray(), Convert.FromBase64String(GnuPgSignature), ReleaseSignature.HashiCorp), StringComparison.Ordinal);

        using var stream = PgpUtilities.GetDecoderStream(new MemoryStream(Encoding.ASCII.GetBytes(ReleaseSignature.HashiCorp)));
        var key = Assert.Single(new PgpPublicKeyRingBundle(stream).GetKeyRings()).GetPublicKey();
        Assert.Equal("C874011F0AB405110D02105534365D9472D7468F", Convert.ToHexString(key.GetFingerprint()));
    }

    [Fact]
    public void Wrong_settings_are_sentences()
    {
        var wrong = Path.Combine(_temporary.Path, "wrong");
        File.WriteAllText(wrong, "no key");
        var failures = new EngineOptionsValidation().Validate(null, new EngineOptions
        {
            Terraform = new EngineSource { Mirror = "releases.example", Versions = "new ones" },
            Tofu = new EngineSource { Index = "ftp://mirror.example/api.json", KeyFile = wrong },
        }).Failures!.ToArray();

        Assert.Equal(4, failures.Length);
        Assert.Contains("Orchestrator__Engines__Terraform__Mirror is not an address", failures[0], StringComparison.Ordinal);
        Assert.Contains("Orchestrator__Engines__Tofu__KeyFile: ", failures[3], StringComparison.Ordinal);
        Assert.True(new EngineOptionsValidation().Validate(null, _options).Succeeded);
    }

    public void Dispose()
    {
        _open.ForEach(one => one.Dispose());
        _temporary.Dispose();
    }

    private Task<TerraformEngine> ResolveAsync(string wanted) => Store().ResolveAsync(EngineKind.Terraform, wanted, CancellationToken.None);

    private Task<EngineUnavailableException> RefusedAsync(string wanted, EngineKind kind = EngineKind.Terraform) =>
        Assert.ThrowsAsync<EngineUnavailableException>(() => Store().ResolveAsync(kind, wanted, CancellationToken.None));

    /// <summary>As another process would have it, on the same data directory.</summary>
    private EngineStore Store()
    {
        var data = DataDirectory.Beside(new DataOptions { DataDirectory = Path.Combine(_temporary.Path, "data") });
        var store = new EngineStore(
            Installed, Options.Create(new TerraformOptions { TofuPath = "/nowhere/tofu" }), Options.Create(_options), data, Phase.NoSandbox, _clock, _releases.Transport);
        _open.Add(store);
        return store;
    }
}
