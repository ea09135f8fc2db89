using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Tests.WorkloadIdentity;

public sealed class IssuerAddressTests
{
    [Theory]
    [InlineData("https://orchestrator.example.com")]
    [InlineData("https://bucket.s3.eu-central-1.amazonaws.com/identity/one")]
    public void An_https_address_with_or_without_a_path_is_good_for_aws(string issuer) => Assert.Null(IssuerAddress.FaultForAws(issuer));

    [Theory]
    [InlineData("http://orchestrator.example.com", "does not begin with https")]
    [InlineData("https://orchestrator.example.com:8443", "contains a port")]
    [InlineData("https://localhost", "this machine's own name")]
    [InlineData("https://orchestrator.example.com/", "ends in a slash")]
    [InlineData("http://127.0.0.1:8080", "does not begin with https")]
    public void An_address_that_only_local_parties_accept_is_told_from_a_useless_one(string issuer, string fault)
    {
        Assert.Null(IssuerAddress.Fault(issuer));
        Assert.Contains(fault, IssuerAddress.FaultForAws(issuer), StringComparison.Ordinal);
    }

    [Fact]
    public void Aws_knows_no_longer_address_than_255_characters()
    {
        var longest = "https://orchestrator.example.com/" + new string('a', 255 - 33);

        Assert.Null(IssuerAddress.FaultForAws(longest));
        Assert.Contains("more than 255", IssuerAddress.FaultForAws(longest + "a"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("orchestrator.example.com")]
    [InlineData("/identity")]
    [InlineData("ftp://orchestrator.example.com")]
    [InlineData("https://orchestrator.example.com?tenant=one")]
    [InlineData("https://orchestrator.example.com?")]
    [InlineData("https://orchestrator.example.com/#one")]
    [InlineData("https://user@orchestrator.example.com")]
    public void Some_addresses_are_good_for_nobody(string issuer) => Assert.NotNull(IssuerAddress.Fault(issuer));

    [Theory]
    [InlineData("", null, false)]
    [InlineData("http://localhost:8080", null, false)]
    [InlineData("http://127.0.0.1:8080", null, false)]
    [InlineData("https://orchestrator.example.com", null, true)]
    [InlineData("https://orchestrator.example.com", false, false)]
    [InlineData("http://localhost:8080", true, true)]
    public void Only_an_issuer_on_this_machine_is_surely_not_elsewhere(string issuer, bool? said, bool elsewhere) =>
        Assert.Equal(elsewhere, new IssuerOptions { Issuer = issuer, IssuerIsElsewhere = said }.IsElsewhere);
}
