using System.Text.Json;
using Mainstay.Kube;
using Mainstay.Router.Discovery;

namespace Mainstay.Tests.Router.Discovery;

public sealed class EndpointsObjectTests
{
    [Fact]
    public void Each_subset_is_a_slice_with_ports_and_addresses_of_its_own()
    {
        var set = Read(
            """
            {"subsets":[
              {"addresses":[{"ip":"10.0.0.1","nodeName":"n1","targetRef":{"kind":"Pod","name":"a-1","uid":"u1"}}],
               "notReadyAddresses":[{"ip":"10.0.0.2"}],"ports":[{"name":"http","port":8080}]},
              {"addresses":[{"ip":"10.0.0.3"}],
               "ports":[{"name":"http","port":9090},{"name":"x","port":1,"protocol":"UDP"}]}]}
            """);

        Assert.Equal(["n/a", "n/a#1"], set.Slices.Select(slice => $"{slice.Key}"));
        Assert.All(set.Slices, slice => Assert.Equal("a", slice.Service));
        Assert.Equal([8080, 9090], set.Slices.SelectMany(slice => slice.Ports).Select(port => port.Port));
        Assert.Equal([("10.0.0.1", true), ("10.0.0.2", false), ("10.0.0.3", true)],
            set.Slices.SelectMany(slice => slice.Addresses).Select(address => (address.Address, address.Ready)));
        var first = set.Slices[0].Addresses[0];
        Assert.Equal(("n1", "a-1", "u1"), (first.Node, first.Pod, first.Uid));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"subsets":null}""")]
    [InlineData("""{"subsets":[]}""")]
    [InlineData("""{"subsets":[null]}""")]
    [InlineData("""{"apiVersion":"v9","subsets":null,"unknown":{"deep":[1]}}""")]
    public void Absent_null_and_empty_subsets_are_the_same(string json) => Assert.Empty(Read(json).Slices);

    [Theory]
    [InlineData("""{"subsets":[{"addresses":null,"notReadyAddresses":null,"ports":null}]}""")]
    [InlineData("""{"subsets":[{}]}""")]
    public void A_subset_with_nothing_in_it_routes_nowhere(string json)
    {
        var slice = Assert.Single(Read(json).Slices);

        Assert.Empty(slice.Ports);
        Assert.Empty(slice.Addresses);
    }

    [Theory]
    [InlineData("""{"subsets":7}""", "subsets")]
    [InlineData("""{"subsets":[{"addresses":[{"ip":"not.an.address"}]}]}""", "subsets[].addresses[].ip")]
    [InlineData("""{"subsets":[{"ports":[{"port":0}]}]}""", "subsets[].ports[].port")]
    public void What_makes_no_sense_is_told_by_its_field(string json, string field)
    {
        var fault = Assert.Throws<MalformedObjectException>(() => Read(json));

        Assert.Contains(field, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Endpoints_that_were_cut_at_a_thousand_say_so()
    {
        using var document = JsonDocument.Parse(
            """
            {"metadata":{"name":"a","namespace":"n",
             "annotations":{"endpoints.kubernetes.io/over-capacity":"truncated"}}}
            """);

        Assert.True(EndpointsObject.Read(document.RootElement).IsTruncated);
    }

    [Fact]
    public void A_slice_of_a_subset_is_known_by_its_owner_and_by_no_other()
    {
        var owner = new ObjectKey("n", "a");

        Assert.True(EndpointsObject.IsOf(new ObjectKey("n", "a"), owner));
        Assert.True(EndpointsObject.IsOf(new ObjectKey("n", "a#3"), owner));
        Assert.False(EndpointsObject.IsOf(new ObjectKey("n", "ab"), owner));
        Assert.False(EndpointsObject.IsOf(new ObjectKey("m", "a"), owner));
    }

    private static SliceSet Read(string json)
    {
        var fields = json == "{}" ? "}" : "," + json[1..];
        using var document = JsonDocument.Parse("""{"metadata":{"name":"a","namespace":"n"}""" + fields);
        return EndpointsObject.Read(document.RootElement);
    }
}
