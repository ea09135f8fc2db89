using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api.Limits;

internal static class LimitServices
{
    public static void AddApiLimits(this IServiceCollection services, IConfigurationSection section)
    {
        services.AddOptions<ApiOptions>().Bind(section.GetSection("Api")).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ApiOptions>, ApiOptions.Validation>();
        services.AddSingleton<CallerLimits>();
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<CallerLimits>((limiter, limits) =>
        {
            limiter.GlobalLimiter = limits;
            limiter.OnRejected = (refused, _) => new ValueTask(JsonApiResult.Failed(TooMany(refused.HttpContext)).ExecuteAsync(refused.HttpContext));
        });
    }

    private static ApiProblem TooMany(HttpContext context) => new(
        StatusCodes.Status429TooManyRequests, "too many requests",
        $"You may send {context.Response.Headers["X-RateLimit-Limit"]} requests a second. Try again in {context.Response.Headers["X-RateLimit-Reset"]} seconds.");
}
