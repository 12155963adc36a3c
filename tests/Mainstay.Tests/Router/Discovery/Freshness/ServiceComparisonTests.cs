using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.Kube;
using Mainstay.Router.Discovery;
using Mainstay.Router.Discovery.Freshness;

namespace Mainstay.Tests.Router.Discovery.Freshness;

public sealed class ServiceComparisonTests
{
    [Fact]
    public void What_the_watch_has_not_told_is_named()
    {
        var list = List(20, ("same", "5"), ("changed", "18"), ("added", "19"));

        var behind = list.Behind(Known(("same", "5"), ("changed", "7"), ("gone", "6")), []);

        Assert.Equal(["n/added", "n/changed", "n/gone"], behind.Select(key => $"{key}").Order());
    }

    [Fact]
    public void What_is_newer_than_the_list_and_what_cannot_be_read_is_no_fault()
    {
        var list = List(20, ("ahead", "18"), ("bad", "19"));

        var behind = list.Behind(Known(("ahead", "21"), ("made-later", "22")), [new ObjectKey("n", "bad")]);

        Assert.Empty(behind);
    }

    [Fact]
    public void Revisions_that_are_no_numbers_accuse_nobody_and_nameless_items_are_left_out()
    {
        using var nameless = JsonDocument.Parse("""[{"metadata":{}},7,{"metadata":{"name":"a","namespace":"n"}}]""");
        var list = ServiceComparison.Of(nameless.RootElement.EnumerateArray(), "x");

        Assert.Single(list.Versions);
        Assert.Empty(list.Behind(Known(("a", "b"), ("other", "c")), []));
    }

    private static ServiceComparison List(int revision, params (string Name, string Version)[] services) => new(
        revision.ToString(), services.ToImmutableDictionary(s => new ObjectKey("n", s.Name), s => s.Version));

    private static ImmutableDictionary<ObjectKey, ServiceObject> Known(
        params (string Name, string Version)[] services) =>
        services.Select(s => new ServiceObject(new ObjectKey("n", s.Name), []) { ResourceVersion = s.Version })
            .ToImmutableDictionary(service => service.Key);
}
