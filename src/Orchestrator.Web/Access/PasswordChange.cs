using Orchestrator.Access.SignIn;
using Orchestrator.Data;

namespace Orchestrator.Web.Access;

/// <summary>Why a password stays as it is.</summary>
/// <param name="Field">As the API calls it: <c>current_password</c>, <c>password</c> or <c>password_confirmation</c>.</param>
internal sealed record PasswordRefusal(string Field, string Reason);

/// <summary>Lets people change their own password, in the API and in a page alike.</summary>
internal sealed class PasswordChange(Passwords passwords, Sessions sessions, SignInFlow flow, SignInEvents events)
{
    /// <summary>Ends every other session of the person: whoever changes a password may have a reason.</summary>
    /// <returns>Null when it is done.</returns>
    public async Task<PasswordRefusal?> ChangeAsync(
        UserId user, string? current, string? wanted, string? confirmation, HttpContext context)
    {
        var cancellationToken = context.RequestAborted;
        var own = Caller.Of(context).SessionId;
        if (await passwords.HasOneAsync(user, cancellationToken))
        {
            var check = await passwords.CheckAsync(user, current ?? "", cancellationToken);
            if (!check.IsRight)
            {
                await flow.RefuseAsync(context, SignInMethod.Password, user, check.WasLocked);
                return new PasswordRefusal("current_password", "That is not your password, or too many tries have failed. After a quarter of an hour you can try again.");
            }
        }
        else if (own is null)
        {
            // A token that is lost must not become a way in.
            return new PasswordRefusal("current_password", "This account has no password yet. Set the first one in the browser, under 'Account', 'Security'.");
        }
        if (wanted != confirmation)
        {
            return new PasswordRefusal("password_confirmation", "This differs from the password.");
        }
        if (await passwords.SetAsync(user, wanted, cancellationToken) is { } refusal)
        {
            return new PasswordRefusal("password", refusal);
        }
        await sessions.EndAsync(all => all.Where(session => session.UserId == user && session.Id != own), cancellationToken);
        await events.RaiseAsync(SignInEventKind.PasswordSet, user, context.Origin(), cancellationToken);
        return null;
    }
}
