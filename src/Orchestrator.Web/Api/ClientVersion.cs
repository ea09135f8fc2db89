using Orchestrator.Terraform;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>The version that the terraform or OpenTofu of a caller is. Each makes workspaces of its own version without being asked to, and
/// gets along with another one; who names any other version means it, and may have workers for it.</summary>
internal sealed class ClientVersion(TerraformEngine engine)
{
    private const string Header = "Terraform-Version";

    /// <summary>The older clients cannot be told: their workspace gets the version that is there.</summary>
    public RequestResource<WorkspaceRequest> Leave(RequestResource<WorkspaceRequest> body, HttpRequest request) =>
        IsMissing(body, request) ? body with { Attributes = body.Attributes! with { TerraformVersion = default } } : body;

    /// <exception cref="ApiProblem">Clients then say that the workspace has another version than theirs, and go on.</exception>
    public RequestResource<WorkspaceRequest> Require(RequestResource<WorkspaceRequest> body, HttpRequest request) => IsMissing(body, request)
        ? throw ApiProblem.Invalid("terraform-version",
            $"Version {body.Attributes!.TerraformVersion.Value} is not installed on this server, which has {engine.Version}. The workspace stays with what is there.")
        : body;

    private bool IsMissing(RequestResource<WorkspaceRequest> body, HttpRequest request) =>
        body.Attributes!.TerraformVersion.Value is { } version && request.Headers[Header] == version && !engine.Serves(version);
}
