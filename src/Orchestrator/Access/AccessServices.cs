using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Access.SignIn;

namespace Orchestrator.Access;

public static class AccessServices
{
    /// <summary>Who is who, by which token.</summary>
    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.AddSingleton<AccessCache>();
        services.AddSingleton<ApiTokens>();
        services.AddSingleton<RunTokens>();
        services.AddSingleton<OneTimeCodes>();
        services.AddSingleton<TerraformLogins>();
        services.AddSingleton<MemberLinks>();
        services.AddSingleton<Principals>();
        services.AddSingleton<Standings>();
        services.AddSingleton<FirstAccess>();
        services.AddSingleton<Accounts>();
        services.AddSingleton<TeamSettings>();
        services.AddSingleton<Memberships>();
        services.AddSingleton<SignInAttempts>();
        services.AddSingleton<Passwords>();
        services.AddSingleton<Authenticators>();
        services.AddSingleton<Passkeys>();
        services.AddSingleton<Challenges>();
        services.AddSingleton<Invitations>();
        services.AddSingleton<CompanySignIns>();
        services.AddSingleton<Sessions>();
        services.AddSingleton<SignInReset>();
        services.AddSingleton<SignInEvents>();
        return services;
    }
}
