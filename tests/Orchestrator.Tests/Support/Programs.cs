using Orchestrator.Terraform;

namespace Orchestrator.Tests.Support;

/// <summary>The programs that tests start.</summary>
internal static class Programs
{
    public static readonly TerraformEngine Terraform = new(Locate("terraform"), "1.11.4");

    /// <summary>A shell in terraform's place: real, quick, and does what its script says.</summary>
    public static readonly TerraformEngine Shell = new("/bin/sh", "0.0.0");

    /// <summary>Does on request what the real one does not.</summary>
    public static readonly TerraformEngine Fake = new(Path.Combine(AppContext.BaseDirectory, "Orchestrator.FakeTerraform"), "1.11.4");

    private static string Locate(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException($"These tests need the program '{name}' on PATH.");
}
