using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Runs;
using Orchestrator.Vcs;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Pages.VersionControl;

/// <summary>An organisation's connections to version control, a form for a new one, and the log of deliveries.</summary>
public sealed partial class VersionControlPage(
    IDbContextFactory<OrchestratorDbContext> databases, VcsConnections connections, VcsLinks links, NavigationManager navigation)
{
    private const int PageSize = 30;

    private Organization? _organization;
    private IReadOnlyList<ConnectionRow> _connections = [];
    private IReadOnlyList<DeliveryRow> _deliveries = [];
    private VcsConnection? _created;
    private string? _secret;
    private string? _refusal;
    private int _page = 1;
    private int _pages = 1;

    [Parameter]
    public string Organization { get; set; } = "";

    [SupplyParameterFromQuery]
    private int Page { get; set; }

    [SupplyParameterFromForm(FormName = "connection")]
    private Fields? Form { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    protected override async Task OnInitializedAsync()
    {
        Form ??= new Fields();
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var organization = await db.Organizations.AsNoTracking().FirstOrDefaultAsync(row => row.Name == Organization, Context.RequestAborted);
        if (organization is null)
        {
            navigation.NotFound();
            return;
        }
        await ReadAsync(db, organization);
        // Last: a request that is given up while this waits is rendered all the same.
        _organization = organization;
    }

    private async Task ReadAsync(OrchestratorDbContext db, Organization organization)
    {
        var own = db.VcsConnections.AsNoTracking().Where(row => row.OrganizationId == organization.Id);
        _connections = await own.OrderBy(row => row.CreatedAt).ThenBy(row => row.Id)
            .Select(row => new ConnectionRow(row, db.VcsRepositories.Count(repository => repository.ConnectionId == row.Id)))
            .ToListAsync(Context.RequestAborted);
        var log = db.VcsDeliveries.AsNoTracking().Where(row => own.Any(connection => connection.Id == row.ConnectionId));
        _page = Math.Max(1, Page);
        _pages = Paging.PagesOf(await log.CountAsync(Context.RequestAborted), PageSize);
        var deliveries = await log.OrderByDescending(row => row.ReceivedAt).ThenByDescending(row => row.Id)
            .Skip((_page - 1) * PageSize).Take(PageSize).ToListAsync(Context.RequestAborted);
        var ids = deliveries.Select(row => row.Id).ToArray();
        var outcomes = (await (
            from outcome in db.VcsOutcomes.AsNoTracking()
            where ids.Contains(outcome.DeliveryId)
            join workspace in db.Workspaces on outcome.WorkspaceId equals workspace.Id
            orderby workspace.Name
            select new { outcome, workspace.Name }).ToListAsync(Context.RequestAborted)).ToLookup(row => row.outcome.DeliveryId);
        var titles = _connections.ToDictionary(row => row.Connection.Id, row => row.Connection.Title);
        _deliveries = [.. deliveries.Select(row => new DeliveryRow(
            row, titles.GetValueOrDefault(row.ConnectionId, ""),
            [.. outcomes[row.Id].Select(found => new Outcome(found.Name, EnumText.Of(found.outcome.Decision), found.outcome.Reason, found.outcome.RunId))]))];
    }

    private async Task CreateAsync()
    {
        var result = await connections.CreateAsync(_organization!.Id, Form!.ToEdit(), null, Context.RequestAborted);
        if (result.Connection is not { } connection)
        {
            _refusal = result.Refusal?.Reason ?? "The organization was deleted meanwhile.";
            return;
        }
        (_created, _secret) = (connection, result.NewSecret);
        Form = new Fields();
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        await ReadAsync(db, _organization);
    }

    private string Address(VcsConnection connection) => links.AddressOf(connection);

    private sealed record ConnectionRow(VcsConnection Connection, int Workspaces);

    private sealed record DeliveryRow(VcsDelivery Delivery, string Connection, IReadOnlyList<Outcome> Outcomes);

    private sealed record Outcome(string Workspace, string Decision, string? Reason, RunId? Run);

    public sealed class Fields
    {
        public string? Service { get; set; }

        public string? Name { get; set; }

        public string? HttpUrl { get; set; }

        public string? Username { get; set; }

        public string? Token { get; set; }

        public string? AppId { get; set; }

        public string? InstallationId { get; set; }

        public string? AppKey { get; set; }

        public string? SshKey { get; set; }

        public string? KnownHosts { get; set; }

        public int? PollMinutes { get; set; }

        public VcsConnectionEdit ToEdit() => new()
        {
            Service = Service,
            Name = Text(Name),
            HttpUrl = Text(HttpUrl),
            Username = Text(Username),
            Token = Text(Token),
            AppId = Text(AppId),
            InstallationId = Text(InstallationId),
            AppKey = Text(AppKey),
            SshKey = Text(SshKey),
            KnownHosts = Text(KnownHosts),
            PollMinutes = PollMinutes,
        };

        /// <summary>A field that was left empty says nothing.</summary>
        private static string? Text(string? field) => string.IsNullOrWhiteSpace(field) ? null : field.Trim();
    }
}
