using Orchestrator.Data;

namespace Orchestrator.Terraform;

/// <summary>A phase's private directory (0700), with a home and a temporary directory of its own. Gone when disposed.</summary>
/// <remarks>Plan and apply of a run use the same path one after the other: a path that was written into a plan is still
/// right when it is applied.</remarks>
public sealed class RunDirectory
{
    private const string ConfigurationName = "configuration";
    private const string CredentialsName = "credentials";
    private const string BackendSuffix = "_override.tf";
    private const string VariablesSuffix = ".auto.tfvars";

    private readonly List<string> _shown = [];

    private RunDirectory(string root, RunUser? user, params string[] surroundings) => (Root, User, Surroundings) = (root, user, surroundings);

    public string Root { get; }

    /// <summary>Who works in it; null when that is this process's own user.</summary>
    public RunUser? User { get; }

    /// <summary>What lies around it, and is none of the run's business: the data directory, and where other runs have theirs.</summary>
    public IReadOnlyList<string> Surroundings { get; }

    public string Configuration => Path.Combine(Root, ConfigurationName);

    public string Home => Path.Combine(Root, "home");

    public string Temporary => Path.Combine(Root, "tmp");

    /// <summary>What clouds' clients read; written by this process alone. There from the beginning, so that nobody else can make it.</summary>
    public string Credentials => CredentialsOf(Root);

    /// <summary>Providers that are here already, for terraform to find (<see cref="Providers.ProviderCache"/>).</summary>
    public string Mirror => Path.Combine(Root, "providers");

    /// <summary>What else of this machine the run sees, read-only.</summary>
    public IReadOnlyList<string> Shown => _shown;

    public string PlanFile => Path.Combine(Root, "plan.tfplan");

    /// <summary>What terraform writes for <c>import</c> blocks whose resources the configuration lacks.</summary>
    public string GeneratedConfiguration => Path.Combine(Root, "generated.tf");

    public string CliConfiguration => Path.Combine(Home, "terraform.rc");

    /// <summary>Where terraform runs: the configuration, or the workspace's working directory in it.</summary>
    public string Working { get; private set; } = "";

    public string LockFile => Path.Combine(Working, ".terraform.lock.hcl");

    public static string PathOf(DataDirectory data, RunId run) => Path.Combine(data.Runs, run.Value);

    public static string CredentialsOf(string root) => Path.Combine(root, CredentialsName);

    /// <summary>What terraform has left in a run's working directory; null when it is nothing of that directory's own.</summary>
    public static Task<byte[]?> ReadLeftAsync(DataDirectory data, RunId run, string workingDirectory, string name)
    {
        var root = PathOf(data, run);
        return LeftFile.ReadAsync(root, Path.Combine(root, ConfigurationName, workingDirectory, name));
    }

    /// <summary>The plan that terraform has made; null when something has removed or replaced it.</summary>
    public Task<byte[]?> ReadPlanAsync() => LeftFile.ReadAsync(Root, PlanFile);

    /// <summary>Which providers terraform has chosen; null when it needs none.</summary>
    public Task<byte[]?> ReadLockAsync() => LeftFile.ReadAsync(Root, LockFile);

    /// <summary>An empty directory for the run; what a crash may have left there is removed first.</summary>
    public static RunDirectory Create(DataDirectory data, RunId run, RunUser? user = null)
    {
        var directory = new RunDirectory(PathOf(data, run), user, data.Root, data.Runs);
        DirectoryRemoval.Remove(directory.Root);
        DataDirectory.Create(directory.Root);
        DataDirectory.Create(directory.Configuration);
        DataDirectory.Create(directory.Home);
        DataDirectory.Create(directory.Temporary);
        DataDirectory.Create(directory.Credentials);
        user?.LetRead(directory.Credentials);
        directory.Working = directory.Configuration;
        return directory;
    }

    /// <summary>A directory of no run, for seeing whether a run could work in one.</summary>
    internal static RunDirectory Probe(string parent, RunUser? user)
    {
        var directory = new RunDirectory(Path.Combine(parent, $".probe-{Guid.NewGuid():N}"), user);
        DataDirectory.Create(directory.Root);
        user?.Own(directory);
        return directory;
    }

    public void Show(string path) => _shown.Add(path);

    /// <summary>Turns to the workspace's working directory, once the configuration is unpacked.</summary>
    /// <returns>Null when all is well, else what is wrong with it.</returns>
    public string? Enter(string workingDirectory)
    {
        var target = Path.GetFullPath(Path.Combine(Configuration, workingDirectory));
        var inside = target == Configuration || target.StartsWith(Configuration + Path.DirectorySeparatorChar, StringComparison.Ordinal);
        if (!inside || !Directory.Exists(target))
        {
            return $"The workspace's working directory '{workingDirectory}' is not in the configuration. "
                + "Change the working directory in the workspace's settings, or upload a configuration that has it.";
        }
        if (!Directory.EnumerateFiles(target).Any(file => file.EndsWith(".tf", StringComparison.Ordinal)
            || file.EndsWith(".tf.json", StringComparison.Ordinal)))
        {
            return $"There is no .tf or .tf.json file in '{(workingDirectory.Length == 0 ? "." : workingDirectory)}' of the configuration.";
        }
        Working = target;
        return null;
    }

    public Task WriteBackendAsync(string content, CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(LastOf(BackendSuffix, "override.tf"), content, cancellationToken);

    public Task WriteVariablesAsync(string content, CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(LastOf(VariablesSuffix, VariablesSuffix), content, cancellationToken);

    /// <summary>Notes which workspace terraform works in, as <c>terraform init</c> does.</summary>
    public Task SelectWorkspaceAsync(string name)
    {
        var notes = DataDirectory.Create(Path.Combine(Working, ".terraform"));
        return File.WriteAllTextAsync(Path.Combine(notes, "environment"), name);
    }

    /// <returns>True when nothing of it exists any more.</returns>
    public bool Remove() => DirectoryRemoval.Remove(Root);

    /// <summary>A new file that terraform reads after all others of its kind: it goes by their names, and what is read last wins.
    /// Otherwise a file of the archive could turn the state away from the platform, and with it all that an apply makes.</summary>
    private string LastOf(string suffix, string kind)
    {
        var last = Directory.EnumerateFiles(Working)
            .Select(file => Path.GetFileName(file))
            .Where(name => name.EndsWith(kind, StringComparison.Ordinal) || name.EndsWith(kind + ".json", StringComparison.Ordinal))
            .Append("~orchestrator" + suffix)
            // Go compares bytes.
            .MaxBy(name => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(name)), StringComparer.Ordinal)!;
        // '~' comes after the '.' or '_' or letter that follows there in the other's name.
        return Path.Combine(Working, last[..last.LastIndexOf(kind, StringComparison.Ordinal)] + "~" + suffix);
    }
}
