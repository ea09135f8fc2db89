using System.Buffers;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Credentials;
using Orchestrator.Web.Api;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Credentials;

/// <summary>Entries of the ledger, one JSON document a line. They go out as they come from the database, however many they are.</summary>
internal sealed class LedgerExport(IQueryable<CredentialGrant> grants) : IResult
{
    public const string MediaType = "application/jsonl";

    private const int WriteSize = 32 * 1024;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, cancellationToken) = (httpContext.Response, httpContext.RequestAborted);
        response.ContentType = MediaType;
        response.Headers.ContentDisposition = "attachment; filename=\"credential-grants.jsonl\"";
        var written = 0;
        await foreach (var grant in grants.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            var line = JsonSerializer.SerializeToUtf8Bytes<Resource>(CredentialGrantResource.Map(grant), ApiJson.Options);
            response.BodyWriter.Write(line);
            response.BodyWriter.Write("\n"u8);
            if ((written += line.Length) >= WriteSize)
            {
                await response.BodyWriter.FlushAsync(cancellationToken);
                written = 0;
            }
        }
        await response.BodyWriter.FlushAsync(cancellationToken);
    }
}
