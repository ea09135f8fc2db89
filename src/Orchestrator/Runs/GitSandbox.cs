using Orchestrator.Data;
using Orchestrator.Terraform;
using Orchestrator.Vcs.Git;

namespace Orchestrator.Runs;

/// <summary>Runs git in the sandbox that terraform has, if there is one.</summary>
public sealed class GitSandbox(DataDirectory data, Sandbox? sandbox) : IGitSandbox
{
    public (string Program, IReadOnlyList<string> Arguments) Wrap(IReadOnlyList<string> command, string directory) =>
        sandbox?.Wrap(command, directory, data.Root) ?? (command[0], [.. command.Skip(1)]);
}
