using System.Diagnostics;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Terraform;

public sealed class RunDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData("..")]
    [InlineData("../home")]
    [InlineData("/etc")]
    [InlineData("missing")]
    [InlineData("modules/../../../configuration-of-another")]
    public void A_working_directory_that_is_not_in_the_configuration_is_refused(string path)
    {
        using var phase = new Phase();
        Directory.CreateDirectory(phase.Directory.Configuration + "-of-another");

        Assert.Contains("is not in the configuration", phase.Directory.Enter(path), StringComparison.Ordinal);
        Assert.Equal(phase.Directory.Configuration, phase.Directory.Working);
    }

    [Fact]
    public void A_working_directory_needs_something_to_run()
    {
        using var phase = new Phase();
        Directory.CreateDirectory(Path.Combine(phase.Directory.Configuration, "empty"));

        Assert.Contains("There is no .tf or .tf.json file in 'empty'", phase.Directory.Enter("empty"), StringComparison.Ordinal);
        Assert.Contains("There is no .tf or .tf.json file in '.'", phase.Directory.Enter(""), StringComparison.Ordinal);
    }

    [Theory, InlineData("prod"), InlineData("./prod/"), InlineData("other/../prod")]
    public void A_working_directory_in_the_configuration_is_where_terraform_runs(string path)
    {
        using var phase = new Phase();
        Directory.CreateDirectory(Path.Combine(phase.Directory.Configuration, "prod"));
        File.WriteAllText(Path.Combine(phase.Directory.Configuration, "prod", "main.tf"), "");

        Assert.Null(phase.Directory.Enter(path));
        Assert.Equal(Path.Combine(phase.Directory.Configuration, "prod"), phase.Directory.Working.TrimEnd('/'));
    }

    [Fact]
    public void What_a_crash_has_left_is_not_there_for_the_next_phase()
    {
        using var phase = new Phase();
        File.WriteAllText(Path.Combine(phase.Directory.Home, "secret"), "x");

        var again = RunDirectory.Create(phase.Data, phase.Run);

        Assert.Equal(phase.Directory.Root, again.Root);
        Assert.Empty(Directory.GetFiles(again.Root, "*", SearchOption.AllDirectories));
        Assert.True(again.Remove());
        Assert.False(Directory.Exists(again.Root));
    }

    [Theory]
    [InlineData("a-w", "tree tree/deep tree/deep/down")]
    [InlineData("0", "tree/deep/down tree/deep tree")]
    [InlineData("0", "tree/deep/down")]
    [InlineData("a=x", "tree/deep/down tree/deep tree")]
    [InlineData("a=r", "tree/deep/down tree/deep tree")]
    public void A_tree_that_was_closed_to_its_owner_is_removed(string mode, string directories)
    {
        var tree = Path.Combine(_temporary.Path, "tree");
        Directory.CreateDirectory(Path.Combine(tree, "deep", "down", "empty"));
        File.WriteAllText(Path.Combine(tree, "deep", "down", "file"), "x");
        // Root may remove anything, so somebody else does it.
        Run("chown", ["-R", $"{Unprivileged.User}", _temporary.Path]);
        Run("chmod", [mode, .. directories.Split(' ').Select(directory => Path.Combine(_temporary.Path, directory))]);

        var removed = Unprivileged.Do(() => DirectoryRemoval.Remove(tree));

        Assert.True(removed);
        Assert.False(Directory.Exists(tree));
    }

    [Theory]
    [InlineData("touch")]
    [InlineData("mkdir")]
    [InlineData("mkdir -m 0")]
    public void What_has_a_name_that_is_no_text_is_removed(string make)
    {
        var tree = Directory.CreateDirectory(Path.Combine(_temporary.Path, "tree")).FullName;
        Run("/bin/sh", ["-c", $"cd '{tree}' && {make} \"$(printf 'a\\377b')\""]);

        Assert.True(DirectoryRemoval.Remove(tree));
        Assert.False(Directory.Exists(tree));
    }

    [Fact]
    public void What_cannot_be_removed_is_said_to_be_still_there()
    {
        var tree = Directory.CreateDirectory(Path.Combine(_temporary.Path, "somebody-elses")).FullName;
        File.WriteAllText(Path.Combine(tree, "file"), "x");
        File.SetUnixFileMode(_temporary.Path, (UnixFileMode)0b111_101_101);

        Assert.False(Unprivileged.Do(() => DirectoryRemoval.Remove(tree)));
        Assert.True(Directory.Exists(tree));
    }

    [Fact]
    public void A_link_is_removed_and_what_it_points_to_stays()
    {
        var kept = _temporary.File("kept/file", "x");
        var tree = Directory.CreateDirectory(Path.Combine(_temporary.Path, "tree")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(tree, "link"), Path.GetDirectoryName(kept)!);
        File.CreateSymbolicLink(Path.Combine(tree, "file"), kept);

        Assert.True(DirectoryRemoval.Remove(tree));

        Assert.True(File.Exists(kept));
        Assert.False(Directory.Exists(tree));
        Assert.True(DirectoryRemoval.Remove(tree));
    }

    private static void Run(string program, string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
