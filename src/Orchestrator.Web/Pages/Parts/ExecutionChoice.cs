using Orchestrator.AgentPools;
using Orchestrator.Data;

namespace Orchestrator.Web.Pages.Parts;

/// <summary>Where terraform runs, as one field of a form: mode and pool are one choice to people.</summary>
internal static class ExecutionChoice
{
    private const string Agent = "agent";
    private const char Separator = ':';

    /// <summary>Empty where the next level up decides.</summary>
    public static string Of(ExecutionMode? mode, AgentPoolId? pool) => mode switch
    {
        null => "",
        ExecutionMode.Agent => $"{Agent}{Separator}{pool?.Value}",
        _ => EnumText.Of(mode.Value),
    };

    /// <param name="current">Shown even if it is not open any more.</param>
    public static IEnumerable<(string Value, string Words)> All(string above, IEnumerable<AgentPool> pools, string? current)
    {
        (string Value, string Words)[] known =
        [
            ("", $"As the {above} says"),
            ("remote", "Remote: terraform runs on this installation"),
            ("local", "Local: terraform runs where the user is; the state is kept here"),
            .. pools.Select(pool => (Of(ExecutionMode.Agent, pool.Id), $"Agent pool {pool.Name}")),
        ];
        return current is null || known.Any(choice => choice.Value == current)
            ? known
            : known.Append((current, current == $"{Agent}{Separator}" ? $"The agent pool of the {above}" : "An agent pool that is not open to it"));
    }

    /// <returns>The mode in the editors' words (empty: inherited), and the pool where one is chosen.</returns>
    public static (string Mode, AgentPoolId? Pool) Read(string? choice)
    {
        var parts = (choice ?? "").Split(Separator, 2);
        return (parts[0], parts is [_, { Length: > 0 } pool] ? new AgentPoolId(pool) : null);
    }
}
