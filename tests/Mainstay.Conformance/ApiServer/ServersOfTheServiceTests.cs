using System.Text.Json.Nodes;
using Mainstay.Conformance.Platform;

namespace Mainstay.Conformance.ApiServer;

/// <summary>The endpoints of the service <c>kubernetes</c>, while API servers come, go and die.</summary>
public sealed class ServersOfTheServiceTests(OurServerOnOurStore fixture) : IClassFixture<OurServerOnOurStore>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_server_adds_and_removes_its_own_address_and_a_dead_one_lapses()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "several");
        var own = new Uri(fixture.Server).Port;
        var other = FreePorts.Row(1);
        await AreAsync(session, own);

        using (var second = fixture.StartAnother(other))
        {
            await AreAsync(session, own, other);
            await second.StopAsync(Cancel);
            await AreAsync(session, own);
        }

        using (fixture.StartAnother(other))
        {
            await AreAsync(session, own, other);
        }

        await AreAsync(session, own); // it was killed: its lease has ended
    }

    /// <summary>Endpoints and slices of the service say that servers on just these ports are there.</summary>
    private static async Task AreAsync(ApiServerSession session, params int[] ports)
    {
        const string Group = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
        var wanted = ports.Order().ToArray();
        await Eventually.TrueAsync($"servers on {string.Join(", ", wanted)}", TimeSpan.FromSeconds(30), async () =>
        {
            var subsets = (await session.SendAsync(HttpMethod.Get, "/api/v1/namespaces/default/endpoints/kubernetes"))
                .Json["subsets"] as JsonArray ?? [];
            var slices = (await session.SendAsync(
                HttpMethod.Get, $"{Group}?labelSelector=kubernetes.io/service-name%3Dkubernetes"))
                .Json["items"] as JsonArray ?? [];
            return PortsOf(subsets).SequenceEqual(wanted) && PortsOf(slices).SequenceEqual(wanted)
                && subsets.All(subset => subset?["addresses"] is JsonArray { Count: 1 })
                && slices.All(slice => slice?["endpoints"] is JsonArray { Count: 1 });
        }, Cancel);
    }

    private static IEnumerable<int> PortsOf(JsonArray holders) => holders
        .Select(holder => holder?["ports"]?[0]?["port"]?.GetValue<int>() ?? 0).Order();
}
