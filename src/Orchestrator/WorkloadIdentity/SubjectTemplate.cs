using System.Text.RegularExpressions;
using Orchestrator.Data;

namespace Orchestrator.WorkloadIdentity;

/// <summary>How a token's <c>sub</c> is made: pieces between colons, each plain text or one placeholder.</summary>
/// <remarks>
/// Names hold no colon, so two workspaces never render to the same subject. And every template begins with the organisation's
/// own name or id under its own label, so no organisation can write a subject that belongs to another, whatever its template.
/// The labels of names and ids differ, because a name may look like an id.
/// </remarks>
public sealed partial class SubjectTemplate
{
    /// <summary>What AWS takes as a subject, in characters.</summary>
    public const int MaxSubjectLength = 255;

    /// <summary>HCP Terraform's format, and the default.</summary>
    public static readonly SubjectTemplate Names = Known(
        "organization:{organization_name}:project:{project_name}:workspace:{workspace_name}:run_phase:{run_phase}");

    /// <summary>A subject that survives every rename, and that a recycled name does not inherit.</summary>
    public static readonly SubjectTemplate Ids = Known(
        "organization_id:{organization_id}:project_id:{project_id}:workspace_id:{workspace_id}:run_phase:{run_phase}");

    // No identifier is longer than this: its prefix and 16 characters.
    private const int MaxIdLength = 20;
    private const int MaxPhaseLength = 5;

    private static readonly Dictionary<string, Placeholder> Placeholders = new(StringComparer.Ordinal)
    {
        ["organization_name"] = new(Data.Names.MaxOrganizationLength, (workspace, _) => workspace.OrganizationName),
        ["organization_id"] = new(MaxIdLength, (workspace, _) => workspace.OrganizationId.Value),
        ["project_name"] = new(Data.Names.MaxProjectLength, (workspace, _) => workspace.ProjectName),
        ["project_id"] = new(MaxIdLength, (workspace, _) => workspace.ProjectId.Value),
        ["workspace_name"] = new(Data.Names.MaxWorkspaceLength, (workspace, _) => workspace.WorkspaceName),
        ["workspace_id"] = new(MaxIdLength, (workspace, _) => workspace.WorkspaceId.Value),
        ["run_phase"] = new(MaxPhaseLength, (_, phase) => phase),
    };

    private readonly string[] _pieces;

    private SubjectTemplate(string text)
    {
        Text = text;
        _pieces = text.Split(':');
    }

    public string Text { get; }

    /// <summary>Plan and apply have different subjects, so that each can have a role of its own.</summary>
    public bool TellsPhases => Uses("run_phase");

    /// <summary>Some part of the subject changes when the organisation, project or workspace is renamed.</summary>
    public bool DependsOnNames => _pieces.Any(piece => PlaceholderOf(piece)?.EndsWith("_name", StringComparison.Ordinal) == true);

    /// <summary>The subject changes when the workspace is renamed.</summary>
    public bool NamesWorkspace => Uses("workspace_name");

    /// <summary>The subject changes when the project is renamed, or a workspace moved to another one.</summary>
    public bool NamesProject => Uses("project_name");

    /// <summary>The subject changes when the organisation is renamed.</summary>
    public bool NamesOrganization => Uses("organization_name");

    /// <summary>Reads a template that somebody wants to save.</summary>
    public static SubjectTemplateCheck Check(string text)
    {
        var template = new SubjectTemplate(text);
        List<string> problems = [.. template.Problems()];
        if (problems.Count > 0)
        {
            return new SubjectTemplateCheck(null, problems, []);
        }
        return new SubjectTemplateCheck(
            template,
            [],
            template.TellsPhases
                ? []
                : ["Without {run_phase}, plan and apply have the same subject: whoever may plan gets what apply may do. Add ':run_phase:{run_phase}'."]);
    }

    /// <param name="phase"><c>plan</c> or <c>apply</c>.</param>
    public string Render(WorkspaceIdentity workspace, string phase) =>
        string.Join(':', _pieces.Select(piece => PlaceholderOf(piece) is { } name ? Placeholders[name].Value(workspace, phase) : piece));

    public override string ToString() => Text;

    private static SubjectTemplate Known(string text) => new(text);

    private IEnumerable<string> Problems()
    {
        foreach (var piece in _pieces)
        {
            if (ProblemOf(piece) is { } problem)
            {
                yield return problem;
            }
        }
        if (_pieces is not (["organization", "{organization_name}", _, ..] or ["organization_id", "{organization_id}", _, ..]))
        {
            yield return "Begin with 'organization:{organization_name}:' or 'organization_id:{organization_id}:', so that no other "
                + "organisation can have the same subject.";
        }
        if (!Uses("workspace_name") && !Uses("workspace_id"))
        {
            yield return "Add {workspace_name} or {workspace_id}: without it, every workspace has the same subject.";
        }
        if (Longest > MaxSubjectLength)
        {
            yield return $"With the longest names a subject would have {Longest} characters; AWS takes {MaxSubjectLength}. Use ids or fewer parts.";
        }
    }

    private int Longest => _pieces.Length - 1
        + _pieces.Sum(piece => PlaceholderOf(piece) is { } name && Placeholders.TryGetValue(name, out var known) ? known.MaxLength : piece.Length);

    private static string? ProblemOf(string piece)
    {
        if (piece.Length == 0)
        {
            return "Write something between two colons, and before the first and after the last.";
        }
        if (PlaceholderOf(piece) is { } name)
        {
            return Placeholders.ContainsKey(name)
                ? null
                : $"{{{name}}} is not known here. Known are {string.Join(", ", Placeholders.Keys.Select(key => $"{{{key}}}"))}.";
        }
        if (piece.AsSpan().ContainsAny('{', '}'))
        {
            return $"'{piece}' mixes text and braces. A placeholder stands alone between two colons.";
        }
        return PlainText().IsMatch(piece)
            ? null
            : $"'{piece}' holds a character that trust policies may read differently. Letters, digits and _ . = + @ / - are safe.";
    }

    private bool Uses(string placeholder) => _pieces.Contains($"{{{placeholder}}}");

    private static string? PlaceholderOf(string piece) =>
        piece.Length > 2 && piece[0] == '{' && piece[^1] == '}' && !piece.AsSpan(1, piece.Length - 2).ContainsAny('{', '}')
            ? piece[1..^1]
            : null;

    [GeneratedRegex(@"\A[A-Za-z0-9_.=+@/-]+\z")]
    private static partial Regex PlainText();

    private sealed record Placeholder(int MaxLength, Func<WorkspaceIdentity, string, string> Value);
}

/// <summary>What is to be said about a template before it is saved.</summary>
/// <param name="Template">Null when there are problems.</param>
/// <param name="Problems">Why it cannot be saved.</param>
/// <param name="Warnings">Why it had better not be.</param>
public sealed record SubjectTemplateCheck(SubjectTemplate? Template, IReadOnlyList<string> Problems, IReadOnlyList<string> Warnings);
