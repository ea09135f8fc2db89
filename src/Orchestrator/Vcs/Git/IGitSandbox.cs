namespace Orchestrator.Vcs.Git;

/// <summary>Keeps git, and the ssh that it starts, apart from this machine: they talk to servers that need not be trusted, and read what those
/// send.</summary>
public interface IGitSandbox
{
    /// <summary>The program and arguments that run <paramref name="command"/> where it sees the system read-only and the one directory, in which it
    /// may write; or the command itself where there is no sandbox.</summary>
    (string Program, IReadOnlyList<string> Arguments) Wrap(IReadOnlyList<string> command, string directory);
}
