using Orchestrator.Data;

namespace Orchestrator.Tests.Support;

/// <summary>People whom no test needs to have an account.</summary>
internal static class Someone
{
    public static readonly Actor Alice = Called("alice");
    public static readonly Actor Bob = Called("bob");
    public static readonly Actor Eve = Called("eve");

    public static Actor Called(string name) => new($"user-{name}", name);
}
