namespace Orchestrator.Terraform;

/// <summary>Finds programs of this machine. Always by their whole path: what runs them later may have another <c>PATH</c>, and one of
/// somebody else's making.</summary>
internal static class SystemPrograms
{
    // A service's PATH often lacks the administrator's programs.
    private static readonly string[] Besides = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

    /// <summary>This process's own.</summary>
    public static string SearchPath => Environment.GetEnvironmentVariable("PATH") ?? "";

    public static string? Find(string name, bool besidesPath = false) => SearchPath
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Concat(besidesPath ? Besides : [])
        .Where(Path.IsPathRooted)
        .Select(directory => Path.Combine(directory, name))
        .FirstOrDefault(File.Exists);
}
