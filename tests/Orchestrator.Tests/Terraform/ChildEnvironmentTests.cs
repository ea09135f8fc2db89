using Orchestrator.Data;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Terraform;

public sealed class ChildEnvironmentTests
{
    [Fact]
    public void It_holds_what_is_listed_and_nothing_of_the_servers_own()
    {
        Environment.SetEnvironmentVariable("ORCHESTRATOR_TEST_SECRET", "correct horse");
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "AKIASERVER");
        using var phase = new Phase();

        var environment = phase.Environment.Build();

        Assert.Empty(environment.Keys.Except(
        [
            "PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy",
            "no_proxy", "HOME", "TMPDIR", "ORCHESTRATOR_RUN_ID", "TF_CLI_CONFIG_FILE", "TF_IN_AUTOMATION", "TF_INPUT", "CHECKPOINT_DISABLE",
            "AWS_EC2_METADATA_DISABLED", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE",
        ]));
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", null);
        Assert.Equal(phase.Directory.Home, environment["HOME"]);
        Assert.Equal(phase.Run.Value, environment[ProcessTree.Marker]);
    }

    [Fact]
    public void No_variable_of_a_workspace_takes_the_platforms_controls()
    {
        using var phase = new Phase();
        var backend = new StateBackend(new Uri("http://127.0.0.1:1/api/v2/"), [], "acme", "network", "orun.token");
        backend.AddTo(phase.Environment, phase.Run.Value);
        var before = phase.Environment.Build();
        string[] controls =
        [
            "HOME", "TMPDIR", ProcessTree.Marker, "TF_CLI_CONFIG_FILE", "TF_FORCE_LOCAL_BACKEND", "TF_TOKEN_orchestrator_internal", "TF_INPUT",
            "AWS_EC2_METADATA_DISABLED", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE",
        ];

        foreach (var name in controls)
        {
            phase.Environment.Set(name, "mine now");
        }

        var after = phase.Environment.Build();
        Assert.All(controls, name => Assert.Equal(before[name], after[name]));
    }

    [Fact]
    public void A_variable_of_a_workspace_is_handed_on_and_wins_over_the_servers_own()
    {
        using var phase = new Phase();

        phase.Environment.Set("TF_LOG", "debug").Set("TZ", "Europe/Zurich");

        var environment = phase.Environment.Build();
        Assert.Equal(("debug", "Europe/Zurich"), (environment["TF_LOG"], environment["TZ"]));
    }

    [Fact]
    public void What_is_added_to_a_fork_stays_in_it()
    {
        using var phase = new Phase();

        var fork = phase.Environment.Fork().Control("AWS_SECRET_ACCESS_KEY", "secret").Set("MORE", "x");

        Assert.Equal("secret", fork.Build()["AWS_SECRET_ACCESS_KEY"]);
        Assert.False(phase.Environment.Build().ContainsKey("AWS_SECRET_ACCESS_KEY"));
        Assert.False(phase.Environment.Build().ContainsKey("MORE"));
    }

    [Fact]
    public void Printing_a_state_backend_does_not_tell_its_token()
    {
        var backend = new StateBackend(new Uri("http://127.0.0.1:1/api/v2/"), [], "acme", "network", "orun.token");

        Assert.All([$"{backend}", backend.Override, backend.CliConfiguration],
            text => Assert.DoesNotContain("orun.token", text, StringComparison.Ordinal));
    }
}
