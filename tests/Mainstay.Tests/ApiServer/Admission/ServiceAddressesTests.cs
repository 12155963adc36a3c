using System.Net;
using Mainstay.ApiServer.Admission;
using Mainstay.ApiServer.Http;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;
using Mainstay.ApiServer.Storage;
using Mainstay.ApiServer.Watch;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.ApiServer.Admission;

public sealed class ServiceAddressesTests
{
    private const string Plain = """{"metadata":{"name":"s","namespace":"n"},"spec":{"type":"ClusterIP"}}""";

    private readonly WatchCaches _caches = new(ResourceTable.All, new FakeTimeProvider());
    private readonly ServiceAddresses _addresses;

    public ServiceAddressesTests() =>
        _addresses = new ServiceAddresses(IPNetwork.Parse("10.96.0.0/28"), _caches, new Ids(new Random(1)));

    [Fact]
    public void Every_address_of_the_range_is_given_once_and_then_the_range_is_full()
    {
        var type = Fakes.Type("", "services");
        var given = new HashSet<string>();
        for (var i = 0; i < 13; i++)
        {
            var service = Fakes.Tree(Plain);
            service["metadata"]!["name"] = $"s{i}";
            _addresses.Assign(service);
            Assert.True(given.Add(service.TextIn("spec", "clusterIP")));
            var key = type.StorageKey("n", $"s{i}");
            _caches.Of(type).Apply([new CacheChange(key, i + 2, StoredObject.From(type, key, i + 2, service))], i + 2);
        }

        Assert.Equal("10.96.0.1", _addresses.OfKubernetes);
        Assert.DoesNotContain("10.96.0.0", given);
        Assert.DoesNotContain("10.96.0.1", given);
        Assert.DoesNotContain("10.96.0.15", given);
        var refusal = Assert.Throws<RefusedException>(() => _addresses.Assign(Fakes.Tree(Plain)));
        Assert.Contains("range is full", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"spec":{"clusterIP":"None"}}""", false)]
    [InlineData("""{"spec":{"type":"ExternalName"}}""", false)]
    [InlineData("""{"spec":{"clusterIP":"10.96.0.9"}}""", false)]
    [InlineData("""{"spec":{}}""", true)]
    public void Only_a_service_that_says_nothing_is_given_an_address(string service, bool wants)
    {
        Assert.Equal(wants, ServiceAddresses.Wants(Fakes.Tree(service)));
    }

    [Fact]
    public void A_change_of_address_takes_the_new_one_and_releases_the_old_one()
    {
        var old = Fakes.Tree("""{"metadata":{"name":"s","namespace":"n"},"spec":{"clusterIP":"10.96.0.4"}}""");
        var next = Fakes.Tree("""{"metadata":{"name":"s","namespace":"n"},"spec":{"clusterIP":"10.96.0.5"}}""");

        var (take, release) = _addresses.Claims(next, old);

        Assert.Equal(StoreKeys.ServiceAddress("10.96.0.5"), Assert.Single(take).Key);
        Assert.Equal([StoreKeys.ServiceAddress("10.96.0.4")], release.ToArray());
        Assert.Empty(_addresses.Claims(old, old).Take);
    }

    [Fact]
    public void An_address_outside_the_range_is_refused_by_field()
    {
        var service = Fakes.Tree("""{"metadata":{"name":"s","namespace":"n"},"spec":{"clusterIP":"10.97.0.4"}}""");

        var refusal = Assert.Throws<RefusedException>(() => _addresses.Claims(service, null));

        Assert.Equal(422, refusal.Status.Code);
        Assert.Equal("spec.clusterIPs", Assert.Single(refusal.Status.Details!.Causes).Field);
    }
}
