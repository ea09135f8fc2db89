using System.Xml.Linq;
using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Http;

namespace Orchestrator.AwsSimulator.Sts;

/// <summary>STS's answers; members in any order, absent ones left out.</summary>
internal static class StsXml
{
    public static readonly XNamespace Namespace = "https://sts.amazonaws.com/doc/2011-06-15/";

    public static AwsResponse Success(string action, string requestId, params object?[] members) =>
        WithRequestId(requestId, AwsResponse.Xml(200, new XElement(
            Namespace + $"{action}Response",
            new XElement(Namespace + $"{action}Result", members),
            new XElement(Namespace + "ResponseMetadata", new XElement(Namespace + "RequestId", requestId)))));

    public static AwsResponse Failure(AwsError error, string requestId) =>
        WithRequestId(requestId, AwsResponse.Xml(error.Status, new XElement(
            Namespace + "ErrorResponse",
            new XElement(
                Namespace + "Error",
                Member("Type", error.Status < 500 ? "Sender" : "Receiver"),
                Member("Code", error.Code),
                Member("Message", error.Message)),
            Member("RequestId", requestId))));

    public static XElement Member(string name, object value) => new(Namespace + name, value);

    public static XElement? Optional(string name, object? value) => value is null ? null : Member(name, value);

    private static AwsResponse WithRequestId(string requestId, AwsResponse response) => response with
    {
        Headers = new Dictionary<string, string>(response.Headers) { ["x-amzn-RequestId"] = requestId },
    };
}
