using System.Text.Json;
using Orchestrator.Data;
using Orchestrator.Data.Secrets;

namespace Orchestrator.States;

/// <summary>Seals the values of outputs, and opens them.</summary>
public sealed class StateOutputVault(SecretBox secrets)
{
    public StateOutput Seal(StateVersionId version, StateValue value)
    {
        var id = Identifier.New<StateOutputId>();
        return new StateOutput
        {
            Id = id,
            StateVersionId = version,
            Name = value.Name,
            Sensitive = value.Sensitive,
            DetailedType = value.Type,
            ProtectedValue = secrets.Protect(SecretKind.StateOutput, SealedPlaces.Of(id), value.Value),
        };
    }

    public JsonElement Open(StateOutput output) =>
        JsonElement.Parse(secrets.Unprotect(SecretKind.StateOutput, SealedPlaces.Of(output.Id), output.ProtectedValue), StateDocument.Options);
}
