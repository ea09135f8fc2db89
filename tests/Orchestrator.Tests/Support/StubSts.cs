using System.Net;

namespace Orchestrator.Tests.Support;

/// <summary>Gives prepared answers to calls of AWS STS, the last one for ever, and keeps what was asked.</summary>
internal sealed class StubSts((int Status, string Text)[] answers) : StandIn
{
    public const string Success = """
        <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
          <AssumeRoleWithWebIdentityResult>
            <Credentials>
              <AccessKeyId>ASIAKEY</AccessKeyId><SecretAccessKey>SECRETKEY</SecretAccessKey>
              <SessionToken>SESSIONTOKEN</SessionToken><Expiration>2026-03-01T13:00:00Z</Expiration>
            </Credentials>
            <AssumedRoleUser>
              <Arn>arn:aws:sts::123456789012:assumed-role/deploy/run-plan</Arn><AssumedRoleId>AROA:run-plan</AssumedRoleId>
            </AssumedRoleUser>
          </AssumeRoleWithWebIdentityResult>
          <ResponseMetadata><RequestId>request-id</RequestId></ResponseMetadata>
        </AssumeRoleWithWebIdentityResponse>
        """;

    /// <summary>Each call's form values.</summary>
    public List<Dictionary<string, string>> Calls { get; } = [];

    public Dictionary<string, string> Form => Calls[^1];

    /// <summary>The names of the last call's headers.</summary>
    public IReadOnlyList<string> Headers { get; private set; } = [];

    public static string Error(string code, string message) => $"""
        <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
          <Error><Type>Sender</Type><Code>{code}</Code><Message>{WebUtility.HtmlEncode(message)}</Message></Error>
          <RequestId>request-id</RequestId>
        </ErrorResponse>
        """;

    public static Task<StubSts> StartAsync(int status, string answer) => StartAsync((status, answer));

    public static Task<StubSts> StartAsync(params (int Status, string Text)[] answers) => Task.FromResult(new StubSts(answers));

    protected override string ContentType => "text/xml";

    protected override Task<(int Status, string Text)> AnswerAsync(HttpListenerRequest request, string body)
    {
        Calls.Add(ParseForm(body));
        Headers = [.. request.Headers.AllKeys.OfType<string>()];
        return Task.FromResult(answers[Math.Min(Calls.Count, answers.Length) - 1]);
    }
}
