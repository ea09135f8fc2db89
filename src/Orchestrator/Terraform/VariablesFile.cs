using System.Text;

namespace Orchestrator.Terraform;

/// <summary>Writes input variables as HCL: an expression as it stands, any other value as a quoted string.</summary>
public static class VariablesFile
{
    public static string Write(IEnumerable<(string Key, string Value, bool Hcl)> variables)
    {
        var text = new StringBuilder();
        foreach (var (key, value, hcl) in variables)
        {
            text.Append(key).Append(" = ").Append(hcl ? value : Quote(value)).Append('\n');
        }
        return text.ToString();
    }

    /// <summary>A string literal that terraform reads back as exactly this value.</summary>
    public static string Quote(string value)
    {
        var text = new StringBuilder("\"");
        for (var index = 0; index < value.Length; index++)
        {
            var letter = value[index];
            text.Append(letter switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '$' or '%' when index + 1 < value.Length && value[index + 1] == '{' => $"{letter}{letter}",
                < ' ' => $"\\u{(int)letter:x4}",
                _ => letter.ToString(),
            });
        }
        return text.Append('"').ToString();
    }
}
