using System.Globalization;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Data.Audit;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api;

namespace Orchestrator.Web.Audit;

/// <summary>Records every request that changes something, every download of note, and every refusal: by API, page, form and link. No route
/// has to do anything for it. The entry is stored before the answer begins, so whoever has the answer finds it in the trail:
/// who reads the trail gives places to what has none yet.</summary>
internal sealed partial class AuditMiddleware(
    RequestDelegate next, AuditTrail trail, RefusalLimit refusals, ReadingLimit readings, TokenSightings sightings, IOptions<AuditOptions> options,
    TimeProvider clock, ILogger<AuditMiddleware> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task InvokeAsync(HttpContext context)
    {
        // What no route is, and the route for what is none, changes nothing.
        if (context.GetEndpoint() is not RouteEndpoint endpoint || endpoint.RoutePattern.RawText is not { } pattern
            || pattern.Contains("{*", StringComparison.Ordinal) || endpoint.Metadata.GetMetadata<LoggedElsewhere>() is not null)
        {
            await next(context);
            return;
        }
        // A failure takes the route from the context.
        var request = new AuditedRequest(
            context.Request.Method, pattern, endpoint.Metadata.GetMetadata<Audited>(), endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null,
            new RouteValueDictionary(context.Request.RouteValues));
        var note = context.Audit();
        if (request.IsForm)
        {
            note.Scope = await FindAsync(context, request.Values);
        }
        context.Response.OnStarting(() => RecordAsync(context, request, note));
        try
        {
            await next(context);
        }
        catch
        {
            // The answer that says so is not there yet.
            note.IsBroken = true;
            throw;
        }
        finally
        {
            // Whoever hangs up before the answer has done it all the same.
            await RecordAsync(context, request, note);
        }
    }

    /// <summary>Forms name their organisation and workspace; whether their sender may see them is not decided here.</summary>
    private static async Task<Scope?> FindAsync(HttpContext context, RouteValueDictionary values)
    {
        if (values["organization"] is not string organization)
        {
            return null;
        }
        var db = context.RequestServices.GetRequiredService<OrchestratorDbContext>();
        var workspace = values["workspace"] is string name
            ? await Scopes.Of("organizations/{organization}/workspaces/{name}")(
                db, new RouteValueDictionary { ["organization"] = organization, ["name"] = name }, context.RequestAborted)
            : null;
        return workspace ?? await Scopes.Of("organizations/{organization}")(db, values, context.RequestAborted);
    }

    private async Task RecordAsync(HttpContext context, AuditedRequest request, AuditNote note)
    {
        if (note.IsRecorded)
        {
            return;
        }
        note.IsRecorded = true;
        await RecordSightingAsync(context, request);
        var outcome = OutcomeOf(context, request, note);
        if (!request.IsChange && request.Marked is null && outcome != AuditOutcome.Refused)
        {
            return;
        }
        var record = Describe(context, request, note, outcome);
        if (IsToBePassedOver(context, request, note, record))
        {
            return;
        }
        await StoreAsync(record with { Detail = AuditDetail.Of(note.Details) });
    }

    /// <summary>The first use of a token from an address. Runs have tokens of their own, which live for a phase.</summary>
    private async Task RecordSightingAsync(HttpContext context, AuditedRequest request)
    {
        if (context.User.Identity?.AuthenticationType == BearerHandler.Scheme && Caller.TryOf(context) is { RunToken: null } caller
            && sightings.IsNew(caller.TokenId?.Value ?? caller.Principal.Id, AddressOf(context)))
        {
            var owner = caller.Principal.Kind == PrincipalKind.Organization ? new Scope(new OrganizationId(caller.Principal.Id)) : Scope.Nowhere;
            await StoreAsync(Describe(context, request, new AuditNote { Action = "use", Scope = owner }, AuditOutcome.Succeeded) with
            {
                ResourceType = "authentication_token",
                ResourceId = caller.TokenId?.Value,
                Detail = AuditDetail.Of(("first_from", AddressOf(context))),
            });
        }
    }

    private async Task StoreAsync(AuditRecord record)
    {
        try
        {
            await trail.LeaveAsync(record, CancellationToken.None).WaitAsync(Patience, clock);
        }
        catch (Exception failed) when (failed is AuditFailedException or TimeoutException)
        {
            // What was done is done. The log is where it stands then.
            Log.NotRecorded(logger, record.Action, record.ResourceType, record.ResourceId, record.ActorName, record.Address, record.RequestId, failed);
        }
    }

    /// <summary>Strangers, and whoever tries or reads the same again and again, do not fill the trail.</summary>
    private bool IsToBePassedOver(HttpContext context, AuditedRequest request, AuditNote note, AuditRecord record)
    {
        if (request.Marked is { IsRepeated: true } && record.Outcome == AuditOutcome.Succeeded)
        {
            return !options.Value.LogReads || readings.Count($"{record.ActorId}|{record.ResourceType}|{record.ResourceId}") is null;
        }
        var isAnonymous = record.ActorKind == AuditActorKind.Anonymous;
        if (record.Outcome != AuditOutcome.Refused && !(isAnonymous && record.Outcome == AuditOutcome.Failed))
        {
            return false;
        }
        // Somebody who came without anything to show has not tried anything.
        if (isAnonymous && note.Outcome is null && !request.IsOpen && context.Request.Headers.Authorization.Count == 0)
        {
            return true;
        }
        var before = refusals.Count($"{record.Address}|{record.ActorId}|{record.Route}|{record.ResourceId}");
        note.Say("repeated", before > 0 ? before.Value.ToString(CultureInfo.InvariantCulture) : null);
        return before is null;
    }

    /// <summary>Pages lead elsewhere when they refuse; the API says so by its status.</summary>
    private static AuditOutcome OutcomeOf(HttpContext context, AuditedRequest request, AuditNote note) => note.IsBroken ? AuditOutcome.Failed : context.Response.StatusCode switch
    {
        < StatusCodes.Status400BadRequest when request.IsApi => AuditOutcome.Succeeded,
        < StatusCodes.Status400BadRequest when note.Caller is null && Caller.TryOf(context) is null && !request.IsOpen => AuditOutcome.Refused,
        < StatusCodes.Status400BadRequest => note.Outcome ?? AuditOutcome.Succeeded,
        StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden => AuditOutcome.Refused,
        _ => note.Outcome ?? AuditOutcome.Failed,
    };

    private AuditRecord Describe(HttpContext context, AuditedRequest request, AuditNote note, AuditOutcome outcome)
    {
        var caller = note.Caller ?? Caller.TryOf(context);
        var scope = note.Scope ?? context.Features.Get<Admission>()?.Scope;
        var (action, type, id) = AuditWords.Of(request.Method, request.Pattern, request.Values, scope);
        var form = request.IsForm ? FormOf(context) : null;
        note.Say("form", form);
        return new AuditRecord
        {
            At = clock.GetUtcNow(),
            ActorKind = KindOf(caller),
            ActorId = caller?.Principal.Id,
            ActorName = caller?.Name ?? "anonymous",
            TokenId = caller?.TokenId,
            Via = note.Via ?? (caller is null ? null : note.Caller is null && context.User.Identity?.AuthenticationType == BearerHandler.Scheme ? "token" : "session"),
            OrganizationId = scope?.Organization.Value is null ? null : scope.Organization,
            WorkspaceId = scope?.Workspace,
            Action = note.Action ?? request.Marked?.Action ?? form?.Replace('-', '_') ?? action,
            ResourceType = note.ResourceType ?? request.Marked?.ResourceType ?? type,
            ResourceId = note.ResourceType is null ? id : note.ResourceId,
            Outcome = outcome,
            Route = $"{request.Method} {request.Pattern}",
            Status = note.IsBroken ? StatusCodes.Status500InternalServerError : context.Response.StatusCode,
            Address = AddressOf(context),
            UserAgent = context.Request.Headers.UserAgent.ToString() is { Length: > 0 } agent ? agent : null,
            RequestId = context.TraceIdentifier,
        };
    }

    /// <summary>A page with several forms names the one that was sent.</summary>
    private static string? FormOf(HttpContext context) =>
        // One without its proof is not to be looked into.
        context.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: false }
        && context.Features.Get<IFormFeature>()?.Form is { } form && form["_handler"].ToString() is { Length: > 0 and <= AuditRecord.MaxWordLength } name
            ? name : null;

    private static AuditActorKind KindOf(Caller? caller) => caller is null ? AuditActorKind.Anonymous : caller.Principal.Kind switch
    {
        PrincipalKind.User => caller.IsSiteAdmin ? AuditActorKind.SiteAdmin : AuditActorKind.User,
        PrincipalKind.Team => AuditActorKind.Team,
        PrincipalKind.Organization => AuditActorKind.Organization,
        PrincipalKind.Run => AuditActorKind.Run,
    };

    private static string? AddressOf(HttpContext context) => context.Connection.RemoteIpAddress switch
    {
        null => null,
        { IsIPv4MappedToIPv6: true } mapped => mapped.MapToIPv4().ToString(),
        var address => address.ToString(),
    };

    /// <param name="Marked">What the route says about itself; null when it says nothing.</param>
    /// <param name="IsOpen">Whether it asks nobody who they are before it is handled.</param>
    private sealed record AuditedRequest(string Method, string Pattern, Audited? Marked, bool IsOpen, RouteValueDictionary Values)
    {
        public bool IsChange => !HttpMethods.IsGet(Method) && !HttpMethods.IsHead(Method) && !HttpMethods.IsOptions(Method) && !HttpMethods.IsTrace(Method);

        public bool IsApi => Pattern.StartsWith(ApiRoutes.Root, StringComparison.Ordinal);

        public bool IsForm => IsChange && !IsApi;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Critical,
            "The audit trail could not be written to. What it lacks: {Action} {ResourceType} {ResourceId} by {Actor} from {Address}, request {RequestId}.")]
        public static partial void NotRecorded(
            ILogger logger, string action, string resourceType, string? resourceId, string actor, string? address, string? requestId, Exception exception);
    }
}
