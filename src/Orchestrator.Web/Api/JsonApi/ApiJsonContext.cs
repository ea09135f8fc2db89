using System.Text.Json.Serialization;

namespace Orchestrator.Web.Api.JsonApi;

/// <summary>Every document that the API sends or takes, known at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower,
    DictionaryKeyPolicy = JsonKnownNamingPolicy.Unspecified,
    Converters = [typeof(InstantConverter), typeof(TextConverter)])]
[JsonSerializable(typeof(ErrorDocument))]
[JsonSerializable(typeof(Document<OrganizationAttributes>))]
[JsonSerializable(typeof(ListDocument<OrganizationAttributes>))]
[JsonSerializable(typeof(Document<EntitlementAttributes>))]
[JsonSerializable(typeof(Document<ProjectAttributes>))]
[JsonSerializable(typeof(ListDocument<ProjectAttributes>))]
[JsonSerializable(typeof(Document<WorkspaceAttributes>))]
[JsonSerializable(typeof(ListDocument<WorkspaceAttributes>))]
[JsonSerializable(typeof(Document<VariableAttributes>))]
[JsonSerializable(typeof(ListDocument<VariableAttributes>))]
[JsonSerializable(typeof(Document<ConfigurationVersionAttributes>))]
[JsonSerializable(typeof(ListDocument<ConfigurationVersionAttributes>))]
[JsonSerializable(typeof(Document<RunAttributes>))]
[JsonSerializable(typeof(ListDocument<RunAttributes>))]
[JsonSerializable(typeof(Document<PlanAttributes>))]
[JsonSerializable(typeof(Document<ApplyAttributes>))]
[JsonSerializable(typeof(ListDocument<RunEventAttributes>))]
[JsonSerializable(typeof(Document<StateVersionAttributes>))]
[JsonSerializable(typeof(ListDocument<StateVersionAttributes>))]
[JsonSerializable(typeof(Document<CredentialPolicyAttributes>))]
[JsonSerializable(typeof(Document<CredentialSettingsAttributes>))]
[JsonSerializable(typeof(ListDocument<CredentialGrantAttributes>))]
[JsonSerializable(typeof(RequestDocument<OrganizationRequest>))]
[JsonSerializable(typeof(RequestDocument<ProjectRequest>))]
[JsonSerializable(typeof(RequestDocument<WorkspaceRequest>))]
[JsonSerializable(typeof(RequestDocument<VariableRequest>))]
[JsonSerializable(typeof(RequestDocument<ConfigurationVersionRequest>))]
[JsonSerializable(typeof(RequestDocument<RunCreateRequest>))]
[JsonSerializable(typeof(RequestDocument<StateVersionRequest>))]
[JsonSerializable(typeof(Document<CredentialTrialAttributes>))]
[JsonSerializable(typeof(CredentialTrialRequest))]
[JsonSerializable(typeof(RequestDocument<CredentialPolicyRequest>))]
[JsonSerializable(typeof(Document<CredentialTrustAttributes>))]
[JsonSerializable(typeof(Document<TrustExplanationAttributes>))]
[JsonSerializable(typeof(TrustExplanationRequest))]
[JsonSerializable(typeof(CommentRequest))]
[JsonSerializable(typeof(LockRequest))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(string))]
internal sealed partial class ApiJsonContext : JsonSerializerContext;
