using CliWrap;
using CliWrap.Buffered;

namespace Orchestrator.Terraform;

/// <summary>Wraps a command so that it sees the system read-only, its own directory, and nothing else of this machine.</summary>
/// <param name="Path">The <c>bwrap</c> program; null when terraform runs without a sandbox.</param>
/// <param name="Warning">Why there is none, for the people who should know.</param>
public sealed record Sandbox(string? Path, string? Warning)
{
    private const string TemporaryBytes = "268435456";
    private const string SharedMemoryBytes = "67108864";
    private const string Accounts = "/etc/passwd";
    private const string ShellFoundNoProgram = "bubblewrap is not installed (apt-get install bubblewrap).";

    // The guard needs the reading ends of both outputs. It could not open them itself: a pipe belongs to the user who made it.
    private const string WithReaders = """
        if [ -p /proc/self/fd/1 ]; then out=1; else out=0; fi
        if [ -p /proc/self/fd/2 ]; then err=2; else err=0; fi
        "$@" 4<"/proc/self/fd/$out" 5<"/proc/self/fd/$err"; exit $?
        """;

    // Programs and what they need to start and to speak TLS. No home, no /var, no /run, no data directory, no host keys.
    private static readonly string[] ReadOnly =
    [
        "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt",
        "/etc/alternatives", "/etc/ca-certificates", "/etc/pki", "/etc/ssl",
        "/etc/group", "/etc/hosts", "/etc/ld.so.cache", "/etc/localtime", "/etc/nsswitch.conf", "/etc/resolv.conf",
    ];

    // Each mount takes its time. On most systems /bin and the like are links into /usr.
    private static readonly string[] ShowingReadOnly =
        [.. ReadOnly.SelectMany(path => LinkIntoUsr(path) is { } target ? ["--symlink", target, path] : new[] { "--ro-bind-try", path, path })];

    // Since Linux 5.14 each user namespace counts its processes for itself.
    private static readonly bool NamespacesCount = Environment.OSVersion.Version >= new Version(5, 14);

    public bool IsActive => Path is not null;

    /// <summary>Gives each run a user of its own; null when they have this server's.</summary>
    public RunUsers? Users { get; init; }

    /// <summary>Where the runs' directories have to be, because their users cannot pass through the data directory; null when they can be in it.</summary>
    public string? Runs { get; init; }

    /// <summary>What of the network is closed to runs.</summary>
    public NetworkBlock Network { get; init; } = NetworkBlock.None;

    public UsageLimits Limits { get; init; } = new();

    /// <summary>Whether this bubblewrap can bound a file system in memory; before 0.7 it cannot.</summary>
    public bool BoundsMemoryFiles { get; init; } = true;

    /// <summary>What keeps runs apart from this machine.</summary>
    public Isolation Isolation => (IsActive, Users) switch
    {
        (true, _) => Isolation.Sandbox,
        (_, not null) => Isolation.User,
        _ => Isolation.None,
    };

    /// <summary>Finds bubblewrap and makes sure that it works here; in many nested containers it does not.</summary>
    /// <param name="data">The data directory.</param>
    /// <exception cref="SandboxMissingException">It is required, and does not work.</exception>
    /// <exception cref="NetworkBlockMissingException">So is a block of the network.</exception>
    public static async Task<Sandbox> FindAsync(TerraformOptions options, string data, CancellationToken cancellationToken)
    {
        var none = new Sandbox(null, null) { Limits = options.Limits };
        if (options.Sandbox == SandboxMode.Off)
        {
            return none with
            {
                Warning = "The sandbox is switched off (Orchestrator__Sandbox=off): terraform can read what this server can read.",
                Network = await NetworkBlock.FindAsync(options.Network, users: null, cancellationToken),
            };
        }
        var users = RunUsers.Find(options.RunUsers);
        var network = NetworkBlock.FindAsync(options.Network, users, cancellationToken);
        var best = none with { Path = SystemPrograms.Find("bwrap") ?? "bwrap", Users = users };
        var problem = await best.ProbeAsync(cancellationToken);
        if (problem?.Contains("--size", StringComparison.Ordinal) == true)
        {
            best = best with { BoundsMemoryFiles = false };
            problem = await best.ProbeAsync(cancellationToken);
        }
        if (problem is null)
        {
            return best with { Network = await network };
        }
        // In a container, root may not be allowed to make namespaces without one of users.
        if (users is not null && await (best with { Users = null }).ProbeAsync(cancellationToken) is null)
        {
            return best with { Users = null, Network = await NetworkBlock.FindAsync(options.Network, users: null, cancellationToken) };
        }
        if (options.Sandbox == SandboxMode.Required)
        {
            throw new SandboxMissingException(problem);
        }
        var fallback = none with { Users = users, Network = await network, Runs = users is null ? null : RunUsers.CreateRuns(data) };
        return fallback.Runs is not null && await fallback.ProbeAsync(cancellationToken) is null
            ? fallback with
            {
                Warning = $"Terraform runs without a sandbox, because {problem} Each run has a user of its own instead: it cannot read what is this "
                    + "server's, but sees this machine's other files and its processes.",
            }
            : none with { Warning = $"Terraform runs without a sandbox, because {problem} It can read what this server can read.", Network = await network };
    }

    /// <summary>The program and arguments that run <paramref name="command"/> with only the run's directory writable, but for the credentials
    /// in it. Their environment is to be a <see cref="SealedEnvironment"/>.</summary>
    internal (string Program, IReadOnlyList<string> Arguments) Wrap(IReadOnlyList<string> command, RunDirectory directory, string engine) =>
        // A session of its own: a Ctrl-C in the server's terminal is the server's business alone. bubblewrap would leave behind what its
        // command has left behind, and only goes down with its parent on request. The parent is therefore this shell: a thread of ours,
        // which that request would follow, may end at any time.
        ("setsid",
        [
            "/bin/sh", "-c", WithReaders, "sandbox", .. Path is null ? [] : Bubblewrap(directory, engine),
            .. directory.User?.Around() ?? (IsActive ? [] : KeepingBounds()), .. command,
        ]);

    /// <summary>What a run's own shell is to bound its processes by.</summary>
    internal string BoundsFor(RunUser? user) =>
        Limits.ForShell(countsAlone: user is not null || (IsActive && NamespacesCount && !Environment.IsPrivilegedProcess));

    /// <summary>The same for a program that is no run's and works as this server's own user, in one directory of its own.</summary>
    /// <param name="surroundings">What lies around the directory, and is none of its business.</param>
    internal (string Program, IReadOnlyList<string> Arguments) Wrap(IReadOnlyList<string> command, string directory, string surroundings) => Path is null
        ? (command[0], [.. command.Skip(1)])
        : ("/bin/sh",
        [
            "-c", "\"$@\"; exit $?", "sandbox",
            .. Bubblewrap(runs: null, [surroundings]), .. Parents(directory), "--bind", directory, directory, "--", .. command,
        ]);

    private IEnumerable<string> Bubblewrap(RunDirectory directory, string engine) =>
    [
        .. Bubblewrap(directory.User, directory.Surroundings),
        .. Parents(engine), "--ro-bind", engine, engine,
        .. directory.Shown.SelectMany(path => (string[])[.. Parents(path), "--ro-bind", path, path]),
        .. Parents(directory.Root), "--bind", directory.Root, directory.Root,
        .. ReadOnlyCredentials(directory.Credentials),
        "--",
    ];

    /// <summary>The system without its homes and data, read-only, and an empty /tmp.</summary>
    private IEnumerable<string> Bubblewrap(RunUser? runs, IReadOnlyList<string> surroundings) =>
    [
        Path!, "--die-with-parent", "--new-session", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try",
        // Its own user needs no namespace of users, which many systems refuse to all but root. It only has to become that user.
        .. runs is null ? ["--unshare-user-try", "--cap-drop", "ALL"]
            : new[] { "--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP" },
        .. Parents("/etc/"), .. ShowingReadOnly,
        "--ro-bind", runs?.PasswordFile ?? Accounts, Accounts,
        "--proc", "/proc",
        "--dev", "/dev", .. InMemory("/dev/shm", SharedMemoryBytes), "--remount-ro", "/dev",
        .. InMemory("/tmp", TemporaryBytes),
        // It may lie in a part of the system that is shown.
        .. surroundings.SelectMany(path => (string[])[.. Parents(path), "--perms", "0755", "--tmpfs", path]),
        // After the empty /tmp, in which these may live.
        .. Certificates().SelectMany(path => (string[])[.. Parents(path), "--ro-bind-try", path, path]),
    ];

    private static string? LinkIntoUsr(string path) =>
        new DirectoryInfo(path).LinkTarget is { } target && target.TrimStart('/').StartsWith("usr/", StringComparison.Ordinal) ? target : null;

    /// <summary>Directories on the way to a path. Those that bubblewrap would make by itself let only root pass.</summary>
    private static IEnumerable<string> Parents(string path)
    {
        for (var slash = path.IndexOf('/', 1); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            yield return "--perms";
            yield return "0755";
            yield return "--dir";
            yield return path[..slash];
        }
    }

    private IEnumerable<string> InMemory(string path, string bytes) =>
        [.. BoundsMemoryFiles ? new[] { "--size", bytes } : [], "--perms", "1777", "--tmpfs", path];

    /// <summary>Root could take off the bounds again.</summary>
    private static IEnumerable<string> KeepingBounds() =>
        Environment.IsPrivilegedProcess && SystemPrograms.Find("setpriv", besidesPath: true) is { } setpriv
            ? [setpriv, "--inh-caps=-sys_resource", "--bounding-set=-sys_resource", "--"]
            : [];

    /// <summary>This server renews files there, and must not meet links of somebody else's making. Nor may it put what such a link leads to
    /// into the sandbox: as long as it is mounted, nobody in there can replace it.</summary>
    private static string[] ReadOnlyCredentials(string path) =>
        new DirectoryInfo(path) is { Exists: true, LinkTarget: null } ? ["--ro-bind", path, path] : [];

    /// <summary>Where this machine keeps its authorities, when it is told by the environment that terraform gets, too.</summary>
    private static IEnumerable<string> Certificates() => new[] { "SSL_CERT_FILE", "SSL_CERT_DIR" }
        .Select(Environment.GetEnvironmentVariable)
        .OfType<string>()
        .Where(System.IO.Path.IsPathRooted);

    /// <summary>Carries out a command as a run's would be.</summary>
    private async Task<string?> ProbeAsync(CancellationToken cancellationToken)
    {
        using var user = Users?.Take();
        var directory = RunDirectory.Probe(Runs ?? System.IO.Path.GetTempPath(), user);
        try
        {
            var (program, arguments) = Wrap(["/bin/sh", "-c", "cd \"$1\" && echo works >probe && read -r said <probe && echo \"$said\"", "probe", directory.Root], directory, "/bin/true");
            var probe = await Cli.Wrap(program).WithArguments(arguments)
                .WithValidation(CommandResultValidation.None)
                .ExecuteBufferedAsync(cancellationToken);
            return probe switch
            {
                { ExitCode: 0, StandardOutput: "works\n" } => null,
                { ExitCode: 127 } when IsActive && !File.Exists(Path) => ShellFoundNoProgram,
                _ => $"{(IsActive ? "bubblewrap" : "a user for each run")} does not work here ({probe.StandardError.Trim()}).",
            };
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return $"'setsid' of util-linux does not start ({missing.Message}).";
        }
        finally
        {
            directory.Remove();
        }
    }
}

/// <summary>What keeps a run apart from the machine that it runs on.</summary>
public enum Isolation
{
    /// <summary>Nothing: it can read what the server can read.</summary>
    None,

    /// <summary>A user of its own: it cannot read what is the server's or another run's.</summary>
    User,

    /// <summary>It sees nothing but programs and its own directory.</summary>
    Sandbox,
}

public sealed class SandboxMissingException(string problem) : Exception(
    $"Orchestrator__Sandbox is 'required', but {problem} Mend that, or set Orchestrator__Sandbox to 'auto' or 'off'.");
