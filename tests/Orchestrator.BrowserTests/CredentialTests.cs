using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Credentials;
using Orchestrator.Data;

namespace Orchestrator.BrowserTests;

public sealed class CredentialTests(Site site)
{
    private const string Role = "arn:aws:iam::123456789012:role/team-network";
    private const string Hidden = "arn:aws:iam::123456789012:role/hidden-from-everybody";

    [Fact]
    public async Task A_clouds_variable_that_cannot_work_is_refused_where_it_was_typed()
    {
        await using var visitor = await site.VisitAsync();
        var address = await visitor.ArriveAsync("wrong-roles");

        await AddAsync(visitor, address, "TFC_AWS_RUN_ROLE_ARN", "role/team-network");

        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert))
            .ToContainTextAsync("The variable TFC_AWS_RUN_ROLE_ARN is 'role/team-network', which is not a role's ARN.");
    }

    [Fact]
    public async Task A_workspace_shows_which_value_won_and_first_of_all_what_would_fail()
    {
        await using var visitor = await site.VisitAsync();
        var address = await visitor.ArriveAsync("winners");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Credentials" }).ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText("No cloud is switched on")).ToBeVisibleAsync();
        await AddAsync(visitor, address, "TFC_AWS_PROVIDER_AUTH", "true");
        await AddAsync(visitor, address, "TFC_AWS_PLAN_ROLE_ARN", Role);
        await AddAsync(visitor, address, "TFC_DEFAULT_AWS_RUN_ROLE_ARN", "arn:aws:iam::123456789012:role/shadowed");
        await AddAsync(visitor, address, "TFC_AWS_APPLY_ROLE_ARN", Hidden, sensitive: true);
        await AddAsync(visitor, address, "TFC_AWS_PROVIDER_AUTH_EU", "true");

        await visitor.Page.GotoAsync($"{address}/credentials");

        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
        var table = visitor.Page.GetByRole(AriaRole.Table, new() { Name = "AWS, default configuration" });
        await Assertions.Expect(table.GetByRole(AriaRole.Row, new() { Name = "TFC_AWS_PLAN_ROLE_ARN" })).ToContainTextAsync("won");
        await Assertions.Expect(table.Locator("del").First).ToContainTextAsync("role/shadowed");
        await Assertions.Expect(table.GetByRole(AriaRole.Row, new() { Name = "TFC_AWS_APPLY_ROLE_ARN" })).ToContainTextAsync("sensitive");
        Assert.DoesNotContain("hidden-from-everybody", await visitor.Page.ContentAsync(), StringComparison.Ordinal);
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Table, new() { Name = "AWS, configuration EU" })).ToBeVisibleAsync();

        await visitor.Page.GetByLabel("Allowed roles, one a line").FillAsync("team-network");
        await visitor.PressAsync("Save policy");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("'team-network' is neither an account nor a role's ARN");
        await visitor.Page.GetByLabel("Allowed roles, one a line").FillAsync($"{Role}\n210987654321");
        await visitor.PressAsync("Save policy");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("The policy is saved");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("would fail");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Region, new() { Name = "What applies" })).ToContainTextAsync("210987654321");
        Assert.DoesNotContain("hidden-from-everybody", await visitor.Page.ContentAsync(), StringComparison.Ordinal);
        await PictureAsync(visitor, "workspace");
        visitor.SeeNoComplaints();
    }

    [Fact]
    public async Task What_the_organization_says_a_workspace_sees_with_who_said_it()
    {
        await using var visitor = await site.VisitAsync();
        var address = await visitor.ArriveAsync("levels");
        await visitor.Page.GotoAsync("/app/levels");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Credentials" }).ClickAsync();
        await visitor.Page.GetByLabel("Plans that nobody can apply get").SelectOptionAsync("refused");
        await visitor.Page.GetByLabel("Allowed roles, one a line").FillAsync("arn:aws:iam::*:role/team-*");
        await visitor.PressAsync("Save policy");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Change the policy of Default Project" }).ClickAsync();
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "Policy of the project Default Project" })).ToBeVisibleAsync();
        await visitor.Page.GetByLabel("Read-only plans").SelectOptionAsync("true");
        await visitor.PressAsync("Save policy");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Row, new() { Name = "Default Project" })).ToContainTextAsync("read-only plans: yes");
        await PictureAsync(visitor, "organization");

        await visitor.Page.GotoAsync($"{address}/credentials");
        var applied = visitor.Page.GetByRole(AriaRole.Region, new() { Name = "What applies" });
        await Assertions.Expect(applied).ToContainTextAsync("none the organization");
        await Assertions.Expect(applied).ToContainTextAsync("yes the project");
        await Assertions.Expect(visitor.Page.GetByLabel("Plans that nobody can apply get")).ToContainTextAsync("as the organization says: none");
        await visitor.Page.GetByLabel("Delivery").SelectOptionAsync("web_identity_file");
        await visitor.PressAsync("Save policy");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The project wants read-only plans");
    }

    [Fact]
    public async Task The_ledger_is_searched_and_taken_away_and_the_runs_page_tells_its_part_of_it()
    {
        using var gate = new Gate();
        await using var visitor = await site.VisitAsync();
        var address = await visitor.ArriveAsync("ledgers");
        await visitor.UploadAsync(Archives.Waiting(gate.File), start: true);
        await visitor.SeeStatusAsync("Needs confirmation");
        var run = visitor.Page.Url.Split('/')[^1];
        await FillAsync(run);

        await visitor.Page.ReloadAsync();
        var card = visitor.Page.GetByRole(AriaRole.Region, new() { Name = "Credentials" });
        await Assertions.Expect(card.Locator("summary")).ToContainTextAsync(
            ["Token minted → role assumed", "Token minted → renewed", "Token minted → refused: AccessDenied"]);
        await Assertions.Expect(card.Locator("summary").First).ToContainTextAsync("3 ms to mint, 80 ms to exchange");
        await card.Locator("summary").First.ClickAsync();
        await Assertions.Expect(card.GetByText("jti-0")).ToBeVisibleAsync();
        await PictureAsync(visitor, "run");

        await card.GetByRole(AriaRole.Link, new() { Name = "In the ledger" }).ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText("3 entries")).ToBeVisibleAsync();
        await visitor.Page.GetByLabel("Result").SelectOptionAsync("refused");
        await visitor.PressAsync("Search");
        await Assertions.Expect(visitor.Page.GetByText("1 entry")).ToBeVisibleAsync();
        Assert.Contains("result=refused", visitor.Page.Url, StringComparison.Ordinal);
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Table)).ToContainTextAsync("refused: AccessDenied");
        var file = await visitor.Page.RunAndWaitForDownloadAsync(() =>
            visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Export as JSON lines" }).ClickAsync());
        var lines = await File.ReadAllLinesAsync(await file.PathAsync());
        Assert.Contains("\"token-id\":\"jti-2\"", Assert.Single(lines), StringComparison.Ordinal);

        await visitor.Page.GotoAsync("/app/ledgers/settings/credentials/ledger");
        await Assertions.Expect(visitor.Page.GetByText("4 entries")).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Row, new() { Name = "trial" })).ToContainTextAsync("deleted");
        await PictureAsync(visitor, "ledger");
        await visitor.Page.GotoAsync($"{address}/credentials/ledger?since=yesterday");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("'yesterday' is no point in time.");
    }

    private static async Task AddAsync(Visitor visitor, string address, string key, string value, bool sensitive = false)
    {
        await visitor.Page.GotoAsync($"{address}/variables");
        await visitor.Page.GetByLabel("Key").FillAsync(key);
        await visitor.Page.GetByLabel("Value", new() { Exact = true }).FillAsync(value);
        await visitor.Page.GetByLabel("Category").SelectOptionAsync("env");
        await visitor.Page.GetByLabel("Sensitive").SetCheckedAsync(sensitive);
        await visitor.PressAsync("Add variable");
    }

    /// <summary>A session, its renewal, and a refusal; and a trial in a workspace that is gone.</summary>
    private async Task FillAsync(string run)
    {
        await using var db = await site.Services.GetRequiredService<IDbContextFactory<OrchestratorDbContext>>().CreateDbContextAsync();
        var workspace = await (
            from row in db.Runs
            join owner in db.Workspaces on row.WorkspaceId equals owner.Id
            where row.Id == new RunId(run)
            select owner).FirstAsync();
        var now = DateTimeOffset.UtcNow;
        db.AddRange(Enumerable.Range(0, 4).Select(number => new CredentialGrant
        {
            Id = Identifier.New<CredentialGrantId>(),
            OrganizationId = workspace.OrganizationId,
            WorkspaceId = number < 3 ? workspace.Id : Identifier.New<WorkspaceId>(),
            RunId = number < 3 ? new RunId(run) : null,
            Phase = "plan",
            Provider = "aws",
            Tag = number < 2 ? null : "EU",
            CreatedAt = now.AddSeconds(number),
            TokenId = string.Create(CultureInfo.InvariantCulture, $"jti-{number}"),
            Subject = "organization:ledgers:project:Default Project:workspace:network:run_phase:plan",
            Audience = "aws.workload.identity",
            TokenIssuedAt = now,
            TokenExpiresAt = now.AddMinutes(5),
            TokenMilliseconds = 3,
            Role = Role,
            SessionName = $"{run}-plan",
            Principal = number < 2 ? $"arn:aws:sts::123456789012:assumed-role/team-network/{run}-plan" : null,
            AccessKeyId = number < 2 ? "ASIAIOSFODNN7EXAMPLE" : null,
            ExpiresAt = number < 2 ? now.AddMinutes(15) : null,
            RequestId = "c6104cbe-af31-11e0-8154-cbc7ccf896c7",
            ErrorCode = number < 2 ? null : "AccessDenied",
            ExchangeMilliseconds = 80,
        }));
        await db.SaveChangesAsync();
    }

    /// <summary>For people who want to look: with <c>PICTURES</c> set to a directory, how the page is at the narrowest and at a wide width.</summary>
    private static async Task PictureAsync(Visitor visitor, string name)
    {
        if (Environment.GetEnvironmentVariable("PICTURES") is not { Length: > 0 } directory)
        {
            return;
        }
        foreach (var (width, scheme) in new[] { (360, ColorScheme.Light), (1440, ColorScheme.Dark), (360, ColorScheme.Dark), (1440, ColorScheme.Light) })
        {
            await visitor.Page.SetViewportSizeAsync(width, 900);
            await visitor.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await visitor.Page.ScreenshotAsync(new() { Path = Path.Combine(directory, $"{name}-{width}-{scheme}.png"), FullPage = true, Animations = ScreenshotAnimations.Disabled });
        }
    }
}
