using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Terraform;
using Orchestrator.Vcs;
using Orchestrator.Vcs.Git;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Vcs;

/// <summary>Git against repositories and servers whose owners mean no good, over real HTTP and real SSH.</summary>
public sealed class GitFetcherTests
{
    private const UnixFileMode Runs = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    [Fact]
    public async Task Every_file_of_the_commit_comes_as_it_is_and_nothing_of_it_is_acted_on()
    {
        var fetcher = await FetcherAsync();
        await using var host = await CodeHost.StartAsync();
        var repository = await host.CreateAsync("acme/evil");
        var trace = Path.Combine(Path.GetTempPath(), $"orchestrator-acted-{Guid.NewGuid():N}");
        await File.WriteAllTextAsync(repository.PathOf("main.tf"), "# $Format:%H$ $Id$\n");
        await File.WriteAllTextAsync(repository.PathOf("secret.tf"), "# left out of exports\n");
        // Attributes would leave a file out, run a filter and write the commit's name; hooks and settings would run.
        await File.WriteAllTextAsync(repository.PathOf(".gitattributes"), "secret.tf export-ignore\nmain.tf export-subst filter=evil text eol=lf ident\n");
        await File.WriteAllTextAsync(repository.PathOf(".gitmodules"), $"[submodule \"x\"]\n  path = x\n  url = ext::sh -c \"touch {trace}\"\n");
        Directory.CreateDirectory(repository.PathOf("hooks"));
        foreach (var hook in new[] { "hooks/post-checkout", "hooks/reference-transaction", "post-checkout" })
        {
            await File.WriteAllTextAsync(repository.PathOf(hook), $"#!/bin/sh\ntouch {trace}\n");
            File.SetUnixFileMode(repository.PathOf(hook), Runs);
        }
        await File.WriteAllTextAsync(repository.PathOf("config"), $"[core]\n  fsmonitor = touch {trace}\n  sshCommand = touch {trace}\n");
        var commit = await repository.CommitAsync("Evil", "main");
        Environment.SetEnvironmentVariable("GIT_HTTP_USER_AGENT", "inherited");

        var fetched = await fetcher.FetchAsync(Source(host, repository), commit, "refs/heads/main", submodules: false, CancellationToken.None);

        var files = FilesOf(fetched.Archive);
        Assert.Equal("# $Format:%H$ $Id$\n", files["main.tf"]);
        Assert.Equal("# left out of exports\n", files["secret.tf"]);
        Assert.False(File.Exists(trace));
        Assert.Equal(("Evil", "Ada"), (fetched.Message, fetched.Author));
        // No variable of the server's reaches git.
        Assert.All(host.Agents, agent => Assert.StartsWith("git/", agent, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ext::sh -c touch")]
    [InlineData("file:///etc")]
    [InlineData("/etc")]
    [InlineData("--upload-pack=touch")]
    [InlineData("ssh://-oProxyCommand=touch/x")]
    [InlineData("https://user:password@host.example/x")]
    [InlineData("git://127.0.0.1/x")]
    public async Task A_submodule_leads_nowhere_but_to_a_plain_address(string url)
    {
        var fetcher = await FetcherAsync();
        await using var host = await CodeHost.StartAsync();
        var repository = await host.CreateAsync("acme/evil");
        await repository.RunAsync("checkout", "-q", "-B", "main");
        await File.WriteAllTextAsync(repository.PathOf(".gitmodules"), $"[submodule \"x\"]\n  path = x\n  url = \"{url}\"\n");
        await repository.RunAsync("update-index", "--add", "--cacheinfo", $"160000,{new string('1', 40)},x");
        await repository.RunAsync("add", ".gitmodules");
        await repository.RunAsync("commit", "-q", "-m", "Evil");
        await repository.RunAsync("push", "-q", "origin", "main");
        var commit = (await repository.RunAsync("rev-parse", "HEAD")).Trim();

        var problem = await Assert.ThrowsAsync<VcsProblem>(() => fetcher.FetchAsync(Source(host, repository), commit, "refs/heads/main", submodules: true, CancellationToken.None));

        Assert.Contains("submodule at 'x'", problem.Message, StringComparison.Ordinal);
        // Left alone where nobody has asked for submodules.
        await fetcher.FetchAsync(Source(host, repository), commit, "refs/heads/main", submodules: false, CancellationToken.None);
    }

    [Fact]
    public async Task Submodules_come_at_their_commits_when_they_are_asked_for()
    {
        var fetcher = await FetcherAsync();
        await using var host = await CodeHost.StartAsync();
        var inner = await host.CreateAsync("acme/modules");
        var pinned = await inner.PushAsync("One", "main", ("tags/main.tf", "# one"));
        await inner.PushAsync("Two", "main", ("tags/main.tf", "# two"));
        var repository = await host.CreateAsync("acme/outer");
        await repository.PushAsync("Begin", "main", ("main.tf", ""));
        await File.WriteAllTextAsync(repository.PathOf(".gitmodules"), "[submodule \"modules\"]\n  path = modules\n  url = ../modules.git\n");
        await repository.RunAsync("update-index", "--add", "--cacheinfo", $"160000,{pinned},modules");
        await repository.RunAsync("add", ".gitmodules");
        await repository.RunAsync("commit", "-q", "-m", "Add modules");
        await repository.RunAsync("push", "-q", "origin", "main");
        var commit = (await repository.RunAsync("rev-parse", "HEAD")).Trim();

        var files = FilesOf((await fetcher.FetchAsync(Source(host, repository), commit, null, submodules: true, CancellationToken.None)).Archive);

        Assert.Equal("# one", files["modules/tags/main.tf"]);
        Assert.True(files.ContainsKey("main.tf"));
    }

    [Fact]
    public async Task Tokens_do_not_follow_a_redirect_and_stand_in_no_message()
    {
        var fetcher = await FetcherAsync();
        await using var elsewhere = await CodeHost.StartAsync();
        await using var host = await CodeHost.StartAsync();
        var repository = await host.CreateAsync("acme/moved");
        var seen = new List<string>();
        elsewhere.Trouble = context =>
        {
            seen.Add(context.Request.Headers.Authorization.ToString());
            return false;
        };
        host.Trouble = context =>
        {
            context.Response.Redirect(elsewhere.Address + context.Request.Path + context.Request.QueryString);
            return true;
        };

        var moved = await Assert.ThrowsAsync<VcsProblem>(() => fetcher.ListAsync(Source(host, repository), CancellationToken.None));
        host.Trouble = context =>
        {
            context.Response.StatusCode = 401;
            return true;
        };
        var refused = await Assert.ThrowsAsync<VcsProblem>(() => fetcher.ListAsync(Source(host, repository), CancellationToken.None));

        Assert.Empty(seen);
        Assert.Contains("elsewhere", moved.Message, StringComparison.Ordinal);
        Assert.Contains("did not let git in", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(host.Token, moved.Message + refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_commit_that_was_forced_away_a_repository_that_vanished_and_a_host_in_trouble_are_told_apart()
    {
        var fetcher = await FetcherAsync();
        await using var host = await CodeHost.StartAsync();
        var repository = await host.CreateAsync("acme/gone");
        await repository.PushAsync("Begin", "main", ("main.tf", ""));

        var gone = await Assert.ThrowsAsync<VcsProblem>(() => fetcher.FetchAsync(Source(host, repository), new string('a', 40), "refs/heads/main", false, CancellationToken.None));
        var vanished = await Assert.ThrowsAsync<VcsProblem>(() => fetcher.ListAsync(GitSource.Http($"{host.Address}/acme/nothing.git", "git", host.Token), CancellationToken.None));
        host.Trouble = context =>
        {
            context.Response.StatusCode = 503;
            return true;
        };
        var trouble = await Assert.ThrowsAsync<VcsProblem>(() => fetcher.ListAsync(Source(host, repository), CancellationToken.None));

        Assert.Contains("forced push", gone.Message, StringComparison.Ordinal);
        Assert.Contains("no such repository", vanished.Message, StringComparison.Ordinal);
        Assert.Contains("could not be reached", trouble.Message, StringComparison.Ordinal);
        Assert.Equal((VcsProblem.Seldom, VcsProblem.Seldom, VcsProblem.Often), (gone.Attempts, vanished.Attempts, trouble.Attempts));
        Assert.Null(await fetcher.CompareAsync(Source(host, repository), new string('a', 40), new string('b', 40), CancellationToken.None).ContinueWith(done => done.IsFaulted ? null : done.Result));
    }

    [Fact]
    public async Task What_is_too_large_or_takes_too_long_or_is_inside_is_given_up()
    {
        var root = Directory.CreateTempSubdirectory("orchestrator-fetch-").FullName;
        var data = new DataDirectory(Options.Create(new DataOptions { DataDirectory = root }));
        await using var host = await CodeHost.StartAsync();
        var repository = await host.CreateAsync("acme/large");
        var noise = new byte[3 * 1024 * 1024];
        new Random(7).NextBytes(noise);
        await repository.RunAsync("checkout", "-q", "-B", "main");
        await File.WriteAllBytesAsync(repository.PathOf("noise.tf"), noise);
        var commit = await repository.CommitAsync("Noise", "main");
        async Task<string> WhyAsync(VcsOptions options) => (await Assert.ThrowsAsync<VcsProblem>(async () =>
            await new GitFetcher(data, new GitSandbox(data, await SandboxAsync()), Options.Create(options), TimeProvider.System).FetchAsync(Source(host, repository), commit, null, false, CancellationToken.None))).Message;

        Assert.Contains("MaxArchiveBytes", await WhyAsync(new VcsOptions { AllowHttp = true, AllowPrivateAddresses = true, MaxArchiveBytes = 1024 * 1024 }), StringComparison.Ordinal);
        Assert.Equal(
            "The repository is larger than 1 MiB, which is the most that is fetched (Orchestrator__Vcs__MaxFetchBytes).",
            await WhyAsync(new VcsOptions { AllowHttp = true, AllowPrivateAddresses = true, MaxFetchBytes = 1024 * 1024 }));
        Assert.Contains("AllowPrivateAddresses", await WhyAsync(new VcsOptions { AllowHttp = true }), StringComparison.Ordinal);
        Assert.Contains("AllowHttp", await WhyAsync(new VcsOptions { AllowPrivateAddresses = true }), StringComparison.Ordinal);
        host.Trouble = context =>
        {
            context.RequestAborted.WaitHandle.WaitOne();
            return true;
        };
        Assert.Contains("FetchTimeout", await WhyAsync(new VcsOptions { AllowHttp = true, AllowPrivateAddresses = true, FetchTimeout = TimeSpan.FromSeconds(1) }), StringComparison.Ordinal);
        // Nothing of all that is left.
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(root, "vcs")));
        Directory.Delete(root, recursive: true);
    }

    /// <summary>Git refuses to make such objects, but not to send them.</summary>
    [Fact]
    public async Task An_object_that_was_made_to_mislead_git_is_refused()
    {
        var fetcher = await FetcherAsync();
        await using var host = await CodeHost.StartAsync();
        var repository = await host.CreateAsync("acme/forged");
        await repository.PushAsync("Begin", "main", ("main.tf", ""));
        var blob = Convert.FromHexString((await repository.RunAsync("rev-parse", "HEAD:main.tf")).Trim());
        byte[] entry = [.. "100644 main.tf\0"u8, .. blob];
        await File.WriteAllBytesAsync(repository.PathOf("forged"), [.. entry, .. entry]);
        var tree = (await repository.RunAsync("hash-object", "-t", "tree", "--literally", "-w", repository.PathOf("forged"))).Trim();
        var commit = (await repository.RunAsync("commit-tree", "-m", "Two files of one name", tree)).Trim();
        await repository.RunAsync("push", "-q", "origin", $"{commit}:refs/heads/forged");

        var problem = await Assert.ThrowsAsync<VcsProblem>(() => fetcher.FetchAsync(Source(host, repository), commit, "refs/heads/forged", false, CancellationToken.None));

        Assert.Contains("mislead git", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Git_works_where_it_sees_neither_the_servers_data_nor_anything_to_write_to_but_its_own_directory()
    {
        var platform = await SharedPlatforms.OfAsync();
        Assert.SkipUnless(platform.Get<Sandbox>().IsActive, "bubblewrap does not work here: apt-get install bubblewrap.");
        var data = await DataAsync();
        var own = Directory.CreateDirectory(Path.Combine(data.Root, "vcs", "looking")).FullName;
        var (program, arguments) = platform.Get<IGitSandbox>().Wrap(
            ["/bin/sh", "-c", "ls -A \"$1\" \"$1/vcs\"; echo x > \"$2/mine\" && echo wrote; touch \"$1/vcs/x\" /usr/x \"$HOME/x\" 2>/dev/null; ls -d /proc/[0-9]* | wc -l", "look", data.Root, own], own);
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;

        var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith($"{data.Root}:\nvcs\n\n{data.Root}/vcs:\nlooking\nwrote\n", said, StringComparison.Ordinal);
        // bubblewrap, the shell, and what counts: none of this machine's.
        Assert.InRange(int.Parse(said.Split('\n')[^2], System.Globalization.CultureInfo.InvariantCulture), 1, 6);
        Assert.False(File.Exists(Path.Combine(data.Root, "vcs", "x")) || File.Exists("/usr/x"));
        Assert.True(File.Exists(Path.Combine(own, "mine")));
        Directory.Delete(own, recursive: true);
    }

    [Fact]
    public async Task Over_ssh_the_host_must_show_the_key_that_is_known_and_takes_the_connections_own()
    {
        var fetcher = await FetcherAsync();
        await using var server = await GitServer.StartAsync();
        await server.CommitAsync("main.tf", "# by ssh");
        var references = await fetcher.ListAsync(GitSource.Ssh(server.Address, server.ClientKey, server.KnownHosts), CancellationToken.None);
        var commit = references.Branches[references.DefaultBranch!];

        var fetched = await fetcher.FetchAsync(GitSource.Ssh(server.Address, server.ClientKey, server.KnownHosts), commit, null, false, CancellationToken.None);

        Assert.Equal("# by ssh", FilesOf(fetched.Archive)["main.tf"]);
        var other = server.KnownHosts[..^12] + new string('A', 12);
        Assert.Contains("host key", (await Assert.ThrowsAsync<VcsProblem>(() => fetcher.ListAsync(GitSource.Ssh(server.Address, server.ClientKey, other), CancellationToken.None))).Message, StringComparison.Ordinal);
        Assert.Contains("did not take", (await Assert.ThrowsAsync<VcsProblem>(() => fetcher.ListAsync(GitSource.Ssh(server.Address, Organizations.SshKeyTests.Key + "\n", server.KnownHosts), CancellationToken.None))).Message, StringComparison.Ordinal);
        Assert.Contains("known-hosts", (await Assert.ThrowsAsync<VcsProblem>(() => fetcher.ListAsync(GitSource.Ssh(server.Address, server.ClientKey, null), CancellationToken.None))).Message, StringComparison.Ordinal);
    }

    private static GitSource Source(CodeHost host, TestRepository repository) => GitSource.Http($"{host.Address}/{repository.Name}.git", "git", host.Token);

    private static async Task<DataDirectory> DataAsync() => (await SharedPlatforms.OfAsync()).Get<DataDirectory>();

    private static async Task<Sandbox> SandboxAsync() => (await SharedPlatforms.OfAsync()).Get<Sandbox>();

    private static async Task<GitFetcher> FetcherAsync() => (await SharedPlatforms.OfAsync()).Get<GitFetcher>();

    private static Dictionary<string, string> FilesOf(byte[] archive)
    {
        var files = new Dictionary<string, string>();
        using var reader = new TarReader(new GZipStream(new MemoryStream(archive), CompressionMode.Decompress));
        while (reader.GetNextEntry(copyData: true) is { } entry)
        {
            if (entry.EntryType == TarEntryType.RegularFile)
            {
                using var content = new StreamReader(entry.DataStream ?? Stream.Null, Encoding.UTF8);
                files[entry.Name] = content.ReadToEnd();
            }
        }
        return files;
    }
}
