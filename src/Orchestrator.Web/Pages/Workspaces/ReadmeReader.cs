using System.Collections.Concurrent;
using Orchestrator.Configurations;
using Orchestrator.Data;

namespace Orchestrator.Web.Pages.Workspaces;

/// <summary>The README of a configuration as HTML. A configuration never changes, so the last few are kept.</summary>
internal sealed class ReadmeReader(ConfigurationReadmes readmes)
{
    private const int MaxKept = 200;

    private readonly ConcurrentDictionary<(ConfigurationVersionId Id, string? Directory), string?> _kept = [];

    /// <returns>Null when it has none.</returns>
    public async Task<string?> ReadAsync(ConfigurationVersionId id, string? directory, CancellationToken cancellationToken)
    {
        if (_kept.TryGetValue((id, directory), out var kept))
        {
            return kept;
        }
        var html = await readmes.ReadAsync(id, directory, cancellationToken) is { } markdown ? MarkdownText.ToHtml(markdown) : null;
        if (_kept.Count >= MaxKept)
        {
            _kept.Clear();
        }
        _kept[(id, directory)] = html;
        return html;
    }
}
