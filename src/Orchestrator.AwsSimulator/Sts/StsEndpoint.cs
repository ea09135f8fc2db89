using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Http;

namespace Orchestrator.AwsSimulator.Sts;

/// <summary>The query protocol: parameters as a form or in the query string, answers in XML.</summary>
internal sealed class StsEndpoint(
    AssumeRoleWithWebIdentity assumeRole, GetCallerIdentity callerIdentity, TimeSpan shortestSession)
{
    private const string Version = "2011-06-15";

    // A token of 20000 characters and a policy of 2048, percent-encoded, fit several times.
    private const int MostBytes = 128 * 1024;

    public static bool Accepts(AwsCall call) => call.RawPath == "/" && (call.Method == "POST" || call.QueryValue("Action") is not null);

    public async Task<Checked<AwsResponse>> HandleAsync(AwsCall call, CallRecord record, CancellationToken cancellationToken)
    {
        if (await BoundedBody.ReadAsync(call.Body, MostBytes, cancellationToken) is not { } body)
        {
            return StsErrors.TooLarge;
        }

        var parameters = call.Method == "POST" ? QueryHelpers.ParseQuery(Encoding.UTF8.GetString(body)) : call.Query;
        var action = parameters.TryGetValue("Action", out var named) ? named.ToString() : null;
        var version = parameters.TryGetValue("Version", out var stated) ? stated.ToString() : null;
        switch (action)
        {
            case "AssumeRoleWithWebIdentity" when version == Version:
                record.Operation = action;
                return AssumeRoleRequest.Read(parameters, shortestSession).Passed(out var request, out var refusal)
                    ? await assumeRole.ExecuteAsync(request, call, record, cancellationToken)
                    : refusal;
            case "GetCallerIdentity" when version == Version:
                record.Operation = action;
                return callerIdentity.Execute(call, body, record);
            default:
                return StsErrors.UnknownAction(action, version);
        }
    }
}
