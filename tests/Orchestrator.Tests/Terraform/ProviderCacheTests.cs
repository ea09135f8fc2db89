using System.IO.Compression;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Terraform;
using Orchestrator.Terraform.Providers;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Terraform;

/// <summary>The real terraform installs a package that is no provider: its init only unpacks and compares it.</summary>
public sealed class ProviderCacheTests
{
    private const string Address = "registry.terraform.io/acme/thing";

    private const string Configuration = """
        terraform {
          required_providers {
            thing = { source = "acme/thing", version = "1.2.3" }
          }
        }
        """;

    private readonly FakeTimeProvider _clock = new(Installation.Start);

    [Fact]
    public async Task A_package_that_one_run_has_installed_is_shown_to_another_that_asks_for_exactly_it()
    {
        using var first = new Phase(sandboxed: true);
        await InstallAsync(first, "a provider");
        var cache = Cache(first, Phase.Bubblewrap);
        Assert.Equal("", await cache.OfferAsync(first.Directory));
        await cache.KeepAsync(first.Directory);
        var home = Assert.Single(Directory.GetDirectories(Root(first)));
        var locks = await File.ReadAllTextAsync(first.Directory.LockFile);
        Assert.Equal(Convert.ToHexStringLower(Convert.FromBase64String(Assert.Single(ProviderLock.Read(locks)).Hashes[0][3..])), Path.GetFileName(home));

        // No network, no other mirror: what it gets, it has from here.
        using var second = new Phase(Phase.Bubblewrap, data: first.Data.Root + "/../second");
        second.Configure(Configuration);
        await File.WriteAllTextAsync(second.Directory.LockFile, locks);
        await File.WriteAllTextAsync(second.Directory.CliConfiguration, "disable_checkpoint = true\n" + await cache.OfferAsync(second.Directory));
        Assert.True((await second.TerraformAsync("init", "-input=false", "-no-color")).Succeeded, second.Output);
        var place = $".terraform/providers/{Address}/1.2.3/{MachinePlatform.Name}";
        await second.ShellAsync($"cat {place}/terraform-provider-thing_v1.2.3 && echo; (echo altered > {place}/terraform-provider-thing_v1.2.3) 2>/dev/null || echo refused; rm -f {place}/* 2>/dev/null; ls {place}; ls {Root(first)}");
        Assert.Contains("a provider", second.Output, StringComparison.Ordinal);
        Assert.Contains("refused", second.Output, StringComparison.Ordinal);
        Assert.Equal("a provider", await File.ReadAllTextAsync(Path.Combine(home, "terraform-provider-thing_v1.2.3")));
        // It has nothing new.
        await cache.KeepAsync(second.Directory);
        Assert.Single(Directory.GetDirectories(Root(first)));
    }

    [Fact]
    public async Task A_run_reaches_no_other_with_what_it_leaves()
    {
        using var good = new Phase(sandboxed: true);
        await InstallAsync(good, "a provider");
        var locks = await File.ReadAllTextAsync(good.Directory.LockFile);

        // It says that its package is the other one.
        using var evil = new Phase(sandboxed: true);
        await InstallAsync(evil, "an evil one");
        await File.WriteAllTextAsync(evil.Directory.LockFile, locks);
        var cache = Cache(evil, Phase.Bubblewrap);
        await cache.KeepAsync(evil.Directory);
        Assert.Single(Directory.GetDirectories(Root(evil)));
        Assert.Equal("", await cache.OfferAsync(good.Directory));
        Assert.Equal("", await cache.OfferAsync(evil.Directory));

        // Links lead to where only this server may look.
        using var leading = new Phase(sandboxed: true);
        await InstallAsync(leading, "another");
        var package = Path.Combine(leading.Directory.Working, ".terraform", "providers", Address, "1.2.3", MachinePlatform.Name);
        File.CreateSymbolicLink(Path.Combine(package, "key"), "/etc/hostname");
        await Cache(leading, Phase.Bubblewrap).KeepAsync(leading.Directory);
        Assert.Empty(Directory.GetDirectories(Root(leading)));
        Directory.Move(Path.Combine(leading.Directory.Working, ".terraform"), Path.Combine(leading.Directory.Root, "moved"));
        Directory.CreateSymbolicLink(Path.Combine(leading.Directory.Working, ".terraform"), Path.Combine(leading.Directory.Root, "moved"));
        File.Delete(Path.Combine(leading.Directory.Root, "moved", "providers", Address, "1.2.3", MachinePlatform.Name, "key"));
        await Cache(leading, Phase.Bubblewrap).KeepAsync(leading.Directory);
        Assert.Empty(Directory.GetDirectories(Root(leading)));
    }

    [Fact]
    public async Task Without_a_sandbox_nothing_is_kept_and_what_nobody_uses_goes()
    {
        using var phase = new Phase(sandboxed: true);
        await InstallAsync(phase, "a provider");
        await Cache(phase, Phase.NoSandbox).KeepAsync(phase.Directory);
        await Cache(phase, Phase.Bubblewrap, new ProviderOptions { Cache = false }).KeepAsync(phase.Directory);
        Assert.False(Directory.Exists(Root(phase)));

        var old = Directory.CreateDirectory(Path.Combine(Root(phase), "old")).FullName;
        Directory.SetLastWriteTimeUtc(old, _clock.GetUtcNow().UtcDateTime - TimeSpan.FromDays(31));
        await Cache(phase, Phase.Bubblewrap).KeepAsync(phase.Directory);
        Assert.False(Directory.Exists(old));
        Assert.Single(Directory.GetDirectories(Root(phase)));
    }

    [Theory]
    [InlineData("provider \"registry.terraform.io/../../etc\" {\n  version = \"1.0.0\"\n}\n")]
    [InlineData("provider \"registry.terraform.io/acme/thing\" {\n  version = \"../..\"\n}\n")]
    [InlineData("provider \"registry.terraform.io/acme/thing\" {\n  hashes = []\n}\n")]
    [InlineData("")]
    public void A_lock_file_that_leads_elsewhere_chooses_nothing(string text) => Assert.Empty(ProviderLock.Read(text));

    private static string Root(Phase phase) => Path.Combine(phase.Data.Root, "providers");

    private ProviderCache Cache(Phase phase, Sandbox sandbox, ProviderOptions? options = null) =>
        new(phase.Data, sandbox, Options.Create(options ?? new ProviderOptions()), _clock, NullLogger<ProviderCache>.Instance);

    /// <summary>From an archive beside the configuration, which terraform unpacks.</summary>
    private static async Task InstallAsync(Phase phase, string content)
    {
        var mirror = Path.Combine(phase.Directory.Root, "elsewhere");
        var archive = Path.Combine(Directory.CreateDirectory(Path.Combine(mirror, Address)).FullName, $"terraform-provider-thing_1.2.3_{MachinePlatform.Name}.zip");
        using (var zip = ZipFile.Open(archive, ZipArchiveMode.Create))
        {
            foreach (var (name, text) in new[] { ("terraform-provider-thing_v1.2.3", content), ("LICENSE.txt", "free"), ("docs/a.md", "how to") })
            {
                var entry = zip.CreateEntry(name);
                entry.ExternalAttributes = Convert.ToInt32("100755", 8) << 16;
                await using var stream = entry.Open();
                await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text));
            }
        }
        phase.Configure(Configuration);
        await File.WriteAllTextAsync(phase.Directory.CliConfiguration, $$"""
            provider_installation {
              filesystem_mirror {
                path = "{{mirror}}"
              }
            }
            """);
        Assert.True((await phase.TerraformAsync("init", "-input=false", "-no-color")).Succeeded, phase.Output);
    }
}
