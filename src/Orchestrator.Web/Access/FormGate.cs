using Microsoft.AspNetCore.Antiforgery;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Pages;

namespace Orchestrator.Web.Access;

/// <summary>Stands before the forms that pages handle themselves. Whoever may see a page may not press every button of it, and who was
/// shown none can still send one's form.</summary>
/// <remarks>Behind authorization, which has let the sender see the page, and behind the check of the form's own proof.</remarks>
internal sealed class FormGate(RequestDelegate next)
{
    /// <summary>The hidden field in which Blazor sends a form's name.</summary>
    public const string NameField = "_handler";

    public async Task InvokeAsync(HttpContext context)
    {
        if (HttpMethods.IsPost(context.Request.Method) && context.GetEndpoint()?.Metadata.GetMetadata<FormRules>() is { } forms
            // The page itself says what is wrong with a forged one.
            && context.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: false })
        {
            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            var rule = forms.Find(form[NameField].ToString());
            if (rule is null || !rule.IsMet(Admission.Of(context)))
            {
                context.Audit().Refuse(rule?.Text);
                await App.Show<NotFoundPage>(StatusCodes.Status404NotFound).ExecuteAsync(context);
                return;
            }
        }
        await next(context);
    }
}
