using System.Net;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Runs;
using Orchestrator.Web.Hosting;

namespace Orchestrator.Web.Tests.Hosting;

/// <summary>The process that keeps a worker's states says whether the database is away for it, too.</summary>
public sealed class WitnessTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly DatabaseSight _own;

    public WitnessTests() => _own = new DatabaseSight(_clock);

    [Theory]
    [InlineData("""{"database":"away","age":0.5,"mark":"other"}""", 0.5)]
    [InlineData("""{"database":"fine","age":0.5,"mark":"other"}""", null)]
    [InlineData("""{"database":null,"age":0,"mark":"other"}""", null)]
    [InlineData("""{"database":"away","age":-9,"mark":"other"}""", null)]
    [InlineData("""{"database":"away","age":1e300,"mark":"other"}""", null)]
    [InlineData("""{"database":"away","age":0.5}""", null)]
    [InlineData("""["away"]""", null)]
    [InlineData("<html>", null)]
    public async Task Only_a_plain_answer_that_it_is_away_counts(string answer, double? expected)
    {
        using var witness = Witness(new Stub(_ => Json(answer)));

        Assert.Equal(expected, (await witness.SawDatabaseAwayAsync(CancellationToken.None))?.TotalSeconds);
    }

    [Fact]
    public async Task No_answer_an_error_and_an_answer_of_ones_own_are_no_witness()
    {
        using var silent = Witness(new Stub(_ => throw new HttpRequestException("refused")));
        using var failing = Witness(new Stub(_ => new HttpResponseMessage(HttpStatusCode.BadGateway)));
        using var own = Witness(new Stub(_ => Json($$"""{"database":"away","age":0.5,"mark":"{{_own.Mark}}"}""")));
        using var nobody = new StateApiWitness(Options.Create(new WorkerOptions()), _own, _clock);

        Assert.All(
            await Task.WhenAll(new[] { silent, failing, own, nobody }.Select(one => one.SawDatabaseAwayAsync(CancellationToken.None))),
            Assert.Null);
    }

    [Fact]
    public async Task Several_who_ask_within_a_second_get_one_answer_which_grows_old()
    {
        var asked = new List<string>();
        using var witness = Witness(new Stub(request =>
        {
            asked.Add(request.RequestUri!.AbsolutePath);
            return Json("""{"database":"away","age":0.5,"mark":"other"}""");
        }));

        await witness.SawDatabaseAwayAsync(CancellationToken.None);
        _clock.Advance(TimeSpan.FromSeconds(0.75));
        Assert.Equal(1.25, (await witness.SawDatabaseAwayAsync(CancellationToken.None))?.TotalSeconds);
        Assert.Equal(["/below/healthz/database"], asked);
        _clock.Advance(TimeSpan.FromSeconds(0.25));
        Assert.Equal(0.5, (await witness.SawDatabaseAwayAsync(CancellationToken.None))?.TotalSeconds);
        Assert.Equal(2, asked.Count);
    }

    private StateApiWitness Witness(HttpMessageHandler handler) =>
        new(Options.Create(new WorkerOptions { ApiAddress = "http://orchestrator.internal/below/" }), _own, _clock, handler);

    private static HttpResponseMessage Json(string content) => new() { Content = new StringContent(content, Encoding.UTF8, "application/json") };

    private sealed class Stub(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(answer(request));
    }
}
