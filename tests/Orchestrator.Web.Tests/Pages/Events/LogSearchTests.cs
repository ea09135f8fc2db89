using System.Text;
using System.Text.Json;
using Orchestrator.Web.Pages.Events;

namespace Orchestrator.Web.Tests.Pages.Events;

public sealed class LogSearchTests
{
    [Fact]
    public void Lines_are_found_however_the_log_is_cut_whatever_their_colours_and_case()
    {
        var log = Encoding.UTF8.GetBytes("Größe one\nnothing\n\u001b[31mgrö\u001b[0mße two\nthe last größe");
        for (var cut = 0; cut <= log.Length; cut++)
        {
            var search = new LogSearch("größe");
            search.Take(log.AsSpan(0, cut));
            search.Take(log.AsSpan(cut));

            Assert.Equal("""{"hits":[1,3,4],"more":false}""", search.Write());
        }
        Assert.Equal("""{"hits":[],"more":false}""", new LogSearch("").Write());
    }

    [Fact]
    public void Too_many_lines_are_cut_and_said_to_be()
    {
        var search = new LogSearch("x");
        search.Take(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("x\n", 9000))));

        var found = JsonDocument.Parse(search.Write()).RootElement;
        Assert.Equal((5000, true), (found.GetProperty("hits").GetArrayLength(), found.GetProperty("more").GetBoolean()));
    }

    [Fact]
    public void Marks_stand_where_lines_begin_whatever_the_stretches()
    {
        var log = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(1, 1200).Select(line => $"line {line}\n")));
        var whole = new LogMarks();
        whole.Take(log);
        var pieces = new LogMarks();
        for (var at = 0; at < log.Length; at += 777)
        {
            pieces.Take(log.AsSpan(at, Math.Min(777, log.Length - at)));
        }
        var written = pieces.Write();

        Assert.Equal(whole.Write(), written);
        var root = JsonDocument.Parse(written).RootElement;
        Assert.Equal((log.Length, 1201), (root.GetProperty("offset").GetInt32(), root.GetProperty("line").GetInt32()));
        Assert.Equal([1, 501, 1001], root.GetProperty("marks").EnumerateArray().Select(mark => mark[1].GetInt32()));
        Assert.All(root.GetProperty("marks").EnumerateArray(), mark => Assert.StartsWith(
            $"line {mark[1].GetInt32()}\n", Encoding.UTF8.GetString(log.AsSpan(mark[0].GetInt32())), StringComparison.Ordinal));
    }
}
