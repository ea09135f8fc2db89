using Microsoft.Extensions.Options;
using Orchestrator.Access;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;

namespace Orchestrator.Web.Pages.Forms;

/// <summary>Takes an archive from the upload form. Why one was refused stays with its configuration version, where the page shows it.</summary>
internal static class ConfigurationForm
{
    private const string Source = RunSource.Pages;

    public static async Task<IResult> UploadAsync(
        string organization, string workspace, HttpContext context, Admission admission, OrchestratorDbContext db,
        ConfigurationStore configurations, RunQueue queue, TimeProvider clock)
    {
        var cancellationToken = context.RequestAborted;
        var back = Results.LocalRedirect(Links.Workspace(organization, workspace) + "#configuration");
        var form = await context.Request.ReadFormAsync(cancellationToken);
        if (form.Files["archive"] is not { Length: > 0 } file)
        {
            Notice.Refused("Choose a .tar.gz file first.").Leave(context);
            return back;
        }
        var version = new ConfigurationVersion
        {
            Id = Identifier.New<ConfigurationVersionId>(),
            WorkspaceId = admission.Scope.Workspace!.Value,
            Source = Source,
            AutoQueueRuns = false,
            CreatedById = admission.Caller.Actor.Id,
            CreatedBy = admission.Caller.Name,
            CreatedAt = clock.GetUtcNow(),
        };
        db.ConfigurationVersions.Add(version);
        await db.SaveChangesAsync(cancellationToken);
        var archive = await ReadAsync(file, cancellationToken);
        var result = await configurations.UploadAsync(version.Id, archive, cancellationToken);
        if (result.Outcome != UploadOutcome.Uploaded)
        {
            Notice.Refused($"The archive was refused: {result.Reason ?? "it was uploaded twice."}").Leave(context);
            return back;
        }
        if (form["start"].Count == 0)
        {
            Notice.Done($"Uploaded {Parts.Words.Size(archive.Length)}. The next run uses it.").Leave(context);
            return back;
        }
        return await StartAsync(organization, workspace, version, file.FileName, context, admission, queue) ?? back;
    }

    private static async Task<IResult?> StartAsync(
        string organization, string workspace, ConfigurationVersion version, string fileName, HttpContext context, Admission admission,
        RunQueue queue)
    {
        var result = await queue.CreateAsync(new RunRequest(version.WorkspaceId, admission.Caller.Actor, Source)
        {
            ConfigurationVersionId = version.Id,
            Message = $"Upload of {fileName}",
            MayApply = admission.May(WorkspaceRight.QueueApply),
            MayUseCredentials = admission.May(WorkspaceRight.RunWithCredentials),
        }, context.RequestAborted);
        if (result.Run is { } run)
        {
            return Results.LocalRedirect(Links.Run(organization, workspace, run.Id.Value));
        }
        Notice.Refused($"The archive was uploaded, but no run was started: {result.Refusal}").Leave(context);
        return null;
    }

    private static async Task<byte[]> ReadAsync(IFormFile file, CancellationToken cancellationToken)
    {
        var content = new byte[file.Length];
        await using var stream = file.OpenReadStream();
        await stream.ReadExactlyAsync(content, cancellationToken);
        return content;
    }
}
