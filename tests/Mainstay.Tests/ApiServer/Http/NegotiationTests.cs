using Mainstay.ApiServer.Http;

namespace Mainstay.Tests.ApiServer.Http;

public sealed class NegotiationTests
{
    private const string Kubectl =
        "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,"
        + "application/json";

    [Theory]
    [InlineData(null, "Plain")]
    [InlineData("*/*", "Plain")]
    [InlineData("application/json; charset=utf-8", "Plain")]
    [InlineData("application/vnd.kubernetes.protobuf,application/json", "Plain")]
    [InlineData("application/vnd.kubernetes.protobuf, */*", "Plain")]
    [InlineData(Kubectl, "Table")]
    [InlineData("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json", "PartialMetadata")]
    [InlineData("application/json;as=Table;g=other;v=v1,application/json", "Plain")]
    [InlineData("application/json;q=0.1,application/json;as=Table;g=meta.k8s.io;v=v1;q=0.9", "Table")]
    public void The_first_shape_that_is_served_wins(string? accept, string shape)
    {
        Assert.Equal(shape, Negotiation.Shape(accept).ToString());
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/vnd.kubernetes.protobuf")]
    [InlineData("application/json;as=Nothing;g=meta.k8s.io;v=v1")]
    [InlineData("application/json;q=0")]
    public void What_is_not_served_is_refused_with_406(string accept)
    {
        Assert.Equal(406, Assert.Throws<RefusedException>(() => Negotiation.Shape(accept)).Status.Code);
    }
}
