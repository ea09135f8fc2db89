using Orchestrator.Data;

namespace Orchestrator.Organizations;

/// <summary>The organisation, or why not.</summary>
/// <param name="Field">The attribute at fault, in the API's spelling.</param>
public sealed record OrganizationEditResult(Organization? Organization, string? Refusal = null, string? Field = null);

/// <summary>The rules for organisations, for the API and the pages alike.</summary>
public static class OrganizationEditor
{
    public const string NameTaken = "Name has already been taken";

    public static readonly string NameRule = $"A name has 1 to {Names.MaxOrganizationLength} letters, digits, '-' and '_'.";

    private const int MaxEmailLength = 254;

    /// <summary>Makes it in memory; the caller saves it, together with its default project.</summary>
    public static OrganizationEditResult Create(string? name, string? email, DateTimeOffset now)
    {
        if (!Names.IsOrganization(name))
        {
            return new OrganizationEditResult(null, NameRule, "name");
        }
        if (email is { Length: > MaxEmailLength })
        {
            return new OrganizationEditResult(null, $"An address has {MaxEmailLength} characters at most.", "email");
        }
        return new OrganizationEditResult(new Organization
        {
            Id = Identifier.New<OrganizationId>(),
            Name = name!,
            Email = string.IsNullOrWhiteSpace(email) ? null : email,
            CreatedAt = now,
        });
    }
}
