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

    public static string Say(ChangeKind kind) => kind switch
    {
        ChangeKind.Destroy => "will be destroyed",
        ChangeKind.Replace => "will be destroyed and made anew",
        ChangeKind.Update => "will change",
        ChangeKind.Create => "will be created",
        ChangeKind.Move => "has moved",
        ChangeKind.Import => "will be imported",
        ChangeKind.Forget => "will be forgotten, not destroyed",
        ChangeKind.Read => "will be read",
    };
}
