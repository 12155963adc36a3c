using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Nodes;
using CsCheck;
using Mainstay.ApiServer.Admission;

namespace Mainstay.Tests.ApiServer.Admission;

public sealed class KubernetesEndpointsTests
{
    private static readonly Gen<ImmutableArray<IPEndPoint>> Servers = Gen.Select(
        Gen.Int[1, 9], Gen.Int[6443, 6445], (host, port) => At($"127.0.0.{host}", port))
        .Array[0, 8].Select(servers => servers.Distinct().ToImmutableArray());

    [Fact]
    public void Servers_on_one_port_share_the_one_subset_and_the_one_slice()
    {
        ImmutableArray<IPEndPoint> servers = [At("127.0.0.1", 6443), At("127.0.0.2", 6443)];

        var endpoints = KubernetesEndpoints.Endpoints(servers);
        var slice = Assert.Single(KubernetesEndpoints.Slices(servers));

        const string Subsets =
            """
            [{"addresses":[{"ip":"127.0.0.1"},{"ip":"127.0.0.2"}],
              "ports":[{"name":"https","port":6443,"protocol":"TCP"}]}]
            """;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Subsets), endpoints["subsets"]));
        Assert.Equal("kubernetes", (string?)slice["metadata"]!["name"]);
        Assert.Equal(["127.0.0.1", "127.0.0.2"], Addresses(slice));
    }

    [Fact]
    public void A_server_on_another_port_has_a_slice_of_its_own_by_that_port()
    {
        var slices = KubernetesEndpoints.Slices(
            [At("127.0.0.1", 6943), At("127.0.0.2", 6443), At("127.0.0.3", 6443)]);

        Assert.Equal(["kubernetes", "kubernetes-6943"], slices.Select(NameOf));
        Assert.Equal(["127.0.0.2", "127.0.0.3"], Addresses(slices[0]));
        Assert.Equal(["127.0.0.1"], Addresses(slices[1]));
    }

    [Fact]
    public void With_no_server_there_is_an_empty_slice_and_an_empty_list_of_subsets()
    {
        Assert.Empty(Addresses(Assert.Single(KubernetesEndpoints.Slices([]))));
        Assert.Empty(KubernetesEndpoints.Endpoints([])["subsets"]!.AsArray());
    }

    [Fact]
    public void Every_server_is_there_once_and_every_slice_is_known_as_ours() => Servers.Sample(servers =>
    {
        var slices = KubernetesEndpoints.Slices(servers);
        var listed = slices.SelectMany(slice => Addresses(slice).Select(address =>
            $"{address}:{(int?)slice["ports"]![0]!["port"]}"));
        var subsets = KubernetesEndpoints.Endpoints(servers)["subsets"]!.AsArray();
        return listed.Order().SequenceEqual(servers.Select(server => server.ToString()).Order())
            && subsets.Sum(subset => subset!["addresses"]!.AsArray().Count) == servers.Length
            && slices.All(slice => KubernetesEndpoints.IsOurs(NameOf(slice)))
            && slices.Select(NameOf).Distinct().Count() == slices.Length;
    });

    [Theory]
    [InlineData("kubernetes-6443", true)]
    [InlineData("kubernetes-dashboard", false)]
    [InlineData("kubernetes-70000", false)]
    [InlineData("other", false)]
    public void Only_slices_that_servers_make_are_theirs_to_remove(string name, bool isOurs)
    {
        Assert.Equal(isOurs, KubernetesEndpoints.IsOurs(name));
    }

    private static IPEndPoint At(string address, int port) => new(IPAddress.Parse(address), port);

    private static string NameOf(JsonObject slice) => (string?)slice["metadata"]!["name"] ?? "";

    private static IEnumerable<string> Addresses(JsonObject slice) => slice["endpoints"]!.AsArray()
        .Select(endpoint => (string?)endpoint!["addresses"]![0] ?? "");
}
