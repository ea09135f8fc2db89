using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Web.Access;

namespace Orchestrator.Web.Pages.Account;

public sealed partial class SessionsPage(IDbContextFactory<OrchestratorDbContext> databases, Sessions sessions)
{
    private const int Max = 100;

    private List<Session> _sessions = [];
    private SessionId? _current;

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    protected override async Task OnInitializedAsync()
    {
        var caller = Caller.Of(Context);
        _current = caller.SessionId;
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        _sessions = await sessions.Alive(db, caller.UserId!.Value).Take(Max).ToListAsync(Context.RequestAborted);
    }
}
