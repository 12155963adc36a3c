using Mainstay.Controllers.Core;
using Mainstay.Controllers.Namespaces;
using Mainstay.Kube;

namespace Mainstay.Tests.Controllers.Namespaces;

public class NamespaceReconcilersTests
{
    private static readonly ObjectKey Shop = new("", "shop");

    [Theory]
    [InlineData("{kind: Namespace, metadata: {name: shop}}", false)]
    [InlineData("{kind: Namespace, metadata: {name: shop, deletionTimestamp: \"2026-06-01T11:00:00Z\"}, "
        + "spec: {finalizers: [kubernetes]}}", true)]
    [InlineData("{kind: Namespace, metadata: {name: shop, deletionTimestamp: \"2026-06-01T11:00:00Z\"}, "
        + "spec: {finalizers: [mine]}}", false)]
    public void Only_a_namespace_that_waits_for_us_is_swept(string space, bool swept)
    {
        var writes = new NamespaceReconciler(Given.Cluster(space)).Reconcile(Shop, Given.Now).Writes;
        Assert.Equal(swept, writes.Any(w => w is SweepNamespace));
    }

    [Fact]
    public void A_living_namespace_gets_a_default_service_account()
    {
        var caches = Given.Cluster("{kind: Namespace, metadata: {name: shop}}");
        var create = Assert.Single(new ServiceAccountReconciler(caches).Reconcile(Shop, Given.Now).Writes);
        Assert.Equal((Kinds.ServiceAccount, new ObjectKey("shop", "default")), (create.Kind, create.Key));
        Given.Add(caches, "{kind: Namespace, metadata: {name: shop, deletionTimestamp: \"2026-06-01T11:00:00Z\"}}");
        Assert.Empty(new ServiceAccountReconciler(caches).Reconcile(Shop, Given.Now).Writes);
    }
}
