using Microsoft.Extensions.Options;

namespace Orchestrator.Web.Api.Limits;

/// <summary>Section <c>Orchestrator:Api</c>.</summary>
public sealed class ApiOptions
{
    /// <summary>Requests a second that one caller may send; 0: as many as it likes. Default: 30. From 1 to 3 the API's clients would
    /// send none at all.</summary>
    public int RateLimit { get; set; } = 30;

    internal sealed class Validation : IValidateOptions<ApiOptions>
    {
        // Clients take a third of it for their bursts, and stop when that is none.
        private const int Least = 4;

        public ValidateOptionsResult Validate(string? name, ApiOptions options) => options.RateLimit is 0 or >= Least
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"Orchestrator__Api__RateLimit is {options.RateLimit}. Set it to {Least} requests a second or more, or to 0 for no limit: with less, terraform sends no request at all.");
    }
}
