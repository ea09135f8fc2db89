using CliWrap;
using CliWrap.Buffered;

namespace Orchestrator.Terraform;

/// <summary>Wraps a command so that it sees the system read-only, its own directory, and nothing else of this machine.</summary>
/// <param name="Path">The <c>bwrap</c> program; null when terraform runs without a sandbox.</param>
/// <param name="Warning">Why there is none, for the people who should know.</param>
public sealed record Sandbox(string? Path, string? Warning)
{
    private const int ShellFoundNoProgram = 127;

    // Programs and what they need to start and to speak TLS. No home, no /var, no /run, no data directory, no host keys.
    private static readonly string[] ReadOnly =
    [
        "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt",
        "/etc/alternatives", "/etc/ca-certificates", "/etc/pki", "/etc/ssl",
        "/etc/group", "/etc/hosts", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime",
        "/etc/nsswitch.conf", "/etc/passwd", "/etc/resolv.conf",
    ];

    public bool IsActive => Path is not null;

    /// <summary>Finds bubblewrap and makes sure that it works here; in many nested containers it does not.</summary>
    /// <exception cref="SandboxMissingException">It is required, and does not work.</exception>
    public static async Task<Sandbox> FindAsync(SandboxMode mode, CancellationToken cancellationToken)
    {
        if (mode == SandboxMode.Off)
        {
            return new Sandbox(null, "The sandbox is switched off (Orchestrator__Sandbox=off): terraform can read what this server can read.");
        }
        var problem = await ProbeAsync(cancellationToken);
        if (problem is null)
        {
            return new Sandbox("bwrap", null);
        }
        return mode == SandboxMode.Auto
            ? new Sandbox(null, $"Terraform runs without a sandbox, because {problem} It can read what this server can read.")
            : throw new SandboxMissingException(problem);
    }

    /// <summary>The program and arguments that run <paramref name="command"/> with only <paramref name="directory"/> writable, but for the credentials in it.</summary>
    public (string Program, IReadOnlyList<string> Arguments) Wrap(IReadOnlyList<string> command, string directory, string workingDirectory, string engine) =>
        Path is null
            // A session of its own: a Ctrl-C in the server's terminal is the server's business alone.
            ? ("setsid", command)
            : ("setsid",
            [
                // bubblewrap would leave behind what its command has left behind, and only goes down with its parent on request.
                // The parent is therefore this shell: a thread of ours, which that request would follow, may end at any time.
                "/bin/sh", "-c", "\"$@\"; exit $?", "sandbox",
                Path, "--die-with-parent", "--unshare-all", "--share-net", "--new-session",
                "--cap-drop", "ALL",
                .. ReadOnly.Concat(Certificates()).SelectMany(path => new[] { "--ro-bind-try", path, path }),
                "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",
                // After the empty /tmp, in which the engine may live.
                "--ro-bind", engine, engine,
                "--bind", directory, directory,
                // This server renews files there: it must not meet links of somebody else's making.
                .. new[] { RunDirectory.CredentialsOf(directory) }.SelectMany(path => new[] { "--ro-bind-try", path, path }),
                "--chdir", workingDirectory,
                "--", .. command,
            ]);

    /// <summary>Where this machine keeps its authorities, when it is told by the environment that terraform gets, too.</summary>
    private static IEnumerable<string> Certificates() => new[] { "SSL_CERT_FILE", "SSL_CERT_DIR" }
        .Select(Environment.GetEnvironmentVariable)
        .OfType<string>()
        .Where(System.IO.Path.IsPathRooted);

    private static async Task<string?> ProbeAsync(CancellationToken cancellationToken)
    {
        var (program, arguments) = new Sandbox("bwrap", null).Wrap(["/bin/true"], "/tmp", "/", "/bin/true");
        try
        {
            var probe = await Cli.Wrap(program).WithArguments(arguments)
                .WithValidation(CommandResultValidation.None)
                .ExecuteBufferedAsync(cancellationToken);
            return probe.ExitCode switch
            {
                0 => null,
                ShellFoundNoProgram => "bubblewrap is not installed (apt-get install bubblewrap).",
                _ => $"bubblewrap does not work here ({probe.StandardError.Trim()}).",
            };
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return $"'setsid' of util-linux does not start ({missing.Message}).";
        }
    }
}

public sealed class SandboxMissingException(string problem) : Exception(
    $"Orchestrator__Sandbox is 'required', but {problem} Mend that, or set Orchestrator__Sandbox to 'auto' or 'off'.");
