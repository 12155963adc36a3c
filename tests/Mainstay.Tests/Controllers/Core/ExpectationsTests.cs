using Mainstay.Controllers.Core;
using Mainstay.Kube;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Controllers.Core;

public class ExpectationsTests
{
    private static readonly ObjectKey Set = new("n", "set");
    private readonly FakeTimeProvider _time = new();
    private readonly ClusterCaches _caches = Given.Cluster(Given.Pod("a", "set"));
    private readonly Expectations _expectations;

    public ExpectationsTests() => _expectations = new Expectations(_caches, _time);

    [Fact]
    public void A_created_pod_is_awaited_until_the_cache_stands_at_its_revision()
    {
        _expectations.Add(Set, new WriteResult(Kinds.Pod, new ObjectKey("n", "b"), 12));
        Assert.False(_expectations.AreMet(Set));
        Assert.True(_expectations.AreMet(new ObjectKey("n", "other")));
        _caches.Pods.Objects.Deleted(new ObjectKey("n", "x"), "11");
        Assert.False(_expectations.AreMet(Set));
        _caches.Pods.Objects.Deleted(new ObjectKey("n", "x"), "12");
        Assert.True(_expectations.AreMet(Set));
    }

    [Fact]
    public void A_deleted_pod_is_awaited_until_it_is_gone_or_another()
    {
        _expectations.Add(Set, new WriteResult(Kinds.Pod, new ObjectKey("n", "a"), 0, "a"));
        Assert.False(_expectations.AreMet(Set));
        Given.Remove(_caches, "Pod", "a");
        Assert.True(_expectations.AreMet(Set));
    }

    [Fact]
    public void What_never_comes_is_given_up()
    {
        _expectations.Add(Set, new WriteResult(Kinds.Pod, new ObjectKey("n", "b"), 1_000_000));
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(_expectations.AreMet(Set));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(_expectations.AreMet(Set));
    }
}
