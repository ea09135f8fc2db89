using System.Text;

namespace Orchestrator.Web.Api.JsonApi;

/// <summary>Says where in a document something is: <c>/data/attributes/target-addrs/1</c>.</summary>
internal static class JsonPointer
{
    /// <param name="path">As the serialiser writes it: <c>$.data.attributes.target-addrs[1]</c>, <c>$.data['a name']</c>.</param>
    public static string Of(string? path)
    {
        var pointer = new StringBuilder();
        var rest = path.AsSpan().TrimStart('$');
        while (!rest.IsEmpty)
        {
            var (name, length) = Next(rest);
            pointer.Append('/').Append(name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));
            rest = rest[length..];
        }
        return pointer.ToString();
    }

    private static (string Name, int Length) Next(ReadOnlySpan<char> path)
    {
        if (path.StartsWith("['"))
        {
            var quoted = path[2..].IndexOf("']");
            return quoted < 0 ? (path[2..].ToString(), path.Length) : (path[2..(quoted + 2)].ToString(), quoted + 4);
        }
        if (path[0] == '[')
        {
            var closed = path.IndexOf(']');
            return closed < 0 ? (path[1..].ToString(), path.Length) : (path[1..closed].ToString(), closed + 1);
        }
        var start = path[0] == '.' ? 1 : 0;
        var end = path[start..].IndexOfAny('.', '[');
        return end < 0 ? (path[start..].ToString(), path.Length) : (path[start..(start + end)].ToString(), start + end);
    }
}
