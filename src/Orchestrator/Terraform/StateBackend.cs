using System.Text;

namespace Orchestrator.Terraform;

/// <summary>Points terraform at the platform's own state API, whatever backend the configuration names.</summary>
/// <remarks>
/// An override file replaces a <c>cloud</c> or <c>backend</c> block without a word on the network; the CLI configuration tells
/// where the API is, so that no discovery over HTTPS is needed; <c>TF_FORCE_LOCAL_BACKEND</c> makes terraform do the work
/// itself and only keep its state there. The token travels in the environment; a name with a port has no variable there, so for those it
/// also stands in the CLI configuration, which is wiped with the phase.
/// </remarks>
/// <param name="Hosts">By which names the configuration may call the platform itself, to read other workspaces' states.</param>
public sealed record StateBackend(Uri Api, IReadOnlyList<string> Hosts, string Organization, string Workspace, string Token)
{
    private const string Host = "orchestrator.internal";

    // Of "Failed to read organization".
    private static readonly byte[] Second = Encoding.UTF8.GetBytes($"\" at host {Host}");

    private readonly byte[] _first = Encoding.UTF8.GetBytes($"\"{Api}ping\"");

    // By this name configurations mean whatever server runs them, and a module need not know which one that is.
    private const string AnyHost = "localterraform.com";

    private const string TokenVariable = "TF_TOKEN_orchestrator_internal";

    // With TFC_RUN_ID set, terraform refuses import blocks below this version of HCP Terraform's agent.
    private const string AgentVersion = "1.28.0";

    public string Override =>
        $$"""
        terraform {
          cloud {
            hostname     = "{{Host}}"
            organization = "{{Organization}}"
            workspaces {
              name = "{{Workspace}}"
            }
          }
        }
        """;

    public string CliConfiguration => $"disable_checkpoint = true\n{Services(Host)}{string.Concat(OtherHosts.Select(Services))}{string.Concat(OtherHosts.Where(HasPort).Select(Credentials))}";

    /// <summary>Whether terraform says that the API did not let it begin.</summary>
    /// <remarks>Every command asks the API twice before it does anything: whether it is there, and what the organisation may do. It takes no for an
    /// answer then. From there on it tries again by itself: thirty times, with longer and longer pauses, for about four minutes.</remarks>
    public bool HasTurnedAway(ReadOnlySpan<byte> lines) => lines.IndexOf(_first) >= 0 || lines.IndexOf(Second) >= 0;

    public void AddTo(ChildEnvironment environment, string run)
    {
        environment
            .Control("TF_FORCE_LOCAL_BACKEND", "1")
            .Control("TFE_RUN_ID", run)
            .Control("TFC_AGENT_VERSION", AgentVersion)
            .Control(TokenVariable, Token);
        foreach (var host in OtherHosts.Where(host => !HasPort(host)))
        {
            // Whoever gives a workspace a token of their own for the platform means that one.
            environment.Default(VariableOf(host), Token);
        }
    }

    private static bool HasPort(string host) => host.Contains(':', StringComparison.Ordinal);

    /// <summary>By which terraform looks for the token of a host.</summary>
    private static string VariableOf(string host) =>
        "TF_TOKEN_" + host.Replace("-", "__", StringComparison.Ordinal).Replace('.', '_');

    private IEnumerable<string> OtherHosts => Hosts.Append(AnyHost);

    private string Services(string host) =>
        $$"""
        host "{{host}}" {
          services = {
            "tfe.v2"   = "{{Api}}"
            "tfe.v2.1" = "{{Api}}"
            "tfe.v2.2" = "{{Api}}"
            "state.v2" = "{{Api}}"
          }
        }

        """;

    private string Credentials(string host) =>
        $$"""
        credentials "{{host}}" {
          token = "{{Token}}"
        }

        """;

    public override string ToString() => $"state of {Organization}/{Workspace} at {Api}";
}
