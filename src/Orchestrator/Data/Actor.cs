namespace Orchestrator.Data;

/// <summary>Who did something, as it is kept beside what was done.</summary>
/// <param name="Id">The id of a user, a team, an organisation or a run. Null for the platform itself, and in what was recorded before
/// there were users.</param>
/// <param name="Name">The name as it was then: it stays readable when its bearer is gone.</param>
public sealed record Actor(string? Id, string Name)
{
    public const int MaxIdLength = 32;
    public const int MaxNameLength = 200;

    public static readonly Actor Platform = new(null, "orchestrator");
}
