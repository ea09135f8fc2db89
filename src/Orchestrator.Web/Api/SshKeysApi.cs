using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.SshKeys;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>The value is never told.</summary>
public sealed record SshKeyAttributes(string Name);

public sealed record SshKeyRequest
{
    public string? Name { get; init; }

    public string? Value { get; init; }

    public override string ToString() => $"SSH key {Name}";
}

/// <summary>Which key a workspace shall use: its id, or null for none.</summary>
public sealed record SshKeyChoice
{
    public Optional<string?> Id { get; init; }
}

internal sealed class SshKeyResource() : ResourceType<SshKey, SshKeyAttributes>(Type)
{
    public const string Type = "ssh-keys";

    protected override string IdOf(SshKey row) => row.Id.Value;

    protected override IQueryable<SshKey> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new SshKeyId(id)).ToArray();
        return db.SshKeys.Where(key => wanted.Contains(key.Id));
    }

    protected override SshKeyAttributes Show(SshKey row, HttpContext context) => new(row.Name);
}

internal static class SshKeysApi
{
    public static void MapSshKeys(this IEndpointRouteBuilder api)
    {
        api.MapGet("/organizations/{organization}/ssh-keys", async (
            string organization, HttpContext context, OrchestratorDbContext db, SshKeyResource keys) =>
        {
            var owner = await db.OrganizationAsync(organization, context.RequestAborted);
            return await keys.ShowPageAsync(db.SshKeys.AsNoTracking().Where(key => key.OrganizationId == owner.Id).OrderBy(key => key.Name), context);
        }).Needs(OrganizationRight.Read).WithSummary("List an organisation's SSH keys").ReturnsPage<SshKeyResource>();
        api.MapPost("/organizations/{organization}/ssh-keys", CreateAsync).Needs(OrganizationRight.ManageSshKeys)
            .WithSummary("Add an SSH key").Takes<SshKeyRequest>().Creates<SshKeyResource>();
        api.MapGet("/ssh-keys/{id}", async (string id, HttpContext context, OrchestratorDbContext db, SshKeyResource keys) =>
            await keys.ShowAsync(await db.SshKeys.AsNoTracking().FirstOrDefaultAsync(key => key.Id == new SshKeyId(id), context.RequestAborted), context))
            .Needs(OrganizationRight.Read).WithSummary("Show an SSH key's name").Returns<SshKeyResource>();
        api.MapPatch("/ssh-keys/{id}", UpdateAsync).Needs(OrganizationRight.ManageSshKeys)
            .WithSummary("Rename or replace an SSH key").Takes<SshKeyRequest>().Returns<SshKeyResource>();
        api.MapDelete("/ssh-keys/{id}", async (string id, OrchestratorDbContext db, CancellationToken cancellationToken) =>
            await db.SshKeys.Where(key => key.Id == new SshKeyId(id)).ExecuteDeleteAsync(cancellationToken) == 1
                ? Results.NoContent()
                : throw ApiProblem.NotFound())
            .Needs(OrganizationRight.ManageSshKeys).WithSummary("Delete an SSH key").ReturnsNothing();
        api.MapPatch("/workspaces/{id}/relationships/ssh-key", ChooseAsync).Needs(WorkspaceRight.Update)
            .WithSummary("Choose a workspace's SSH key, or none").Takes<SshKeyChoice>().Returns<WorkspaceResource>();
    }

    private static async Task<IResult> CreateAsync(
        string organization, HttpContext context, OrchestratorDbContext db, SshKeyEditor editor, TimeProvider clock, SshKeyResource keys)
    {
        var owner = await db.OrganizationAsync(organization, context.RequestAborted);
        var wanted = (await context.Request.ReadResourceAsync<SshKeyRequest>()).Attributes!;
        var key = new SshKey
        {
            Id = Identifier.New<SshKeyId>(),
            OrganizationId = owner.Id,
            Name = "",
            ProtectedValue = [],
            CreatedAt = clock.GetUtcNow(),
        };
        Require(editor.Update(key, new SshKeyEdit(wanted.Name ?? "", wanted.Value ?? "")));
        db.SshKeys.Add(key);
        await db.SaveNewAsync("name", context.RequestAborted);
        return await keys.ShowNewAsync(key, context);
    }

    private static async Task<IResult> UpdateAsync(
        string id, HttpContext context, OrchestratorDbContext db, SshKeyEditor editor, SshKeyResource keys)
    {
        var key = await db.SshKeys.FirstOrDefaultAsync(row => row.Id == new SshKeyId(id), context.RequestAborted) ?? throw ApiProblem.NotFound();
        var wanted = (await context.Request.ReadResourceAsync<SshKeyRequest>()).Attributes!;
        Require(editor.Update(key, new SshKeyEdit(wanted.Name, wanted.Value)));
        await db.SaveNewAsync("name", context.RequestAborted);
        return await keys.ShowAsync(key, context);
    }

    private static async Task<IResult> ChooseAsync(
        string id, HttpContext context, OrchestratorDbContext db, TimeProvider clock, WorkspaceResource workspaces)
    {
        var workspace = await db.WorkspaceAsync(id, context.RequestAborted);
        var wanted = (await context.Request.ReadResourceAsync<SshKeyChoice>()).Attributes!.Id;
        if (!wanted.IsSet)
        {
            throw ApiProblem.Invalid("id", "Send the id of an SSH key, or null for none.");
        }
        SshKeyId? key = wanted.Value is { Length: > 0 } chosen ? new SshKeyId(chosen) : null;
        if (key is { } given && !await db.SshKeys.AnyAsync(row => row.Id == given && row.OrganizationId == workspace.OrganizationId, context.RequestAborted))
        {
            throw ApiProblem.Invalid("id", "The organization has no such SSH key.");
        }
        var now = clock.GetUtcNow();
        await db.Workspaces.Where(row => row.Id == workspace.Id).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.SshKeyId, key)
            .SetProperty(row => row.UpdatedAt, now), context.RequestAborted);
        return await workspaces.ShowAsync(id, context);
    }

    private static void Require(SshKeyRefusal? refusal)
    {
        if (refusal is not null)
        {
            throw ApiProblem.Invalid(refusal.Field, refusal.Reason);
        }
    }
}
