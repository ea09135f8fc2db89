using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;

namespace Orchestrator.Web.Api;

/// <summary>The first call of every client: the headers of every answer say which API this is.</summary>
internal static class PingApi
{
    public static void MapPing(this IEndpointRouteBuilder api) => api.MapGet("/ping", IResult () => Results.NoContent())
        .NeedsAnyToken().WithSummary("Tell which API this is").ReturnsNothing();
}
