using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using Orchestrator.Access;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlers.Authentication;

namespace Orchestrator.Web.Access.Login;

internal static class LoginServices
{
    /// <summary>OpenIddict reads and answers the protocol's messages. It keeps no tables (its "degraded mode"): there is one client, which
    /// is known, and the token that it gets is one of ours. What makes a code work once is <see cref="OneTimeCodes"/>.</summary>
    public static void AddTerraformLogin(this IServiceCollection services)
    {
        services.AddSingleton<FailedAttempts>();
        services.AddOpenIddict().AddServer(server =>
        {
            server.EnableDegradedMode()
                .AllowAuthorizationCodeFlow()
                .RequireProofKeyForCodeExchange()
                .SetAuthorizationEndpointUris(TerraformClient.AuthorizePath)
                .SetTokenEndpointUris(TerraformClient.TokenPath)
                // Those addresses tell about run tokens.
                .SetConfigurationEndpointUris(Array.Empty<Uri>())
                .SetJsonWebKeySetEndpointUris(Array.Empty<Uri>())
                .SetAuthorizationCodeLifetime(TerraformLogins.ConsentLifetime)
                .Configure(Complete)
                // Every process of the installation reads what another has written.
                .UseDataProtection();
            server.UseAspNetCore()
                .EnableAuthorizationEndpointPassthrough()
                .EnableTokenEndpointPassthrough()
                .EnableErrorPassthrough()
                // Before a proxy that speaks HTTPS, this server does not.
                .DisableTransportSecurityRequirement();
            server.AddEventHandler<ValidateAuthorizationRequestContext>(handler => handler.UseInlineHandler(CheckClient));
            server.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseInlineHandler(CheckClient));
            server.AddEventHandler<ApplyAuthorizationResponseContext>(handler => handler
                .UseInlineHandler(SendErrorsToTheClient).SetOrder(InferResponseMode.Descriptor.Order + 1));
            server.AddEventHandler<ApplyTokenResponseContext>(handler => handler.UseInlineHandler(Simplify).SetOrder(int.MinValue));
        });
        services.AddSingleton<IAuthenticationSchemeProvider, Schemes>();
    }

    private static void Complete(OpenIddictServerOptions options)
    {
        options.CodeChallengeMethods.IntersectWith([OpenIddictConstants.CodeChallengeMethods.Sha256]);
        // Another mode would need a script in the page, or bring the code into the browser's history.
        options.ResponseModes.IntersectWith([OpenIddictConstants.ResponseModes.Query]);
        // The library insists on keys for tokens of its own. Nobody ever gets one.
        options.EncryptionCredentials.Add(new EncryptingCredentials(
            new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32)), SecurityAlgorithms.Aes256KW, SecurityAlgorithms.Aes256CbcHmacSha512));
        options.SigningCredentials.Add(new SigningCredentials(
            new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)), SecurityAlgorithms.EcdsaSha256));
    }

    private static ValueTask CheckClient(ValidateAuthorizationRequestContext context)
    {
        if (context.ClientId != TerraformClient.Id)
        {
            context.Reject(OpenIddictConstants.Errors.InvalidClient, "There is no such client.");
        }
        else if (!TerraformClient.IsCallback(context.RedirectUri))
        {
            context.Reject(OpenIddictConstants.Errors.InvalidRequest, "The 'redirect_uri' is not one of this client's.");
        }
        return ValueTask.CompletedTask;
    }

    private static ValueTask CheckClient(ValidateTokenRequestContext context)
    {
        if (context.ClientId != TerraformClient.Id)
        {
            context.Reject(OpenIddictConstants.Errors.InvalidClient, "There is no such client.");
        }
        return ValueTask.CompletedTask;
    }

    /// <summary>The client waits for an answer: it learns of every mistake but a wrong address for the answer (RFC 6749, section 4.1.2.1).</summary>
    private static ValueTask SendErrorsToTheClient(ApplyAuthorizationResponseContext context)
    {
        if (context.Request is { } request && request.ClientId == TerraformClient.Id && TerraformClient.IsCallback(request.RedirectUri))
        {
            context.RedirectUri ??= request.RedirectUri;
            context.ResponseMode = OpenIddictConstants.ResponseModes.Query;
        }
        context.Response.ErrorUri = null;
        return ValueTask.CompletedTask;
    }

    private static ValueTask Simplify(ApplyTokenResponseContext context)
    {
        context.Response.ErrorUri = null;
        return ValueTask.CompletedTask;
    }

    /// <summary>OpenIddict would look at every request on its way in. It gets those at its two addresses, and no others.</summary>
    private sealed class Schemes(IOptions<AuthenticationOptions> options) : AuthenticationSchemeProvider(options)
    {
        public override async Task<IEnumerable<AuthenticationScheme>> GetRequestHandlerSchemesAsync() =>
            (await base.GetRequestHandlerSchemesAsync()).Where(scheme => scheme.HandlerType != typeof(OpenIddictServerAspNetCoreHandler));
    }
}
