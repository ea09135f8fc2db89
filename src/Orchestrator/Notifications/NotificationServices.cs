using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Notifications;

public static class NotificationServices
{
    public static IServiceCollection AddNotifications(this IServiceCollection services, IConfigurationSection section)
    {
        services.AddOptions<NotificationOptions>().Bind(section.GetSection("Notifications")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<SmtpOptions>().Bind(section.GetSection("Smtp")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<Mailer>();
        services.AddSingleton<WebhookClient>();
        services.AddSingleton<NotificationSender>();
        services.AddSingleton<NotificationLog>();
        services.AddSingleton<NotificationEditor>();
        return services;
    }
}
