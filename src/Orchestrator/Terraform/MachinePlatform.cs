using System.Runtime.InteropServices;

namespace Orchestrator.Terraform;

/// <summary>This machine, as releases and packages call it.</summary>
internal static class MachinePlatform
{
    public static string Architecture => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        System.Runtime.InteropServices.Architecture.Arm => "arm",
        System.Runtime.InteropServices.Architecture.X86 => "386",
        _ => "amd64",
    };

    /// <summary>Such as <c>linux_amd64</c>.</summary>
    public static string Name => $"linux_{Architecture}";
}
