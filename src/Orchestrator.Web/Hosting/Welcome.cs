using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Terraform;
using Orchestrator.Web.Access;

namespace Orchestrator.Web.Hosting;

/// <summary>What the terminal says when the server is up: where it is, how to get in, and what is not as it should be.</summary>
internal static class Welcome
{
    public static async Task PrintAsync(IServiceProvider services, TextWriter output)
    {
        var addresses = services.GetRequiredService<ServerAddresses>();
        output.WriteLine($"Orchestrator is at {addresses.Local}");
        var link = await services.GetRequiredService<SignInLinks>().MakeAsync(User.AdminId, CancellationToken.None);
        output.WriteLine($"Sign in (once, within 30 minutes): {addresses.Local}{link}");
        if (File.Exists(services.GetRequiredService<DataDirectory>().AdminTokenFile))
        {
            output.WriteLine($"The admin's API token is in {services.GetRequiredService<DataDirectory>().AdminTokenFile}");
        }
        if (addresses.LocalSecure is { } secure && services.GetRequiredService<LocalAuthority>() is { IsNeeded: true } authority)
        {
            output.WriteLine($"For the terraform CLI: {secure} with SSL_CERT_FILE={authority.AuthorityFile}");
        }
        var sandbox = services.GetRequiredService<Sandbox>();
        if (sandbox.Warning is { } warning)
        {
            output.WriteLine($"Warning: {warning}");
        }
        if (sandbox.Network.Problem is { } open)
        {
            output.WriteLine($"Runs can reach a cloud's metadata service, because {open} SECURITY.md says what else closes it.");
        }
    }
}
