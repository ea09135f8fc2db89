using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Hosting;
using Orchestrator.Web.Pages.Account;
using Orchestrator.Web.Pages.Site;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Web.Pages.Forms;

/// <summary>What site admins do with accounts and with the keys that sign run tokens.</summary>
internal static class SiteForms
{
    /// <summary>What is typed to retire keys.</summary>
    private const string Retire = "retire";

    public static void MapSiteForms(this IEndpointRouteBuilder site)
    {
        var users = site.MapGroup("/app/admin/users/{user}").RequireForm();
        users.MapPost("/link", async (string user, HttpContext context, OrchestratorDbContext db, MemberLinks links) =>
            await FindAsync(user, context, db) is { } person ? await ShowLinkAsync(person, context, links) : Results.NotFound());
        users.MapPost("/reset", ResetAsync);
        users.MapPost("/end-sessions", EndSessionsAsync);
        users.MapPost("/site-admin", MakeAdminAsync);
        users.MapPost("/disable", (string user, HttpContext context, OrchestratorDbContext db, Accounts accounts) => EnableAsync(user, false, context, db, accounts));
        users.MapPost("/enable", (string user, HttpContext context, OrchestratorDbContext db, Accounts accounts) => EnableAsync(user, true, context, db, accounts));
        var keys = site.MapGroup(Links.SiteKeys).RequireForm();
        keys.MapPost("/rotate", RotateAsync).Audited("rotate", "signing_key");
        keys.MapPost("/trim", TrimAsync).Audited("trim", "signing_key");
    }

    private static async Task<IResult> ResetAsync(string user, HttpContext context, OrchestratorDbContext db, SignInReset reset, MemberLinks links)
    {
        if (await FindAsync(user, context, db) is not { } person)
        {
            return Results.NotFound();
        }
        await reset.ResetAsync(person.Id, context.RequestAborted);
        return await ShowLinkAsync(person, context, links);
    }

    /// <summary>Told once, in the answer: it is as good as a password for a day.</summary>
    private static async Task<IResult> ShowLinkAsync(User person, HttpContext context, MemberLinks links)
    {
        if (person.DisabledAt is not null)
        {
            return Back(context, person.Id, Notice.Refused($"{person.Username} is disabled. Enable the account first."));
        }
        return App.Show<MemberLinkPage>(StatusCodes.Status200OK, new()
        {
            ["Name"] = person.Username,
            ["Link"] = context.AbsoluteUrl(SignInEndpoints.MemberLinkPath + await links.MakeAsync(person.Id, context.RequestAborted)),
        });
    }

    private static async Task<IResult> EndSessionsAsync(string user, HttpContext context, OrchestratorDbContext db, Sessions sessions)
    {
        if (await FindAsync(user, context, db) is not { } person)
        {
            return Results.NotFound();
        }
        var ended = await sessions.EndAsync(all => all.Where(session => session.UserId == person.Id), context.RequestAborted);
        return Back(context, person.Id, Notice.Done($"{person.Username} is signed out everywhere ({Parts.Words.Count(ended, "session")})."));
    }

    private static async Task<IResult> MakeAdminAsync(string user, HttpContext context, OrchestratorDbContext db, Accounts accounts)
    {
        var on = (await context.Request.ReadFormAsync(context.RequestAborted))["on"] == "true";
        if (await FindAsync(user, context, db) is not { } person)
        {
            return Results.NotFound();
        }
        context.Audit().Say("site_admin", on ? "true" : "false");
        var refusal = await accounts.SetSiteAdminAsync(person.Id, on, Caller.Of(context).UserId, context.RequestAborted);
        return Back(context, person.Id, refusal is not null ? Notice.Refused(refusal)
            : Notice.Done(on ? $"{person.Username} is a site admin now." : $"{person.Username} is no site admin any more."));
    }

    private static async Task<IResult> EnableAsync(string user, bool enabled, HttpContext context, OrchestratorDbContext db, Accounts accounts)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (await FindAsync(user, context, db) is not { } person)
        {
            return Results.NotFound();
        }
        if (!enabled && form["name"].ToString().Trim() != person.Username)
        {
            return Back(context, person.Id, Notice.Refused($"That is not the name. Nothing was done: type {person.Username} to disable the account."));
        }
        var refusal = await accounts.SetEnabledAsync(person.Id, enabled, Caller.Of(context).UserId, context.RequestAborted);
        return Back(context, person.Id, refusal is not null ? Notice.Refused(refusal)
            : Notice.Done(enabled ? $"{person.Username} is enabled again." : $"{person.Username} is disabled: nobody comes in by the account any more."));
    }

    private static async Task<IResult> RotateAsync(HttpContext context, OrchestratorDbContext db, KeyRotation rotation)
    {
        var name = (await context.Request.ReadFormAsync(context.RequestAborted))["name"].ToString().Trim();
        var active = await db.SigningKeys.AsNoTracking().FirstOrDefaultAsync(key => key.State == SigningKeyState.Active, context.RequestAborted);
        if (active is null || name != KeysPage.Short(active))
        {
            return BackToKeys(context, Notice.Refused("That is not the key that signs now. Nothing was done: type its first letters, as they stand beside the field."));
        }
        var moved = await rotation.RotateAsync(force: false, context.RequestAborted);
        return BackToKeys(context, moved.IsDone ? Notice.Done(moved.Message) : Notice.Refused(moved.Message));
    }

    private static async Task<IResult> TrimAsync(HttpContext context, KeyRotation rotation)
    {
        if ((await context.Request.ReadFormAsync(context.RequestAborted))["name"].ToString().Trim() != Retire)
        {
            return BackToKeys(context, Notice.Refused($"Nothing was done: type {Retire} to retire the keys."));
        }
        var retired = await rotation.TrimAsync(context.RequestAborted);
        return BackToKeys(context, Notice.Done($"{Parts.Words.Count(retired, "key")} retired."));
    }

    private static Task<User?> FindAsync(string user, HttpContext context, OrchestratorDbContext db)
    {
        var id = new UserId(user);
        return db.Users.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, context.RequestAborted);
    }

    private static IResult Back(HttpContext context, UserId user, Notice notice)
    {
        notice.Leave(context);
        return Results.LocalRedirect(Links.SiteUser(user));
    }

    private static IResult BackToKeys(HttpContext context, Notice notice)
    {
        notice.Leave(context);
        return Results.LocalRedirect(Links.SiteKeys);
    }
}
