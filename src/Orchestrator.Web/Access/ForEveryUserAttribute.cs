namespace Orchestrator.Web.Access;

/// <summary>On pages and forms that concern nobody but whoever is signed in: every person with an account may use them, and every form
/// on them. Everything else has a line in <see cref="PageRules"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ForEveryUserAttribute : Attribute;
