using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Vcs;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Webhooks;

/// <summary>Where version control tells of what has happened there. Each delivery proves itself by its connection's secret; it is stored,
/// answered, and handled later.</summary>
/// <remarks>They have a log of their own, and no place in the audit trail: who has pushed what is no act of anybody's here.</remarks>
internal static class WebhookEndpoints
{
    public static void MapWebhooks(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/webhooks/{door}/{connection}", AcceptAsync)
            .AllowAnonymous().DisableAntiforgery().DisableRateLimiting().ExcludeFromDescription().WithMetadata(new LoggedElsewhere());

    private static async Task<IResult> AcceptAsync(string door, string connection, HttpContext context, VcsIntake intake, IOptions<VcsOptions> options)
    {
        if (VcsService.FamilyBehind(door) is not { } family || !Identifier.TryParse<OAuthClientId>(connection, out var id))
        {
            return Answer(StatusCodes.Status404NotFound, "There is no such connection.");
        }
        var limit = options.Value.MaxDeliveryBytes;
        if (await ReadAsync(context, limit) is not { } body)
        {
            var size = context.Request.ContentLength ?? 0;
            var tooLarge = size > limit || size == 0;
            await intake.RefuseAsync(id, IntakeOutcome.TooLarge, null, size, tooLarge
                ? $"It has more than {limit / 1024} KiB, which is the most that is taken (Orchestrator__Vcs__MaxDeliveryBytes)."
                : "Its sender broke off in the middle.", CancellationToken.None);
            return tooLarge
                ? Answer(StatusCodes.Status413PayloadTooLarge, $"A delivery may have {limit / 1024} KiB.")
                : Answer(StatusCodes.Status400BadRequest, "The delivery broke off.");
        }
        var headers = context.Request.Headers;
        var result = await intake.AcceptAsync(family, id, name => headers.TryGetValue(name, out var value) ? value.ToString() : null, body, context.RequestAborted);
        return result.Outcome switch
        {
            IntakeOutcome.Stored => Accepted(result.Id),
            IntakeOutcome.Repeated => Accepted(result.Id),
            IntakeOutcome.Unknown => Answer(StatusCodes.Status404NotFound, "There is no such connection."),
            IntakeOutcome.Unproved => Answer(StatusCodes.Status401Unauthorized, result.Reason!),
            IntakeOutcome.Unreadable or IntakeOutcome.TooLarge => Answer(StatusCodes.Status400BadRequest, result.Reason!),
        };
    }

    private static IResult Accepted(VcsDeliveryId? id) =>
        Results.Text($"{{\"delivery\":\"{id}\"}}", "application/json", statusCode: StatusCodes.Status202Accepted);

    private static IResult Answer(int status, string sentence) => Results.Text(sentence + "\n", statusCode: status);

    /// <returns>Null when it is too large, or breaks off.</returns>
    private static async Task<byte[]?> ReadAsync(HttpContext context, int limit)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            // At its own limit the server would break the connection before anybody has recorded why.
            feature.MaxRequestBodySize = null;
        }
        if (context.Request.ContentLength > limit)
        {
            return null;
        }
        using var body = new MemoryStream((int)(context.Request.ContentLength ?? 4096));
        var buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
            {
                if (body.Length + read > limit)
                {
                    return null;
                }
                body.Write(buffer, 0, read);
            }
        }
        catch (Exception broken) when (broken is IOException or OperationCanceledException)
        {
            return null;
        }
        return body.ToArray();
    }
}
