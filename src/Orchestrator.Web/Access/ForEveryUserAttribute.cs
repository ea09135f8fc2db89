namespace Orchestrator.Web.Access;

/// <summary>On pages and forms that concern nobody but whoever is signed in: every person with an account may use them.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ForEveryUserAttribute : Attribute;
