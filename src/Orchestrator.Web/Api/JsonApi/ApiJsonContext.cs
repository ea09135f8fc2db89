using System.Text.Json.Serialization;

namespace Orchestrator.Web.Api.JsonApi;

/// <summary>Every document that the API sends or takes, known at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower,
    DictionaryKeyPolicy = JsonKnownNamingPolicy.Unspecified,
    Converters = [typeof(InstantConverter), typeof(TextConverter)])]
[JsonSerializable(typeof(Document))]
[JsonSerializable(typeof(Resource))]
[JsonSerializable(typeof(PageLinks))]
[JsonSerializable(typeof(ListMeta))]
[JsonSerializable(typeof(ErrorDocument))]
[JsonSerializable(typeof(OrganizationAttributes))]
[JsonSerializable(typeof(EntitlementAttributes))]
[JsonSerializable(typeof(ProjectAttributes))]
[JsonSerializable(typeof(WorkspaceAttributes))]
[JsonSerializable(typeof(VariableAttributes))]
[JsonSerializable(typeof(ConfigurationVersionAttributes))]
[JsonSerializable(typeof(RunAttributes))]
[JsonSerializable(typeof(PlanAttributes))]
[JsonSerializable(typeof(ApplyAttributes))]
[JsonSerializable(typeof(RunEventAttributes))]
[JsonSerializable(typeof(StateVersionAttributes))]
[JsonSerializable(typeof(CredentialPolicyAttributes))]
[JsonSerializable(typeof(CredentialSettingsAttributes))]
[JsonSerializable(typeof(CredentialGrantAttributes))]
[JsonSerializable(typeof(RequestDocument<OrganizationRequest>))]
[JsonSerializable(typeof(RequestDocument<ProjectRequest>))]
[JsonSerializable(typeof(RequestDocument<WorkspaceRequest>))]
[JsonSerializable(typeof(RequestDocument<VariableRequest>))]
[JsonSerializable(typeof(RequestDocument<ConfigurationVersionRequest>))]
[JsonSerializable(typeof(RequestDocument<RunCreateRequest>))]
[JsonSerializable(typeof(RequestDocument<StateVersionRequest>))]
[JsonSerializable(typeof(CredentialTrialAttributes))]
[JsonSerializable(typeof(CredentialTrialRequest))]
[JsonSerializable(typeof(RequestDocument<CredentialPolicyRequest>))]
[JsonSerializable(typeof(CredentialTrustAttributes))]
[JsonSerializable(typeof(TrustExplanationAttributes))]
[JsonSerializable(typeof(TrustExplanationRequest))]
[JsonSerializable(typeof(CommentRequest))]
[JsonSerializable(typeof(LockRequest))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(string))]
internal sealed partial class ApiJsonContext : JsonSerializerContext;
