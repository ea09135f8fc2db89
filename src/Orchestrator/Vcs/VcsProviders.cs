namespace Orchestrator.Vcs;

/// <summary>Finds who speaks a family's language.</summary>
public sealed class VcsProviders(IEnumerable<VcsProvider> providers)
{
    private readonly Dictionary<VcsFamily, VcsProvider> _all = providers.ToDictionary(provider => provider.Family);

    public VcsProvider Of(VcsFamily family) => _all[family];

    public VcsProvider Of(VcsConnection connection) => _all[connection.Kind.Family];

    public VcsProvider Of(VcsSession session) => Of(session.Connection);
}
