using System.Net;
using System.Security.Authentication;
using Microsoft.Extensions.Options;
using Orchestrator.Runs;
using Orchestrator.Web.Hosting;

namespace Orchestrator.Web.Tests.Hosting;

/// <summary>Whether the API that a worker was told of answers.</summary>
public sealed class StateApiTests
{
    [Theory]
    [InlineData(HttpStatusCode.OK, true)]
    [InlineData(HttpStatusCode.NotFound, true)]
    [InlineData(HttpStatusCode.TooManyRequests, true)]
    [InlineData(HttpStatusCode.BadGateway, false)]
    [InlineData(HttpStatusCode.ServiceUnavailable, false)]
    public async Task Any_answer_is_one_but_a_servers_or_gateways_error(HttpStatusCode status, bool expected)
    {
        var asked = new List<string>();
        Assert.Equal(expected, await AnswersAsync("http://orchestrator.internal/below/", request =>
        {
            asked.Add(request.RequestUri!.ToString());
            return new HttpResponseMessage(status);
        }));
        Assert.Equal(["http://orchestrator.internal/below/healthz"], asked);
    }

    [Fact]
    public async Task Nobody_who_listens_is_no_answer_and_a_strange_certificate_is_one()
    {
        const string address = "https://orchestrator.internal";
        Assert.False(await AnswersAsync(address, _ => throw new HttpRequestException("refused")));
        Assert.False(await AnswersAsync(address, _ => throw new HttpRequestException("reset", new IOException())));
        Assert.True(await AnswersAsync(address, _ => throw new HttpRequestException("untrusted", new AuthenticationException())));
    }

    [Fact]
    public async Task A_process_that_is_its_own_api_asks_nobody() =>
        Assert.True(await AnswersAsync(null, _ => throw new InvalidOperationException("It has asked.")));

    private static async Task<bool> AnswersAsync(string? address, Func<HttpRequestMessage, HttpResponseMessage> answer)
    {
        using var stub = new Stub(answer);
        using var api = new StateApi(null!, null!, Options.Create(new WorkerOptions { ApiAddress = address }), TimeProvider.System, stub);
        return await api.AnswersAsync(CancellationToken.None);
    }

    private sealed class Stub(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(answer(request));
    }
}
