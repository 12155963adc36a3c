using System.Text.Json.Nodes;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;

namespace Mainstay.Tests.ApiServer.Registry;

public sealed class ResourceTableTests
{
    [Fact]
    public void Every_kind_reads_and_defaults_its_own_minimal_object_without_a_stray_field()
    {
        foreach (var type in ResourceTable.All)
        {
            var body = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "x" } };
            var read = ObjectReader.Read(type.Expected, body, FieldValidation.Strict);
            Assert.NotNull(read.Object);

            Defaults.Apply(type.Schema, read.Object);
            type.PrepareForCreate(read.Object);
            var once = read.Object.ToJsonString();
            Defaults.Apply(type.Schema, read.Object);
            Assert.Equal(once, read.Object.ToJsonString());

            var again = ObjectReader.Read(type.Expected, read.Object, FieldValidation.Strict);
            Assert.True(again.Error is null, $"{type.Kind}: {again.Error}");
            Assert.True(JsonNode.DeepEquals(read.Object, again.Object), type.Kind);
        }
    }

    [Fact]
    public void Keys_in_the_store_are_laid_out_as_kube_apiserver_lays_them_out()
    {
        string Key(string groupVersion, string kind) =>
            ResourceTable.FindKind(groupVersion, kind)!.StorageKey("ns", "x");

        Assert.Equal("/registry/pods/ns/x", Key("v1", "Pod"));
        Assert.Equal("/registry/services/specs/ns/x", Key("v1", "Service"));
        Assert.Equal("/registry/services/endpoints/ns/x", Key("v1", "Endpoints"));
        Assert.Equal("/registry/minions/x", Key("v1", "Node"));
        Assert.Equal("/registry/namespaces/x", Key("v1", "Namespace"));
        Assert.Equal("/registry/endpointslices/ns/x", Key("discovery.k8s.io/v1", "EndpointSlice"));
        Assert.Equal("/registry/leases/ns/x", Key("coordination.k8s.io/v1", "Lease"));
        Assert.Equal(Key("v1", "Event"), Key("events.k8s.io/v1", "Event"));
    }
}
