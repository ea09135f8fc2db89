using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record AccountRequest
{
    public string? Username { get; init; }

    public Optional<string?> Email { get; init; }
}

public sealed record PasswordRequest
{
    [JsonPropertyName("current_password")]
    public string? CurrentPassword { get; init; }

    public string? Password { get; init; }

    [JsonPropertyName("password_confirmation")]
    public string? PasswordConfirmation { get; init; }
}

/// <summary>The caller's own account, and what others may know of one.</summary>
internal static class AccountApi
{
    public static void MapAccount(this IEndpointRouteBuilder api)
    {
        api.MapGet("/account/details", async (HttpContext context, OrchestratorDbContext db, UserResource users) =>
            await users.ShowAsync(await SelfAsync(context, db), context))
            .NeedsAccount("one's own").WithSummary("Show the caller's account").Returns<UserResource>();
        api.MapPatch("/account/update", UpdateAsync)
            .NeedsAccount("one's own").WithSummary("Change the caller's account").Takes<AccountRequest>().Returns<UserResource>();
        api.MapPatch("/account/password", ChangePasswordAsync)
            .NeedsAccount("one's own").WithSummary("Change the caller's password").Takes<PasswordRequest>().Returns<UserResource>();
        api.MapGet("/users/{id}", async (string id, HttpContext context, OrchestratorDbContext db, UserResource users) =>
            await users.ShowAsync(await FindAsync(id, context, db), context))
            .NeedsAccount("people and programs of the caller's organisations").WithSummary("Show a user").Returns<UserResource>();
    }

    private static async Task<UserView> SelfAsync(HttpContext context, OrchestratorDbContext db)
    {
        var caller = Caller.Of(context);
        return caller.UserId is { } id
            ? UserView.Of(await db.Users.AsNoTracking().FirstOrDefaultAsync(user => user.Id == id, context.RequestAborted) ?? throw ApiProblem.NotFound()) with
            {
                HasAuthenticator = await db.SignInFactors.AnyAsync(row => row.UserId == id && row.TimeCodeSince != null, context.RequestAborted),
            }
            : new UserView(ServiceUsers.UserIdOf(caller.Principal.Id)!, caller.Name, null, null, false, caller.Principal.Id);
    }

    private static async Task<IResult> UpdateAsync(HttpContext context, Accounts accounts, UserResource users)
    {
        var id = Caller.Of(context).UserId ?? throw ApiProblem.NotFound();
        var wanted = (await context.Request.ReadResourceAsync<AccountRequest>()).Attributes!;
        var edit = new AccountEdit(wanted.Username, wanted.Email.IsSet ? wanted.Email.Value ?? "" : null);
        var result = await accounts.UpdateAsync(id, edit, context.RequestAborted);
        return result.User is { } user ? await users.ShowAsync(UserView.Of(user), context)
            : result.Refusal is { } refusal ? throw ApiProblem.Invalid(result.Field!, refusal)
            : throw ApiProblem.NotFound();
    }

    /// <summary>For people who have a password. The first one is set in a page: a token that is lost must not become a way in.</summary>
    private static async Task<IResult> ChangePasswordAsync(
        HttpContext context, PasswordChange change, OrchestratorDbContext db, UserResource users)
    {
        var id = Caller.Of(context).UserId ?? throw ApiProblem.NotFound();
        var wanted = (await context.Request.ReadResourceAsync<PasswordRequest>()).Attributes!;
        var refusal = await change.ChangeAsync(id, wanted.CurrentPassword, wanted.Password, wanted.PasswordConfirmation, context);
        return refusal is null
            ? await users.ShowAsync(UserView.Of(await db.Users.AsNoTracking().FirstAsync(user => user.Id == id, context.RequestAborted)), context)
            : throw ApiProblem.Invalid(refusal.Field, refusal.Reason);
    }

    /// <summary>Oneself, and whoever belongs to an organisation that the caller may look into.</summary>
    private static async Task<UserView> FindAsync(string id, HttpContext context, OrchestratorDbContext db)
    {
        var admission = Admission.Of(context);
        if (!Identifier.TryParse<UserId>(id, out var wanted))
        {
            throw ApiProblem.NotFound();
        }
        if (await db.Users.AsNoTracking().FirstOrDefaultAsync(user => user.Id == wanted, context.RequestAborted) is { } person)
        {
            return admission.Caller.IsSiteAdmin || admission.Caller.UserId == wanted || (await Sights.SeenAsync(context, People.Type, [id])).Count > 0
                ? UserView.Of(person)
                : throw ApiProblem.NotFound();
        }
        var (team, organization) = ServiceUsers.Bearers(wanted);
        if (await db.Teams.AsNoTracking().FirstOrDefaultAsync(row => row.Id == team, context.RequestAborted) is { } found
            && admission.Standing.In(found.OrganizationId).HasFlag(OrganizationRight.Read))
        {
            return new UserView(id, ServiceUsers.NameOf(found.Id), null, null, false, found.Id.Value);
        }
        return await db.Organizations.AsNoTracking().FirstOrDefaultAsync(row => row.Id == organization, context.RequestAborted) is { } owner
            && admission.Standing.In(owner.Id).HasFlag(OrganizationRight.Read)
                ? new UserView(id, ServiceUsers.NameOf(owner.Name), null, null, false, owner.Id.Value)
                : throw ApiProblem.NotFound();
    }
}
