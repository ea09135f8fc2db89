using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Http;
using Orchestrator.AwsSimulator.Oidc;
using Orchestrator.AwsSimulator.S3;
using Orchestrator.AwsSimulator.S3.Payload;
using Orchestrator.AwsSimulator.Sessions;
using Orchestrator.AwsSimulator.Signing;
using Orchestrator.AwsSimulator.Sts;

namespace Orchestrator.AwsSimulator;

/// <summary>Takes every request, finds the service it is for, and records how it ended.</summary>
internal sealed partial class SimulatorEndpoint(
    StsEndpoint sts, S3Endpoint s3, ActivityLog activity, TimeProvider clock, ILogger<SimulatorEndpoint> logger)
{
    public static SimulatorEndpoint Create(
        AwsSimulatorOptions options, ActivityLog activity, HttpClient issuers, ILoggerFactory loggers)
    {
        var configuration = options.Configuration;
        var clock = new OffsetTimeProvider(options.TimeProvider, configuration.Faults.ClockOffset);
        var sessions = new SessionStore(clock);
        var signatures = new SignatureVerifier(sessions, clock);
        var documents = new IssuerDocuments(
            issuers, configuration.Relaxations, configuration.Faults, options.IssuerTimeout, loggers.CreateLogger<IssuerDocuments>());
        var tokens = new TokenVerifier(new VerificationKeys(documents, configuration.Faults, clock), clock);
        var buckets = new BucketStore(configuration.Accounts, clock.GetUtcNow());
        return new SimulatorEndpoint(
            new StsEndpoint(
                new AssumeRoleWithWebIdentity(configuration, tokens, sessions, new FaultInjection(configuration.Faults), clock),
                new GetCallerIdentity(signatures),
                options.MinimumSessionDuration),
            new S3Endpoint(signatures, new S3Access(buckets), buckets, new BodyReader(options.MaxObjectBytes), clock),
            activity,
            clock,
            loggers.CreateLogger<SimulatorEndpoint>());
    }

    public async Task HandleAsync(HttpContext context)
    {
        if (ActivityPages.Accepts(context.Request))
        {
            await ActivityPages.WriteAsync(context, activity);
            return;
        }

        var call = new AwsCall(context);
        var isSts = StsEndpoint.Accepts(call);
        var record = new CallRecord(call, isSts ? "sts" : "s3");
        try
        {
            var result = isSts
                ? await sts.HandleAsync(call, record, context.RequestAborted)
                : await s3.HandleAsync(call, record, context.RequestAborted);
            await Answer(result, call, record, isSts).WriteAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            Log.Abandoned(logger, call.RequestId);
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            Log.Failed(logger, call.RequestId, failure);
            await Answer(Broken(failure, isSts), call, record, isSts).WriteAsync(context);
        }
    }

    private AwsResponse Answer(Checked<AwsResponse> result, AwsCall call, CallRecord record, bool isSts)
    {
        var now = clock.GetUtcNow();
        var passed = result.Passed(out var response, out var refusal);
        activity.Add(record.ToEvent(now, refusal?.Error), refusal is null ? null : record.Explain(now, refusal));
        if (passed)
        {
            Log.Answered(logger, record.Operation, record.Identity.PrincipalId, call.RequestId);
        }
        else
        {
            Log.Refused(
                logger, record.Operation, record.Identity.PrincipalId, refusal!.Error.Code, refusal.Check, call.RequestId);
            response = isSts ? StsXml.Failure(refusal.Error, call.RequestId) : S3Errors.Answer(refusal.Error, call);
        }

        return isSts
            ? response!
            : response! with
            {
                Headers = new Dictionary<string, string>(response.Headers) { ["x-amz-request-id"] = call.RequestId },
            };
    }

    /// <summary>What broke is in the log; the caller learns only that something did.</summary>
    private static Refusal Broken(Exception failure, bool isSts) => failure switch
    {
        BadHttpRequestException { StatusCode: 413 } => isSts ? StsErrors.TooLarge : S3Errors.TooLarge(),
        BadHttpRequestException => S3Errors.IncompleteBody("the connection ended or sent something else than HTTP"),
        _ when isSts => StsErrors.Failed with { Check = "simulator" },
        _ => new Refusal(
            new AwsError("InternalError", 500, "We encountered an internal error. Please try again."), "simulator"),
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Operation} by {Principal} succeeded ({RequestId}).")]
        public static partial void Answered(ILogger logger, string operation, string? principal, string requestId);

        [LoggerMessage(
            2, LogLevel.Information, "{Operation} by {Principal} was refused: {Code}, check \"{Check}\" ({RequestId}).")]
        public static partial void Refused(
            ILogger logger, string operation, string? principal, string code, string check, string requestId);

        [LoggerMessage(3, LogLevel.Debug, "The caller did not wait for the answer to {RequestId}.")]
        public static partial void Abandoned(ILogger logger, string requestId);

        [LoggerMessage(4, LogLevel.Error, "Request {RequestId} could not be handled.")]
        public static partial void Failed(ILogger logger, string requestId, Exception failure);
    }
}
