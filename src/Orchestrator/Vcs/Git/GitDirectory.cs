using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CliWrap;
using Orchestrator.Data;

namespace Orchestrator.Vcs.Git;

/// <summary>A private directory with an empty repository in it, in which git fetches from one source. Nothing of it is left afterwards.</summary>
/// <remarks>Nobody's settings reach git but those that are written here: neither the machine's nor the user's, no hooks, no helpers, no
/// variables of this process. Files are never checked out, so nothing that a repository brings along (hooks, filters, links, a
/// <c>.gitmodules</c>) is ever acted on by git; they are read as an archive. Objects are checked as they come in, which refuses those that
/// were made to mislead git itself; and where runs have a sandbox, git has it, too.</remarks>
internal sealed class GitDirectory : IDisposable
{
    private const int MaxOutput = 8 * 1024 * 1024;
    private const int MaxErrors = 32 * 1024;
    private const UnixFileMode Mine = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Every path as the commit has it: no attribute of the repository's may leave files out or rewrite them.</summary>
    private const string Attributes = "* -export-ignore -export-subst -text -eol -ident -filter -working-tree-encoding\n";

    /// <summary>What old repositories have, and what misleads only whoever acts on <c>.gitmodules</c>, which nobody does here.</summary>
    private static readonly string Harmless = string.Join("\n  ", new[]
    {
        "zeroPaddedFilemode", "missingSpaceBeforeDate", "badTimezone", "missingEmail", "badEmail", "badName", "missingNameBeforeEmail",
        "missingSpaceBeforeEmail", "multipleAuthors", "badDate", "badDateOverflow", "gitmodulesUrl", "gitmodulesName", "gitmodulesPath",
        "gitmodulesUpdate", "gitmodulesParse", "gitmodulesMissing", "gitmodulesBlob", "gitmodulesLarge",
    }.Select(fault => $"{fault} = ignore"));

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    private readonly string _root;
    private readonly GitSource _source;
    private readonly IGitSandbox _sandbox;
    private readonly VcsOptions _options;
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, string?> _environment;

    private GitDirectory(string root, GitSource source, IGitSandbox sandbox, VcsOptions options, TimeProvider clock)
    {
        (_root, _source, _sandbox, _options, _clock) = (root, source, sandbox, options, clock);
        _environment = new Dictionary<string, string?>
        {
            ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
            ["HOME"] = root,
            ["LC_ALL"] = "C.UTF-8",
            ["GIT_DIR"] = Repository,
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_CONFIG_GLOBAL"] = "/dev/null",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_NO_REPLACE_OBJECTS"] = "1",
            ["GIT_OPTIONAL_LOCKS"] = "0",
            ["GIT_ATTR_NOSYSTEM"] = "1",
            ["GIT_PROTOCOL_FROM_USER"] = "0",
            ["GIT_ALLOW_PROTOCOL"] = options.AllowHttp ? "https:ssh:http" : "https:ssh",
            // Which authorities the operator trusts.
            ["GIT_SSL_CAINFO"] = Environment.GetEnvironmentVariable("SSL_CERT_FILE"),
            ["GIT_SSL_CAPATH"] = Environment.GetEnvironmentVariable("SSL_CERT_DIR"),
        };
    }

    private string Repository => Path.Combine(_root, "repository.git");

    /// <exception cref="VcsProblem">The source's address is none that git may be given, or its host is inside.</exception>
    public static async Task<GitDirectory> OpenAsync(
        string parent, GitSource source, IGitSandbox sandbox, VcsOptions options, TimeProvider clock, bool blobless, CancellationToken cancellationToken)
    {
        if (GitSource.Fault(source.Address, options.AllowHttp) is { } fault)
        {
            throw new VcsProblem(fault, VcsProblem.Once);
        }
        var address = new Uri(source.Address);
        var addresses = await ResolveAsync(address, options, cancellationToken);
        var root = Path.Combine(parent, Guid.NewGuid().ToString("N"));
        DataDirectory.Create(root);
        var directory = new GitDirectory(root, source, sandbox, options, clock);
        try
        {
            await directory.WriteRepositoryAsync(address, addresses, blobless, cancellationToken);
            await directory.WriteAccessAsync(address, addresses, cancellationToken);
            return directory;
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <returns>What git prints.</returns>
    /// <exception cref="VcsProblem">It failed; the message says why.</exception>
    public async Task<string> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        using var output = new MemoryStream();
        await StreamAsync(arguments, async (stream, token) => await CopyAsync(stream, output, MaxOutput, token), cancellationToken);
        return Encoding.UTF8.GetString(output.GetBuffer(), 0, (int)output.Length);
    }

    /// <param name="read">Takes what git prints while it does.</param>
    /// <exception cref="VcsProblem">It failed; the message says why.</exception>
    public async Task StreamAsync(string[] arguments, Func<Stream, CancellationToken, Task> read, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var errors = new StringBuilder();
        var (program, wrapped) = _sandbox.Wrap(["git", .. arguments], _root);
        var command = Cli.Wrap(program)
            .WithArguments(wrapped)
            .WithWorkingDirectory(_root)
            .WithStandardOutputPipe(PipeTarget.Create(read))
            .WithStandardErrorPipe(PipeTarget.ToDelegate(line =>
            {
                if (errors.Length < MaxErrors)
                {
                    errors.Append(line).Append('\n');
                }
            }))
            .WithValidation(CommandResultValidation.None);
        var watch = WatchAsync(limit);
        int code;
        try
        {
            code = (await command.ExecuteAsync(info =>
            {
                info.Environment.Clear();
                foreach (var (name, value) in _environment)
                {
                    if (value is not null)
                    {
                        info.Environment[name] = value;
                    }
                }
            }, null, limit.Token, CancellationToken.None)).ExitCode;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TooLarge();
        }
        finally
        {
            await limit.CancelAsync();
            await watch;
        }
        // It may have been faster than the look.
        if (Size() > _options.MaxFetchBytes)
        {
            throw TooLarge();
        }
        if (code != 0)
        {
            throw GitFailure.Of(Mask(errors.ToString()), _source);
        }
    }

    public void Dispose()
    {
        for (var attempt = 0; attempt < 3 && Directory.Exists(_root); attempt++)
        {
            try
            {
                Directory.Delete(_root, recursive: true);
            }
            catch (Exception busy) when (busy is IOException or UnauthorizedAccessException)
            {
                // A process of git's that is being ended may still write; what is left is removed at the next start.
            }
        }
    }

    private static async Task CopyAsync(Stream from, MemoryStream to, int limit, CancellationToken cancellationToken)
    {
        var buffer = new byte[81920];
        int read;
        while ((read = await from.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (to.Length + read > limit)
            {
                throw new VcsProblem("The repository has more branches, tags or files than are read.", VcsProblem.Once);
            }
            to.Write(buffer, 0, read);
        }
    }

    private static async Task<IPAddress[]> ResolveAsync(Uri address, VcsOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await AddressGuard.ResolveAsync(address.Host, options.AllowPrivateAddresses, cancellationToken);
        }
        catch (AddressInsideException inside)
        {
            throw new VcsProblem($"{address.Host}: {inside.Message} The operator may allow such servers with Orchestrator__Vcs__AllowPrivateAddresses.", VcsProblem.Once);
        }
        catch (SocketException unknown)
        {
            throw new VcsProblem($"{address.Host} could not be found ({unknown.SocketErrorCode}).", VcsProblem.Often);
        }
    }

    private async Task WriteRepositoryAsync(Uri address, IPAddress[] addresses, bool blobless, CancellationToken cancellationToken)
    {
        foreach (var part in new[] { "objects/info", "objects/pack", "refs/heads", "refs/tags", "info" })
        {
            DataDirectory.Create(Path.Combine(Repository, part));
        }
        // Git goes to the addresses that were checked, and to no others that the name may mean a moment later.
        var pinned = string.Join(',', addresses.Select(known => known.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{known}]" : known.ToString()));
        var resolve = _source.IsSsh || IPAddress.TryParse(address.Host.Trim('[', ']'), out _) ? "" : $"curloptResolve = \"{address.Host}:{address.Port}:{pinned}\"";
        await File.WriteAllTextAsync(Path.Combine(Repository, "HEAD"), "ref: refs/heads/nothing\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(Repository, "info", "attributes"), Attributes, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(Repository, "config"), $"""
            [core]
              repositoryformatversion = 1
              bare = true
              hooksPath = /dev/null
              fsmonitor = false
            [remote "origin"]
              url = "{_source.Address}"
            {(blobless ? "  promisor = true\n  partialclonefilter = blob:none\n[extensions]\n  partialClone = origin" : "")}
            [protocol]
              allow = never
            [protocol "https"]
              allow = always
            [protocol "ssh"]
              allow = always
            [protocol "http"]
              allow = {(_options.AllowHttp ? "always" : "never")}
            [http]
              followRedirects = false
              lowSpeedLimit = 1000
              lowSpeedTime = 30
              {resolve}
            [credential]
              helper =
            [fetch]
              recurseSubmodules = false
            [transfer]
              fsckObjects = true
            [fetch "fsck"]
              {Harmless}
            [submodule]
              recurse = false
            [filter "lfs"]
              smudge =
              process =
              required = false
            [gc]
              auto = 0
            [maintenance]
              auto = false

            """, cancellationToken);
    }

    private async Task WriteAccessAsync(Uri address, IPAddress[] addresses, CancellationToken cancellationToken)
    {
        if (_source.IsSsh)
        {
            await WriteSshAsync(address, addresses, cancellationToken);
        }
        else if (_source.Password is { } password)
        {
            // Git asks a program; the program's answer stands in git's environment, and in no file, argument or address.
            var ask = Path.Combine(_root, "ask");
            await WriteAsync(ask, "#!/bin/sh\ncase \"$1\" in\nUsername*) printf '%s\\n' \"$ORCHESTRATOR_GIT_USERNAME\" ;;\n*) printf '%s\\n' \"$ORCHESTRATOR_GIT_PASSWORD\" ;;\nesac\n", Mine | UnixFileMode.UserExecute, cancellationToken);
            _environment["GIT_ASKPASS"] = ask;
            _environment["ORCHESTRATOR_GIT_USERNAME"] = _source.Username;
            _environment["ORCHESTRATOR_GIT_PASSWORD"] = password;
        }
    }

    private async Task WriteSshAsync(Uri address, IPAddress[] addresses, CancellationToken cancellationToken)
    {
        if (_source.SshKey is not { } key || _source.KnownHosts is not { } hosts)
        {
            throw new VcsProblem(_source.SshKey is null
                ? $"{address.Host} is reached over SSH, and there is no key for it."
                : $"Nobody has said which host key is that of {address.Host}. Give the connection 'known-hosts', the lines that ssh-keyscan prints and that you have compared.", VcsProblem.Once);
        }
        var (identity, known, settings) = (Path.Combine(_root, "identity"), Path.Combine(_root, "known_hosts"), Path.Combine(_root, "ssh_config"));
        await WriteAsync(identity, key, Mine, cancellationToken);
        await WriteAsync(known, hosts.ReplaceLineEndings("\n").TrimEnd() + "\n", Mine, cancellationToken);
        var port = address.IsDefaultPort || address.Port < 0 ? 22 : address.Port;
        var host = address.Host.Trim('[', ']');
        await WriteAsync(settings, $"""
            Host *
              HostName {addresses[0]}
              HostKeyAlias {(port == 22 ? host : $"[{host}]:{port.ToString(CultureInfo.InvariantCulture)}")}
              IdentityFile {Quoted(identity)}
              IdentitiesOnly yes
              IdentityAgent none
              UserKnownHostsFile {Quoted(known)}
              GlobalKnownHostsFile /dev/null
              StrictHostKeyChecking yes
              UpdateHostKeys no
              PasswordAuthentication no
              KbdInteractiveAuthentication no
              BatchMode yes
              ForwardAgent no
              ForwardX11 no
              ClearAllForwardings yes
              PermitLocalCommand no
              ProxyCommand none
              ConnectTimeout 15

            """, Mine, cancellationToken);
        // A shell reads it.
        _environment["GIT_SSH_COMMAND"] = $"ssh -F '{settings.Replace("'", "'\\''", StringComparison.Ordinal)}'";
        _environment["GIT_SSH_VARIANT"] = "ssh";
    }

    // ssh takes a percent sign for the start of a placeholder.
    private static string Quoted(string path) => $"\"{path.Replace("%", "%%", StringComparison.Ordinal)}\"";

    private static async Task WriteAsync(string path, string content, UnixFileMode mode, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode });
        await file.WriteAsync(Encoding.UTF8.GetBytes(content), cancellationToken);
    }

    /// <summary>Ends git when it has written too much.</summary>
    private async Task WatchAsync(CancellationTokenSource limit)
    {
        using var timer = new PeriodicTimer(Look, _clock);
        try
        {
            while (await timer.WaitForNextTickAsync(limit.Token))
            {
                if (Size() > _options.MaxFetchBytes)
                {
                    await limit.CancelAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Git has ended, or was ended.
        }
    }

    private VcsProblem TooLarge() => new(
        $"The repository is larger than {_options.MaxFetchBytes / 1024 / 1024} MiB, which is the most that is fetched (Orchestrator__Vcs__MaxFetchBytes).", VcsProblem.Once);

    private long Size()
    {
        try
        {
            return new DirectoryInfo(_root).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        }
        catch (Exception moved) when (moved is IOException or UnauthorizedAccessException)
        {
            // Git renames what it has finished; the next look sees it.
            return 0;
        }
    }

    private string Mask(string text) => _source.Password is { Length: > 0 } password
        ? text.Replace(password, "***", StringComparison.Ordinal).Replace(Uri.EscapeDataString(password), "***", StringComparison.Ordinal)
        : text;
}
