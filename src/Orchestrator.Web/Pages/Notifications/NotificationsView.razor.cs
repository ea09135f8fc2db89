using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Data.Secrets;
using Orchestrator.Notifications;
using Orchestrator.Web.Access;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Pages.Forms;

namespace Orchestrator.Web.Pages.Notifications;

/// <summary>Whom a workspace's runs are told to, or those of all workspaces of a project, with how the last deliveries went.</summary>
public sealed partial class NotificationsView(
    IDbContextFactory<OrchestratorDbContext> databases, NotificationEditor editor, Mailer mailer, SecretBox secrets, NavigationManager navigation)
{
    private IReadOnlyList<Row> _rows = [];
    private NotificationConfiguration? _changed;
    private string? _refusal;

    [Parameter, EditorRequired]
    public string Organization { get; set; } = "";

    /// <summary>Whose they are; null: the project's.</summary>
    [Parameter]
    public WorkspaceId? Workspace { get; set; }

    [Parameter]
    public ProjectId? Project { get; set; }

    /// <summary>The address of the page.</summary>
    [Parameter, EditorRequired]
    public string Page { get; set; } = "";

    /// <summary>Below which the buttons post.</summary>
    [Parameter, EditorRequired]
    public string PostTo { get; set; } = "";

    /// <summary>What stands below the list.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    /// <summary>The one that is to be changed.</summary>
    [SupplyParameterFromQuery]
    private string? Change { get; set; }

    /// <summary>The one whose deliveries are asked for.</summary>
    [SupplyParameterFromQuery]
    private string? Open { get; set; }

    [SupplyParameterFromForm(FormName = "notification")]
    private Fields? Form { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    private Mailer Mailer => mailer;

    private OrganizationId Owner => Admission.Of(Context).Scope.Organization;

    protected override async Task OnInitializedAsync()
    {
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var (workspace, project) = (Workspace, Project);
        var own = await db.NotificationConfigurations.AsNoTracking().Where(row => row.WorkspaceId == workspace && row.ProjectId == project)
            .OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync(Context.RequestAborted);
        var ids = own.Select(row => row.Id).ToArray();
        var deliveries = (await (
            from delivery in db.NotificationDeliveries.AsNoTracking()
            where ids.Contains(delivery.ConfigurationId)
            join found in db.Runs on delivery.RunId equals found.Id into runs
            from run in runs.DefaultIfEmpty()
            join place in db.Workspaces on run.WorkspaceId equals place.Id into places
            from place in places.DefaultIfEmpty()
            orderby delivery.OccurredAt descending, delivery.Id
            select new Delivery(
                delivery.ConfigurationId, delivery.Trigger, delivery.RunId, place.Name, delivery.Status, delivery.Attempts, delivery.OccurredAt, delivery.SentAt,
                delivery.Code, delivery.Body)).ToListAsync(Context.RequestAborted)).ToLookup(delivery => delivery.Configuration);
        var names = await NamesAsync(db, own.SelectMany(row => row.Users));
        _rows = [.. own.Select(row => new Row(row, ReceiversOf(row, names), [.. deliveries[row.Id].Take(NotificationLog.Kept)]))];
        _changed = own.Find(row => row.Id.Value == Change);
        Form ??= Fields.Of(_changed, names);
    }

    private bool Has(params NotificationDestination[] destinations) => _changed is null || destinations.Contains(_changed.Destination);

    private string ReceiversOf(NotificationConfiguration configuration, IReadOnlyDictionary<UserId, string> names) =>
        configuration.Destination == NotificationDestination.Email
            ? string.Join(", ", configuration.Users.Select(user => names.GetValueOrDefault(user, "somebody who has left")).Concat(configuration.EmailAddresses))
            // The rest of the address is what lets one write there.
            : configuration.ProtectedUrl is { } url && Uri.TryCreate(
                secrets.UnprotectText(SecretKind.Notification, SealedPlaces.OfUrl(configuration.Id), url), UriKind.Absolute, out var address) ? address.Authority : "";

    /// <summary>Members by what they are called: an account's name, or the address that was invited.</summary>
    private async Task<Dictionary<UserId, string>> NamesAsync(OrchestratorDbContext db, IEnumerable<UserId> users)
    {
        UserId[] wanted = [.. users.Distinct()];
        if (wanted.Length == 0)
        {
            return [];
        }
        var invited = wanted.Select(user => InvitedUsers.MembershipOf(user.Value)).ToArray();
        var owner = Owner;
        var found = await (
            from membership in db.OrganizationMemberships
            where membership.OrganizationId == owner
                && ((membership.UserId != null && wanted.Contains(membership.UserId.Value)) || invited.Contains(membership.Id))
            join user in db.Users on membership.UserId equals user.Id into accounts
            from account in accounts.DefaultIfEmpty()
            select new { membership.Id, membership.UserId, Name = account.Username ?? membership.Email }).ToListAsync(Context.RequestAborted);
        var names = new Dictionary<UserId, string>();
        foreach (var row in found)
        {
            names[row.UserId is { } user && wanted.Contains(user) ? user : new UserId(InvitedUsers.IdOf(row.Id))] = row.Name!;
        }
        return names;
    }

    private async Task SaveAsync()
    {
        var (users, unknown) = await UsersAsync();
        if (unknown is not null)
        {
            Refuse($"Nobody named '{unknown}' belongs to {Organization}.");
            return;
        }
        var isMail = _changed is null ? Form!.Destination == "email" : _changed.Destination == NotificationDestination.Email;
        var edit = new NotificationEdit
        {
            Name = Form!.Name?.Trim() ?? "",
            Destination = _changed is null ? Form.Destination ?? "" : null,
            Enabled = Form.Enabled,
            Url = isMail || string.IsNullOrWhiteSpace(Form.Url) ? null : Form.Url.Trim(),
            Token = Form.Unsign ? "" : string.IsNullOrEmpty(Form.Token) ? null : Form.Token,
            Triggers = Form.Triggers ?? [],
            EmailAddresses = isMail ? Fields.Lines(Form.Addresses) : null,
            Users = isMail ? users : null,
        };
        var result = _changed is null
            ? await editor.CreateAsync(Workspace, Project, edit, Context.RequestAborted)
            : await editor.UpdateAsync(_changed.Id, edit, Context.RequestAborted);
        if (result?.Configuration is not { } saved)
        {
            Refuse(result?.Refusal ?? "The notification was removed meanwhile.");
            return;
        }
        Context.Audit().About("notification-configurations", saved.Id.Value);
        Context.Audit().Say("name", saved.Name);
        Notice.Done(saved.Enabled ? $"{saved.Name} is on: the test has arrived." : $"{saved.Name} is saved, and off.").Leave(Context);
        navigation.NavigateTo($"{Page}?open={saved.Id}");
    }

    /// <returns>The members that the form names, or the first name that is nobody's.</returns>
    private async Task<(IReadOnlyList<UserId> Users, string? Unknown)> UsersAsync()
    {
        var users = new List<UserId>();
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var owner = Owner;
        foreach (var name in Fields.Lines(Form!.Members))
        {
            var key = User.KeyOf(name);
            var found = await db.OrganizationMemberships.AsNoTracking().FirstOrDefaultAsync(
                row => row.OrganizationId == owner && (row.EmailKey == key || db.Users.Any(user => user.Id == row.UserId && user.UsernameKey == key)),
                Context.RequestAborted);
            if (found is null)
            {
                return ([], name);
            }
            users.Add(new UserId(InvitedUsers.IdOf(found)));
        }
        return (users, null);
    }

    private void Refuse(string reason)
    {
        _refusal = reason;
        Context.Audit().Fail();
    }

    private sealed record Row(NotificationConfiguration Configuration, string Receivers, IReadOnlyList<Delivery> Deliveries);

    private sealed record Delivery(
        NotificationConfigurationId Configuration, string Trigger, RunId? Run, string? Workspace, NotificationDeliveryStatus Status, int Attempts,
        DateTimeOffset OccurredAt, DateTimeOffset? SentAt, int? Code, string? Body);

    public sealed class Fields
    {
        public string? Destination { get; set; }

        public string? Name { get; set; }

        public string? Url { get; set; }

        public string? Token { get; set; }

        public bool Unsign { get; set; }

        /// <summary>One a line.</summary>
        public string? Members { get; set; }

        /// <summary>One a line.</summary>
        public string? Addresses { get; set; }

        public string[]? Triggers { get; set; }

        public bool Enabled { get; set; }

        internal static Fields Of(NotificationConfiguration? configuration, IReadOnlyDictionary<UserId, string> names) => configuration is null
            ? new Fields { Destination = "generic", Enabled = true, Triggers = [NotificationTriggers.NeedsAttention, NotificationTriggers.Errored] }
            : new Fields
            {
                Name = configuration.Name,
                Members = string.Join('\n', configuration.Users.Where(names.ContainsKey).Select(user => names[user])),
                Addresses = string.Join('\n', configuration.EmailAddresses),
                Triggers = [.. configuration.Triggers],
                Enabled = configuration.Enabled,
            };

        internal static string[] Lines(string? text) =>
            [.. (text ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.OrdinalIgnoreCase)];
    }
}
