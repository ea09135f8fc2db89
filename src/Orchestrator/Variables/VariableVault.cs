using Orchestrator.Data;
using Orchestrator.Data.Secrets;

namespace Orchestrator.Variables;

/// <summary>Seals and opens the values of variables.</summary>
public sealed class VariableVault(SecretBox secrets)
{
    public byte[] Seal(VariableId id, string value) => secrets.Protect(SecretKind.Variable, SealedPlaces.Of(id), value);

    /// <summary>The value of a variable that is not sensitive, for showing it; null for one that is.</summary>
    public string? Show(Variable variable) =>
        variable.Sensitive ? null : secrets.UnprotectText(SecretKind.Variable, SealedPlaces.Of(variable.Id), variable.ProtectedValue);

    public PlainVariable Open(Variable variable) => new(
        variable.Key,
        variable.Category,
        secrets.UnprotectText(SecretKind.Variable, SealedPlaces.Of(variable.Id), variable.ProtectedValue),
        variable.Hcl,
        variable.Sensitive);

    /// <summary>As <see cref="Show(Variable)"/>; a run's own values are in its document, too.</summary>
    public string? Show(PlacedVariable variable) => variable.Stored is { } stored ? Show(stored) : variable.OfTheRun!.Value;

    public PlainVariable Open(PlacedVariable variable) => variable.OfTheRun ?? Open(variable.Stored!);
}
