using Orchestrator.Credentials;

namespace Orchestrator.Tests.Credentials;

public sealed class CloudDeliveryTests
{
    [Fact]
    public async Task A_delivery_that_is_taken_away_twice_is_taken_away_once()
    {
        var closed = 0;
        var delivery = new CloudDelivery(
            upkeep: over => Task.Delay(Timeout.Infinite, over),
            close: () =>
            {
                closed++;
                return ValueTask.FromResult<string?>("still there");
            }).Begin();

        await delivery.DisposeAsync();
        await delivery.DisposeAsync();

        Assert.Equal(1, closed);
        Assert.Equal("still there", delivery.Left);
    }
}
