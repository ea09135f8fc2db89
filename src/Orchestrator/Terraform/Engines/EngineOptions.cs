using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Orchestrator.Data;

namespace Orchestrator.Terraform.Engines;

/// <summary>From where engines come that are not installed. Section <c>Orchestrator:Engines</c>.</summary>
public sealed class EngineOptions
{
    public EngineFetching Fetch { get; set; } = EngineFetching.WhenMissing;

    public EngineSource Terraform { get; set; } = new();

    public EngineSource Tofu { get; set; } = new();

    /// <summary>A fetched engine that no run has used for so many days is removed.</summary>
    [Range(1, 3650, ErrorMessage = "Orchestrator__Engines__KeepUnusedDays is a number of days from 1 to 3650.")]
    public int KeepUnusedDays { get; set; } = 30;

    public EngineSource Of(EngineKind kind) => kind == EngineKind.Tofu ? Tofu : Terraform;
}

public enum EngineFetching
{
    /// <summary>Only what is installed.</summary>
    Never,

    /// <summary>What is installed, wherever a workspace allows it; and what a workspace asks for otherwise.</summary>
    WhenMissing,

    /// <summary>The newest that a workspace allows, also where an older one is installed that it allows, too.</summary>
    Newest,
}

/// <summary>A mirror, and what it may give.</summary>
public sealed class EngineSource
{
    /// <summary>Where the releases are. Terraform: laid out as <c>https://releases.hashicorp.com</c>, the default. OpenTofu: as its releases on GitHub,
    /// which are the default.</summary>
    public string? Mirror { get; set; }

    /// <summary>The list of versions. Default: where the publisher has it; with a <see cref="Mirror"/>, <c>terraform/index.json</c> or <c>api.json</c> there.</summary>
    public string? Index { get; set; }

    /// <summary>The OpenPGP public keys that releases are signed by; one file with as many as need be. Terraform's default: HashiCorp's key.</summary>
    public string? KeyFile { get; set; }

    /// <summary>False trusts the mirror and the way to it: the checksums come from there, too.</summary>
    public bool VerifySignature { get; set; } = true;

    /// <summary>Which versions may be fetched, as a constraint such as <c>&gt;= 1.5, &lt; 2.0</c>. Default: every one.</summary>
    public string? Versions { get; set; }
}

internal sealed class EngineOptionsValidation : IValidateOptions<EngineOptions>
{
    public ValidateOptionsResult Validate(string? name, EngineOptions options)
    {
        var failures = Enum.GetValues<EngineKind>().SelectMany(kind => Find(options.Of(kind), $"Orchestrator__Engines__{kind}")).ToArray();
        return failures.Length > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }

    private static IEnumerable<string> Find(EngineSource source, string setting)
    {
        foreach (var (value, name) in new[] { (source.Mirror, "Mirror"), (source.Index, "Index") })
        {
            if (value is { Length: > 0 } && !(Uri.TryCreate(value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.UserInfo.Length == 0))
            {
                yield return $"{setting}__{name} is not an address that begins with https:// or http:// and names nobody.";
            }
        }
        if (source.Versions is { Length: > 0 } versions && !TerraformVersions.IsWellFormed(versions))
        {
            yield return $"{setting}__Versions is not a constraint such as '>= 1.5, < 2.0'.";
        }
        if (source.KeyFile is { Length: > 0 } file && ReleaseSignature.ProblemOf(file) is { } problem)
        {
            yield return $"{setting}__KeyFile: {problem}";
        }
    }
}
