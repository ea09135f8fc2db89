using System.Text.Json;
using CliWrap;
using CliWrap.Buffered;
using Microsoft.Extensions.Options;
using Orchestrator.Data;

namespace Orchestrator.Terraform;

/// <summary>The terraform binary of this machine.</summary>
/// <param name="Path">Absolute.</param>
/// <param name="Version">Such as <c>1.11.4</c>.</param>
public sealed record TerraformEngine(string Path, string Version)
{
    public EngineKind Kind { get; init; }

    /// <summary>False when a workspace asks for a version that this engine is not.</summary>
    public bool Serves(string wanted) => TerraformVersions.Allow(wanted, Version);

    /// <summary>Finds the binary and asks it for its version.</summary>
    /// <exception cref="TerraformMissingException">There is none, or it does not answer.</exception>
    public static async Task<TerraformEngine> FindAsync(IOptions<TerraformOptions> options, CancellationToken cancellationToken)
    {
        var path = Locate(options.Value.TerraformPath)
            ?? throw new TerraformMissingException(options.Value.TerraformPath, "it was not found");
        return await AskAsync(path, cancellationToken);
    }

    /// <summary>OpenTofu, which nobody has to have: null where it is not, or does not answer.</summary>
    internal static async Task<TerraformEngine?> FindTofuAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return Locate(name) is { } path ? await AskAsync(path, cancellationToken) with { Kind = EngineKind.Tofu } : null;
        }
        catch (TerraformMissingException)
        {
            return null;
        }
    }

    private static async Task<TerraformEngine> AskAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await Cli.Wrap(path)
                .WithArguments(["version", "-json"])
                .WithEnvironmentVariables(environment => environment.Set("CHECKPOINT_DISABLE", "1"))
                .WithValidation(CommandResultValidation.None)
                .ExecuteBufferedAsync(cancellationToken);
            using var document = JsonDocument.Parse(answer.StandardOutput);
            return new TerraformEngine(path, document.RootElement.GetProperty("terraform_version").GetString()!);
        }
        catch (Exception broken) when (broken is JsonException or KeyNotFoundException or System.ComponentModel.Win32Exception)
        {
            throw new TerraformMissingException(path, "it did not answer 'terraform version -json'", broken);
        }
    }

    private static string? Locate(string name)
    {
        if (name.Contains(System.IO.Path.DirectorySeparatorChar))
        {
            return File.Exists(name) ? System.IO.Path.GetFullPath(name) : null;
        }
        return SystemPrograms.Find(name);
    }
}

public sealed class TerraformMissingException(string path, string reason, Exception? inner = null) : Exception(
    $"Orchestrator needs the terraform program, and {reason} ({path}). Install it from https://developer.hashicorp.com/terraform/install "
    + "so that 'terraform version' works in this shell, or set Orchestrator__TerraformPath to its path, and start again.", inner);
