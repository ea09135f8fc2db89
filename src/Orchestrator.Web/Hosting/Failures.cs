using Orchestrator.Web.Api;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Hosting;

/// <summary>The last word on a request that broke: the caller learns that it did, the log learns why.</summary>
internal static class Failures
{
    public static void Answer(IApplicationBuilder failed) => failed
        // What the answer had so far is gone.
        .UseMiddleware<SecurityHeaders>()
        .UseMiddleware<ApiHeaders>()
        .Run(AnswerAsync);

    private static Task AnswerAsync(HttpContext context) =>
        context.Request.Path.StartsWithSegments(ApiRoutes.Root, StringComparison.Ordinal)
            ? JsonApiResult.Failed(new ApiProblem(
                StatusCodes.Status500InternalServerError, "internal error",
                $"The server failed. Its log says more; look for {context.TraceIdentifier}.")).ExecuteAsync(context)
            : Results.Text(
                $"Something went wrong here. The server's log says more; look for {context.TraceIdentifier}.\n",
                statusCode: StatusCodes.Status500InternalServerError).ExecuteAsync(context);
}
