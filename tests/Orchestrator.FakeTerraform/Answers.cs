namespace Orchestrator.FakeTerraform;

/// <summary>What a well-behaved terraform would say, as far as the platform listens.</summary>
internal static class Answers
{
    private const string Plan = """
        {"format_version":"1.2","resource_changes":[
          {"address":"terraform_data.one","mode":"managed","change":{"actions":["create"]}}]}
        """;

    public static int Version()
    {
        Console.WriteLine("""{"terraform_version":"1.11.4","platform":"linux_amd64","provider_selections":{}}""");
        return 0;
    }

    public static int Init()
    {
        Console.WriteLine("Terraform has been successfully initialized!");
        return 0;
    }

    public static int Show()
    {
        Console.WriteLine(Plan);
        return 0;
    }

    /// <summary>A plan has changes (exit code 2), and its file is wherever it was asked for.</summary>
    public static int PlanOrApply(string[] arguments)
    {
        const string option = "-out=";
        if (Array.Find(arguments, argument => argument.StartsWith(option, StringComparison.Ordinal)) is { } file)
        {
            File.WriteAllText(file[option.Length..], "a plan");
            Console.WriteLine("Plan: 1 to add, 0 to change, 0 to destroy.");
            return 2;
        }
        Console.WriteLine("Apply complete! Resources: 1 added, 0 changed, 0 destroyed.");
        return 0;
    }

    public static int Unknown(string[] arguments)
    {
        Console.Error.WriteLine($"FakeTerraform does not know '{string.Join(' ', arguments)}'.");
        return 64;
    }
}
