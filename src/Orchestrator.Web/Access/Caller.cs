using System.Security.Claims;
using Orchestrator.Data;

namespace Orchestrator.Web.Access;

/// <summary>Who is calling: a person with all rights, or a run's terraform with the right to its own state.</summary>
public sealed record Caller(string Name, RunId? RunId, WorkspaceId? WorkspaceId, bool MayWriteState, string? RunTokenHash)
{
    private const string RunClaim = "run";
    private const string WorkspaceClaim = "workspace";
    private const string WriteClaim = "write-state";
    private const string HashClaim = "token-hash";

    public bool IsAdmin => RunId is null;

    public bool MayReadState(WorkspaceId workspace) => IsAdmin || WorkspaceId == workspace;

    public bool MayWriteStateOf(WorkspaceId workspace) => IsAdmin || (WorkspaceId == workspace && MayWriteState);

    public static Caller Of(HttpContext context)
    {
        var user = context.User;
        return user.FindFirstValue(RunClaim) is { } run
            ? new Caller(user.Identity!.Name!, new RunId(run), new WorkspaceId(user.FindFirstValue(WorkspaceClaim)!),
                user.HasClaim(WriteClaim, "true"), user.FindFirstValue(HashClaim))
            : new Caller(user.Identity?.Name ?? "", null, null, true, null);
    }

    public static ClaimsPrincipal Admin(string scheme) => new(new ClaimsIdentity(
        [new Claim(ClaimTypes.Name, "admin"), new Claim(ClaimTypes.Role, Rights.Admin)], scheme));

    public static ClaimsPrincipal Run(Orchestrator.Access.RunToken token, string scheme) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.Name, token.RunId.Value),
            new Claim(ClaimTypes.Role, Rights.Run),
            new Claim(RunClaim, token.RunId.Value),
            new Claim(WorkspaceClaim, token.WorkspaceId.Value),
            new Claim(WriteClaim, token.MayWriteState ? "true" : "false"),
            new Claim(HashClaim, token.Hash),
        ], scheme));
}
