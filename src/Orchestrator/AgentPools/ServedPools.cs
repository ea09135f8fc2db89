using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Orchestrator.Data;

namespace Orchestrator.AgentPools;

/// <summary>The pools that this process serves, found by their names once at its start. Their ids stay what they are when they are
/// renamed.</summary>
public sealed class ServedPools(string? names, IDbContextFactory<OrchestratorDbContext> databases)
{
    /// <summary>Empty: this process takes the runs that name no pool.</summary>
    public IReadOnlyList<AgentPoolId> Ids { get; private set; } = [];

    /// <exception cref="OptionsValidationException">There is no such pool.</exception>
    public async Task FindAsync(CancellationToken cancellationToken)
    {
        var wanted = (names ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (wanted.Length == 0)
        {
            return;
        }
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = new List<AgentPoolId>();
        var problems = new List<string>();
        foreach (var name in wanted.Distinct(StringComparer.Ordinal))
        {
            var parts = name.Split('/');
            var (organization, pool) = parts is [var first, var second] ? (first, second) : ("", "");
            var id = await (
                from row in db.AgentPools
                join owner in db.Organizations on row.OrganizationId equals owner.Id
                where owner.Name == organization && row.Name == pool
                select (AgentPoolId?)row.Id).FirstOrDefaultAsync(cancellationToken);
            if (id is { } known)
            {
                found.Add(known);
            }
            else
            {
                problems.Add($"There is no agent pool '{name}'. Orchestrator__Worker__Pools names pools as organization/pool, several with "
                    + "commas; make the pool first, in the API or with terraform's tfe provider, and start again.");
            }
        }
        Ids = problems.Count == 0 ? found : throw new OptionsValidationException(nameof(ServedPools), typeof(ServedPools), problems);
    }
}
