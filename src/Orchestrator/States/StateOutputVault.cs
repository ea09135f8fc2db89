using System.Text.Json;
using Orchestrator.Data;

namespace Orchestrator.States;

/// <summary>Seals the values of outputs, and opens them.</summary>
public sealed class StateOutputVault(SecretBox secrets)
{
    public StateOutput Seal(StateVersionId version, StateValue value) => new()
    {
        Id = Identifier.New<StateOutputId>(),
        StateVersionId = version,
        Name = value.Name,
        Sensitive = value.Sensitive,
        DetailedType = value.Type,
        ProtectedValue = secrets.Protect(SecretKind.StateOutput, value.Value),
    };

    public JsonElement Open(StateOutput output) =>
        JsonElement.Parse(secrets.Unprotect(SecretKind.StateOutput, output.ProtectedValue), StateDocument.Options);
}
