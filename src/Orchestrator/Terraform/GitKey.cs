namespace Orchestrator.Terraform;

/// <summary>An SSH key for the git that fetches terraform's modules: files of the run directory (0600) for as long as that takes, and gone
/// when disposed.</summary>
/// <remarks>A host that this machine knows (<c>/etc/ssh/ssh_known_hosts</c>) must show the key that is known; any other is trusted as it is
/// met.</remarks>
public sealed class GitKey : IDisposable
{
    private const string KnownHere = "/etc/ssh/ssh_known_hosts";

    private readonly string _directory;

    private GitKey(string directory) => _directory = directory;

    /// <summary>For <c>GIT_SSH_COMMAND</c>, which a shell reads.</summary>
    public string Command => $"ssh -F '{Path.Combine(_directory, "config").Replace("'", "'\\''", StringComparison.Ordinal)}'";

    public static GitKey Write(RunDirectory directory, string key)
    {
        var root = Data.DataDirectory.Create(Path.Combine(directory.Root, "ssh"));
        var (file, hosts) = (Path.Combine(root, "key"), Path.Combine(root, "known_hosts"));
        Write(file, key);
        Write(hosts, File.Exists(KnownHere) ? File.ReadAllText(KnownHere) : "");
        Write(Path.Combine(root, "config"),
            $"""
            Host *
              IdentityFile {Quoted(file)}
              IdentitiesOnly yes
              IdentityAgent none
              BatchMode yes
              StrictHostKeyChecking accept-new
              UserKnownHostsFile {Quoted(hosts)}

            """);
        return new GitKey(root);
    }

    public void Dispose() => DirectoryRemoval.Remove(_directory);

    // ssh takes a percent sign for the start of a placeholder.
    private static string Quoted(string path) => $"\"{path.Replace("%", "%%", StringComparison.Ordinal)}\"";

    private static void Write(string path, string content)
    {
        using var file = new StreamWriter(path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        file.Write(content);
    }
}
