using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Credentials;

/// <summary>The page that asks what a run is to be in a cloud, and writes the variables.</summary>
public sealed class CredentialSetupTests
{
    [Fact]
    public async Task An_account_and_a_role_for_both_phases_become_variables_and_the_trust_policy_to_paste()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (workspace, page) = await ArriveAsync(platform);
        using var browser = await Browser.SignedInAsync(platform);
        Assert.Contains("credentials/setup", (await browser.GetAsync($"/app/{workspace.Organization}/{workspace.Name}/credentials")).Expect(200).Text, StringComparison.Ordinal);

        var saved = await browser.SubmitOwnAsync((await browser.GetAsync(page)).Expect(200), page,
            ("Form.Account", "123456789012"), ("Form.Values[role-arn-plan]", "reader"));

        Assert.EndsWith($"/app/{workspace.Organization}/{workspace.Name}/trust", saved.Target(), StringComparison.Ordinal);
        Assert.Equal(
            [("TFC_AWS_PROVIDER_AUTH", "true"), ("TFC_AWS_RUN_ROLE_ARN", "arn:aws:iam::123456789012:role/reader")], await VariablesAsync(platform, workspace));
        var trust = (await browser.GetAsync(page.Replace("credentials/setup", "trust", StringComparison.Ordinal))).Expect(200).Text;
        Assert.Contains("The variables are saved. Now let each role trust this workspace", trust, StringComparison.Ordinal);
        Assert.Contains("AssumeRoleWithWebIdentity", trust, StringComparison.Ordinal);

        // A role for each phase takes the place of the one for both, and what is there is shown.
        var again = (await browser.GetAsync(page)).Expect(200);
        Assert.Contains("value=\"arn:aws:iam::123456789012:role/reader\"", again.Text, StringComparison.Ordinal);
        (await browser.SubmitOwnAsync(again, page, ("Form.Account", "123456789012"), ("Form.Values[role-arn-plan]", "reader"), ("Form.Values[role-arn-apply]", "writer"))).Expect(302);
        Assert.Equal(
            [
                ("TFC_AWS_APPLY_ROLE_ARN", "arn:aws:iam::123456789012:role/writer"), ("TFC_AWS_PLAN_ROLE_ARN", "arn:aws:iam::123456789012:role/reader"),
                ("TFC_AWS_PROVIDER_AUTH", "true"),
            ],
            await VariablesAsync(platform, workspace));
    }

    [Fact]
    public async Task A_further_configuration_and_another_cloud_are_set_up_in_the_same_way()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (workspace, page) = await ArriveAsync(platform);
        using var browser = await Browser.SignedInAsync(platform);

        (await browser.SubmitOwnAsync((await browser.GetAsync($"{page}?cloud=AWS&tag=logs")).Expect(200), $"{page}?cloud=AWS&tag=logs",
            ("Form.Values[role-arn-plan]", "arn:aws:iam::123456789012:role/logs"))).Expect(302);
        (await browser.SubmitOwnAsync((await browser.GetAsync($"{page}?cloud=AZURE")).Expect(200), $"{page}?cloud=AZURE",
            ("Form.Values[client-id-plan]", "00000000-0000-0000-0000-000000000001"))).Expect(302);

        Assert.Equal(
            [
                ("TFC_AWS_PROVIDER_AUTH_logs", "true"), ("TFC_AWS_RUN_ROLE_ARN_logs", "arn:aws:iam::123456789012:role/logs"),
                ("TFC_AZURE_PROVIDER_AUTH", "true"), ("TFC_AZURE_RUN_CLIENT_ID", "00000000-0000-0000-0000-000000000001"),
            ],
            await VariablesAsync(platform, workspace));
    }

    [Theory]
    [InlineData("", "reader", "is not a role")]
    [InlineData("123", "reader", "is not a role")]
    [InlineData("123456789012", "", "Name the role that a plan shall have.")]
    public async Task What_cannot_work_is_refused_before_anything_is_written(string account, string role, string reason)
    {
        var platform = await SharedPlatforms.OfAsync();
        var (workspace, page) = await ArriveAsync(platform);
        using var browser = await Browser.SignedInAsync(platform);

        var refused = await browser.SubmitOwnAsync((await browser.GetAsync(page)).Expect(200), page, ("Form.Account", account), ("Form.Values[role-arn-plan]", role));

        Assert.Contains(reason, refused.Expect(200).Text, StringComparison.Ordinal);
        Assert.Contains($"value=\"{role}\"", refused.Text, StringComparison.Ordinal);
        Assert.Empty(await VariablesAsync(platform, workspace));
    }

    private static async Task<(TestWorkspace Workspace, string Page)> ArriveAsync(Platform platform)
    {
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        return (workspace, $"/app/{workspace.Organization}/{workspace.Name}/credentials/setup");
    }

    private static async Task<(string Key, string Value)[]> VariablesAsync(Platform platform, TestWorkspace workspace) =>
    [
        .. (await platform.Api.GetAsync($"workspaces/{workspace.Id}/vars")).Expect(200).Json["data"]!.AsArray()
            .Select(variable => variable!["attributes"]!.AsObject())
            .Select(variable => (variable["key"]!.GetValue<string>(), variable["value"]!.GetValue<string>()))
            .OrderBy(variable => variable.Item1, StringComparer.Ordinal),
    ];
}
