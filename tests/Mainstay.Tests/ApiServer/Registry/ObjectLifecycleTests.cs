using System.Text.Json.Nodes;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Schema.Types;

namespace Mainstay.Tests.ApiServer.Registry;

public sealed class ObjectLifecycleTests
{
    [Fact]
    public void A_service_keeps_its_address_when_an_update_does_not_name_it()
    {
        var old = Parse("""{"spec":{"type":"ClusterIP","clusterIP":"10.96.0.9","clusterIPs":["10.96.0.9"]}}""");
        var next = Parse("""{"spec":{"type":"ClusterIP","ports":[{"port":1}]}}""");

        ServiceResource.Type.PrepareForUpdate(next, old);

        Assert.Equal("10.96.0.9", next.TextIn("spec", "clusterIP"));
        Assert.Equal("10.96.0.9", (string?)next["spec"]!["clusterIPs"]![0]);
    }

    [Fact]
    public void Names_and_uids_stay_and_a_dying_object_gets_no_new_finalizers()
    {
        var old = Parse("""
            {"metadata":{"name":"a","namespace":"n","uid":"1","deletionTimestamp":"2026-01-02T03:04:05Z"}}
            """);
        var next = Parse("""{"metadata":{"name":"b","namespace":"n","uid":"2","finalizers":["x.io/y"]}}""");

        ConfigMapResource.Type.PrepareForUpdate(next, old);
        var errors = ConfigMapResource.Type.ValidateForUpdate(next, old).All.Select(error => error.ToString());

        Assert.Equal("2026-01-02T03:04:05Z", next.TextIn("metadata", "deletionTimestamp"));
        Assert.Equal(
            ["metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, " +
                "found new finalizers []string{\"x.io/y\"}",
                "metadata.name: Invalid value: \"b\": field is immutable",
                "metadata.uid: Invalid value: \"2\": field is immutable"],
            errors.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Two_controllers_cannot_own_one_object()
    {
        var value = Parse("""
            {"metadata":{"name":"a","namespace":"n","ownerReferences":[
             {"apiVersion":"v1","kind":"K","name":"x","uid":"1","controller":true},
             {"apiVersion":"v1","kind":"K","name":"y","uid":"2","controller":true}]}}
            """);

        var error = Assert.Single(ConfigMapResource.Type.ValidateForCreate(value).All);

        Assert.EndsWith("Found \"true\" in references for x and y", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_is_the_same_in_the_words_of_both_groups()
    {
        var core = Parse("""
            {"apiVersion":"v1","kind":"Event","metadata":{"name":"e"},"involvedObject":{"name":"p"},"message":"m",
             "count":2,"source":{"component":"c"},"reportingComponent":"r","reason":"R"}
            """);

        var served = EventResource.Type.Conversion!.FromStored(core);

        Assert.Equal("p", served.TextIn("regarding", "name"));
        Assert.Equal("m", served.TextIn("note"));
        Assert.Equal("events.k8s.io/v1", served.TextIn("apiVersion"));
        Assert.Null(ObjectReader.Read(EventResource.Type.Expected, served, FieldValidation.Strict).Error);
        Assert.True(JsonNode.DeepEquals(core, EventTypes.ToCore(served)));
    }

    [Fact]
    public void A_scale_shows_the_numbers_of_its_object_and_changes_only_the_one()
    {
        var deployment = Parse("""
            {"metadata":{"name":"d","namespace":"n","uid":"u","resourceVersion":"7"},"spec":{"replicas":3,"paused":true,
             "selector":{"matchLabels":{"b":"1","a":"2"},
              "matchExpressions":[{"key":"c","operator":"In","values":["y","x"]}]}},
             "status":{"replicas":2}}
            """);

        var scale = ScaleView.Of(deployment);
        var next = ScaleView.Apply(deployment, Parse("""{"spec":{"replicas":5}}"""));

        Assert.Equal("""{"replicas":2,"selector":"a=2,b=1,c in (x,y)"}""", scale["status"]!.ToJsonString());
        Assert.Equal(5, next["spec"].NumberAt("replicas"));
        Assert.True(next["spec"].FlagAt("paused"));
        Assert.Equal(3, deployment["spec"].NumberAt("replicas"));
        Assert.False(ScaleView.Validate(Parse("""{"spec":{"replicas":-1}}""")).IsEmpty);
    }

    [Fact]
    public void Field_selectors_read_what_clients_select_by()
    {
        var pod = Parse("""
            {"metadata":{"name":"p","namespace":"n"},"spec":{"nodeName":"node-1"},
             "status":{"phase":"Running","podIP":"1.2.3.4"}}
            """);

        Assert.Equal("node-1", PodResource.Type.SelectableValue("spec.nodeName", pod));
        Assert.Equal("Running", PodResource.Type.SelectableValue("status.phase", pod));
        Assert.Equal("p", PodResource.Type.SelectableValue("metadata.name", pod));
        Assert.Equal("", PodResource.Type.SelectableValue("status.nominatedNodeName", pod));
        Assert.Null(PodResource.Type.SelectableValue("spec.hostname", pod));
        Assert.True(EventResource.Core.CanSelectBy("involvedObject.uid"));
        Assert.False(NodeResource.Type.CanSelectBy("metadata.namespace"));
    }

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
