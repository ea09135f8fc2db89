namespace Orchestrator.Web.Pages.Runs;

internal static class ChangeWords
{
    public static string Sign(ChangeKind kind) => kind switch
    {
        ChangeKind.Destroy => "−",
        ChangeKind.Replace => "∓",
        ChangeKind.Update => "~",
        ChangeKind.Create => "+",
        ChangeKind.Move => "→",
        ChangeKind.Import => "⇥",
        ChangeKind.Forget => "∅",
        ChangeKind.Read => "≤",
    };

    public static string Say(ResourceChange change) => change.Kind switch
    {
        ChangeKind.Destroy => "will be destroyed",
        ChangeKind.Replace => change.IsCreatedFirst ? "will be made anew, then the old one destroyed" : "will be destroyed and made anew",
        ChangeKind.Update => "will change",
        ChangeKind.Create => "will be created",
        ChangeKind.Move => "has moved",
        ChangeKind.Import => "will be imported",
        ChangeKind.Forget => "will be forgotten, not destroyed",
        ChangeKind.Read => "will be read",
    };

    /// <summary>On the buttons that filter.</summary>
    public static string Name(ChangeKind kind) => kind switch
    {
        ChangeKind.Update => "change",
        _ => Class(kind),
    };

    public static string Class(ChangeKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>Terraform's word for why it does something (<c>action_reason</c>), as a sentence.</summary>
    public static string Because(string reason) => reason switch
    {
        "replace_because_tainted" => "Its last creation did not end well (it is tainted), so it is replaced.",
        "replace_because_cannot_update" => "Its provider cannot change this in place.",
        "replace_by_request" => "Somebody asked for its replacement (-replace).",
        "replace_by_triggers" => "Something that it is to follow (replace_triggered_by) changes.",
        "delete_because_no_resource_config" => "It is not in the configuration any more.",
        "delete_because_no_module" => "Its module is not in the configuration any more.",
        "delete_because_wrong_repetition" => "The configuration uses count or for_each otherwise than when it was made.",
        "delete_because_count_index" => "Its index is beyond what count says now.",
        "delete_because_each_key" => "Its key is not in for_each any more.",
        "delete_because_no_move_target" => "It was moved to something that is not in the configuration.",
        "read_because_config_unknown" => "What it reads by is known only after the apply.",
        "read_because_dependency_pending" => "Something that it depends on changes first.",
        "read_because_check_nested" => "A check of the configuration looks at it.",
        _ => $"{Parts.Words.Sentence(reason)}.",
    };
}
