using Mainstay.Drills.Faults;

namespace Mainstay.Tests.Drills.Faults;

public sealed class ApiCallTests
{
    [Theory]
    [InlineData("/apis/discovery.k8s.io/v1/namespaces/bank/endpointslices", true, ApiVerb.Watch, "endpointslices",
        "bank")]
    [InlineData("/api/v1/endpoints", false, ApiVerb.List, "endpoints", null)]
    [InlineData("/api/v1/namespaces/bank/pods/payments-x", false, ApiVerb.Other, "pods", "bank")]
    [InlineData("/api/v1/namespaces/bank", false, ApiVerb.Other, "namespaces", null)]
    [InlineData("/api/v1/namespaces", false, ApiVerb.List, "namespaces", null)]
    [InlineData("/healthz", false, ApiVerb.Other, "", null)]
    [InlineData("/apis/discovery.k8s.io/v1", false, ApiVerb.Other, "", null)]
    public void A_path_tells_verb_kind_and_namespace(
        string path, bool watches, ApiVerb verb, string resource, string? space)
    {
        var call = ApiCall.Of("GET", path, watches, "mainstay");

        Assert.Equal((verb, resource, space), (call.Verb, call.Resource, call.Namespace));
    }

    [Fact]
    public void A_write_to_a_collection_is_no_list()
    {
        Assert.Equal(ApiVerb.Other, ApiCall.Of("POST", "/api/v1/namespaces/bank/pods", false, "").Verb);
    }

    [Fact]
    public void A_fault_is_only_for_the_calls_it_names()
    {
        var fault = ApiFault.MuteWatches("endpointslices") with { UserAgent = "router" };

        Assert.True(fault.IsFor(new ApiCall(ApiVerb.Watch, "endpointslices", null, "/x", "mainstay-router/1")));
        Assert.False(fault.IsFor(new ApiCall(ApiVerb.Watch, "services", null, "/x", "mainstay-router/1")));
        Assert.False(fault.IsFor(new ApiCall(ApiVerb.List, "endpointslices", null, "/x", "mainstay-router/1")));
        Assert.False(fault.IsFor(new ApiCall(ApiVerb.Watch, "endpointslices", null, "/x", "kubectl")));
    }
}
