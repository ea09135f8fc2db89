using Microsoft.AspNetCore.Diagnostics;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Api;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Hosting;

/// <summary>The last word on a request that broke: the caller learns that it did, the log learns why.</summary>
internal static class Failures
{
    // Terraform comes back thirty times: for about four minutes.
    private const string PauseOfTerraform = "8";

    public static void Answer(IApplicationBuilder failed) => failed
        // What the answer had so far is gone.
        .UseMiddleware<SecurityHeaders>()
        .UseMiddleware<ApiHeaders>()
        .Run(AnswerAsync);

    private static async Task AnswerAsync(HttpContext context)
    {
        var isApi = context.Request.Path.StartsWithSegments(ApiRoutes.Root, StringComparison.Ordinal);
        if (context.Features.Get<IExceptionHandlerFeature>()?.Error.IsOfAbsentDatabase() == true)
        {
            await AnswerAwayAsync(context, isApi);
            return;
        }
        await (isApi
            ? JsonApiResult.Failed(new ApiProblem(
                StatusCodes.Status500InternalServerError, "internal error",
                $"The server failed. Its log says more; look for {context.TraceIdentifier}.")).ExecuteAsync(context)
            : Results.Text(
                $"Something went wrong here. The server's log says more; look for {context.TraceIdentifier}.\n",
                statusCode: StatusCodes.Status500InternalServerError).ExecuteAsync(context));
    }

    private static async Task AnswerAwayAsync(HttpContext context, bool isApi)
    {
        const string away = "The database cannot be reached for the moment. Try again in a moment.";
        context.Response.Headers.RetryAfter = "5";
        if (!isApi)
        {
            await Results.Text(away + "\n", statusCode: StatusCodes.Status503ServiceUnavailable).ExecuteAsync(context);
            return;
        }
        var status = StatusCodes.Status503ServiceUnavailable;
        if (context.Request.Headers.Authorization.ToString().StartsWith($"Bearer {RunTokens.Prefix}", StringComparison.OrdinalIgnoreCase))
        {
            // While terraform sets up its backend, it gives up at any other answer; and only to this one can it be told how long to wait.
            status = StatusCodes.Status429TooManyRequests;
            context.Response.Headers["X-RateLimit-Reset"] = PauseOfTerraform;
        }
        await JsonApiResult.Failed(new ApiProblem(status, "service unavailable", away)).ExecuteAsync(context);
    }
}
