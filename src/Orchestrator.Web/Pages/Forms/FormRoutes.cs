using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using Orchestrator.Configurations;

namespace Orchestrator.Web.Pages.Forms;

/// <summary>Where the pages' buttons post to. Each does one thing, leaves a <see cref="Notice"/> and leads back to a page, so that
/// reloading never does it again. Forms with fields to mend are handled by their own page instead.</summary>
internal static class FormRoutes
{
    private const long FormOverhead = 64 * 1024;

    public static void MapForms(this IEndpointRouteBuilder site)
    {
        var forms = site.MapGroup("/app/{organization}/{workspace}").RequireForm();
        forms.MapRunForms();
        forms.MapWorkspaceForms();
        forms.MapStateForms();
        forms.MapAccessForms();
        forms.MapNotificationForms();
        forms.MapPost("/delete", RemovalForm.RemoveAsync);
        site.MapGroup("/app/{organization}/settings/variable-sets/{id}").RequireForm().MapVariableSetForms();
        site.MapGroup("/app/{organization}/settings/version-control").RequireForm().MapVersionControlForms();
        site.MapGroup("/app/{organization}/settings/teams/{team}").RequireForm().MapTeamForms();
        site.MapGroup("/app/{organization}/settings").RequireForm().MapOrganizationForms();
        var projects = site.MapGroup("/app/{organization}/settings/projects/{project}").RequireForm();
        projects.MapProjectAccessForms();
        projects.MapNotificationForms();
        var limit = site.ServiceProvider.GetRequiredService<IOptions<ConfigurationOptions>>().Value.MaxArchiveBytes + FormOverhead;
        forms.MapPost("/configuration", ConfigurationForm.UploadAsync)
            .WithMetadata(new BodyLimit(limit))
            .WithFormOptions(multipartBodyLengthLimit: limit);
    }

    /// <summary>Only forms of our own pages come through. The others' senders learn what to do.</summary>
    public static TBuilder RequireForm<TBuilder>(this TBuilder routes) where TBuilder : IEndpointConventionBuilder =>
        routes.WithMetadata(new RequireAntiforgeryTokenAttribute()).AddEndpointFilter(CheckAsync);

    private static ValueTask<object?> CheckAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        if (context.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: false } refused)
        {
            return next(invocation);
        }
        var tooLarge = refused.Error?.InnerException is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }
            or InvalidDataException;
        return ValueTask.FromResult<object?>(tooLarge
            ? Results.Text("The upload is larger than this server takes (Orchestrator__Configurations__MaxArchiveBytes).\n",
                statusCode: StatusCodes.Status413PayloadTooLarge)
            : Results.Text("This form was too old, or cookies are blocked. Go back, reload the page, and try again.\n",
                statusCode: StatusCodes.Status400BadRequest));
    }

    private sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
