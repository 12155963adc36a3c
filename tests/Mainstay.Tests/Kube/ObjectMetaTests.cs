using System.Text.Json;
using Mainstay.Kube;

namespace Mainstay.Tests.Kube;

public class ObjectMetaTests
{
    [Theory]
    [InlineData("""{"metadata":{"name":"a"}}""")]
    [InlineData("""
        {"metadata":{"name":"a","namespace":null,"labels":null,"ownerReferences":null,"finalizers":null}}
        """)]
    [InlineData("""
        {"metadata":{"name":"a","namespace":"","labels":{},"ownerReferences":[],"finalizers":[],"x":{"y":1}}}
        """)]
    public void Absent_null_and_empty_mean_the_same(string json)
    {
        using var document = JsonDocument.Parse(json);
        var meta = ObjectMeta.Read(document.RootElement);
        Assert.Equal(new ObjectKey("", "a"), meta.Key);
        Assert.Empty(meta.Labels);
        Assert.Empty(meta.OwnerReferences);
        Assert.Empty(meta.Finalizers);
        Assert.Null(meta.DeletionTimestamp);
    }

    [Theory]
    [InlineData("""{}""", "metadata.name")]
    [InlineData("""{"metadata":{"name":7}}""", "name")]
    [InlineData("""{"metadata":[]}""", "metadata")]
    [InlineData("""{"metadata":{"name":"a","labels":{"x":1}}}""", "labels.x")]
    [InlineData("""{"metadata":{"name":"a","creationTimestamp":"yesterday"}}""", "creationTimestamp")]
    [InlineData("""{"metadata":{"name":"a","finalizers":[1]}}""", "finalizers")]
    [InlineData("""{"metadata":{"name":"a","generation":1.5}}""", "generation")]
    public void A_wrong_type_is_named_by_its_field(string json, string field)
    {
        using var document = JsonDocument.Parse(json);
        var fault = Assert.Throws<MalformedObjectException>(() => ObjectMeta.Read(document.RootElement));
        Assert.Contains(field, fault.Message);
    }
}
