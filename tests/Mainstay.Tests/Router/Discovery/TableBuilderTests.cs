using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.Kube;
using Mainstay.Router.Discovery;

namespace Mainstay.Tests.Router.Discovery;

public sealed class TableBuilderTests
{
    private const string Service = "{'metadata':{'namespace':'bank','name':'pay'}," +
        "'spec':{'ports':[{'name':'http','port':80}]}}";

    [Theory]
    [InlineData("{'metadata':{'namespace':'bank','name':'pay-1','labels':{'kubernetes.io/service-name':'pay'}}}")]
    [InlineData("{'metadata':{'namespace':'bank','name':'pay-1','labels':{'kubernetes.io/service-name':'pay'}}," +
        "'addressType':'IPv4','endpoints':null,'ports':null}")]
    [InlineData("{'metadata':{'namespace':'bank','name':'pay-1','labels':{'kubernetes.io/service-name':'pay'}}," +
        "'addressType':'IPv4','endpoints':[],'ports':[]}")]
    [InlineData("{'metadata':{'namespace':'bank','name':'pay-1','labels':{'kubernetes.io/service-name':'pay'}}," +
        "'addressType':'IPv4','endpoints':[{'addresses':null,'conditions':null},null],'ports':[{'name':'http'," +
            "'port':8080},null]}")]
    [InlineData("{'metadata':{'namespace':'bank','name':'pay-1','labels':{'kubernetes.io/service-name':'pay'}}," +
        "'addressType':'Pigeon','endpoints':[{'addresses':['coop 7']}],'ports':[{'name':'http','port':8080}]}")]
    [InlineData("{'metadata':{'namespace':'bank','name':'pay-1','labels':null},'addressType':'IPv4'," +
        "'endpoints':[{'addresses':['10.0.0.1']}],'ports':[{'name':'http','port':8080}]}")]
    public void A_slice_with_nothing_in_it_leaves_a_service_with_nothing_to_route_to(string slice)
    {
        var table = Build([Service], [slice]);

        var port = Assert.Single(Assert.Single(table.Services).Ports);
        Assert.Empty(port.Endpoints);
    }

    [Theory]
    [InlineData("{'metadata':{'namespace':'bank','name':'x'},'endpoints':{'not':'a list'}}", "endpoints")]
    [InlineData("{'metadata':{'namespace':'bank','name':'x'},'endpoints':['text']}", "")]
    [InlineData("{'metadata':{'namespace':'bank','name':'x'},'endpoints':[{'addresses':['300.1.1.1']}]}", "300.1.1.1")]
    [InlineData("{'metadata':{'namespace':'bank','name':'x'},'endpoints':[{'addresses':['1']}]}", "\"1\"")]
    [InlineData("{'metadata':{'namespace':'bank','name':'x'},'endpoints':[{'addresses':[7]}]}", "addresses")]
    [InlineData("{'metadata':{'namespace':'bank','name':'x'},'ports':[{'port':70000}]}", "port")]
    [InlineData("{'metadata':{'namespace':'bank','name':'x'},'ports':[{'port':'http'}]}", "port")]
    [InlineData("{'metadata':{'namespace':'bank','name':'x'},'endpoints':[{'addresses':['10.0.0.1']," +
        "'conditions':{'ready':'yes'}}]}", "ready")]
    public void A_slice_that_makes_no_sense_is_refused_by_the_field(string slice, string field)
    {
        using var document = Parse(slice);
        if (field.Length == 0)
        {
            // What is no object has no fields, so it says nothing: nothing to refuse, and nothing to route to.
            Assert.Empty(SliceObject.Read(document.RootElement).Addresses);
            return;
        }

        var fault = Assert.Throws<MalformedObjectException>(() => SliceObject.Read(document.RootElement));
        Assert.Contains(field, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ports_meet_by_name_and_an_absent_name_is_the_empty_one()
    {
        const string TwoPorts = "{'metadata':{'namespace':'bank','name':'two'},'spec':{'ports':[{'name':'http'," +
            "'port':80},{'name':'admin','port':81},{'name':'dns','port':53,'protocol':'UDP'}]}}";
        const string OnePort = "{'metadata':{'namespace':'bank','name':'one'},'spec':{'ports':[{'port':80}]}}";

        var table = Build(
            [TwoPorts, OnePort],
            [
                Slice("two", "[{'name':'http','port':8080},{'name':'admin','port':9090}]",
                    "{'addresses':['10.0.0.1']}"),
                Slice("one", "[{'name':null,'port':8080}]", "{'addresses':['10.0.0.2']}"),
            ]);

        Assert.Equal(["80:8080", "81:9090", "80:8080"], table.Services.OrderByDescending(service => service.Name)
            .SelectMany(service => service.Ports).Select(port => $"{port.Port}:{Assert.Single(port.Endpoints).Port}"));
    }

    [Fact]
    public void Readiness_that_is_not_told_counts_as_ready_and_the_rest_of_an_endpoint_is_kept()
    {
        var table = Build([Service], [Slice(
            "pay",
            "[{'name':'http','port':8080}]",
            "{'addresses':['10.0.0.2'],'conditions':{'ready':false}},{'addresses':['10.0.0.1']," +
                "'conditions':{'serving':true,'later':1},'nodeName':'n','zone':'z','targetRef':{'kind':'Pod'," +
                    "'name':'p','uid':'u'}}")]);

        var endpoints = table.Services[0].Ports[0].Endpoints;
        Assert.Equal(new Endpoint("10.0.0.1", 8080) { Ready = true, Node = "n", Zone = "z", Pod = "p", Uid = "u" },
            endpoints[0]);
        Assert.Equal(new Endpoint("10.0.0.2", 8080), endpoints[1]);
    }

    [Fact]
    public void A_service_that_did_not_change_is_the_same_object_in_the_next_table()
    {
        const string Other = "{'metadata':{'namespace':'bank','name':'other'},'spec':{'ports':[{'name':'http'," +
            "'port':80}]}}";
        var slice = Slice("pay", "[{'name':'http','port':8080}]", "{'addresses':['10.0.0.1']}");
        var before = Build([Service, Other], [slice]);

        var same = TableBuilder.Build(Objects([Service, Other], [slice]), before);
        var next = TableBuilder.Build(Objects([Service, Other], []), before);

        Assert.Same(before, same);
        Assert.Equal(before.Revision + 1, next.Revision);
        Assert.Same(before.Services[0], next.Services[0]);
        Assert.NotSame(before.Services[1], next.Services[1]);
    }

    [Fact]
    public void A_slice_whose_service_is_gone_routes_nowhere()
    {
        Assert.Empty(Build([], [Slice("pay", "[{'port':1}]", "{'addresses':['10.0.0.1']}")]).Services);
    }

    private static string Slice(string service, string ports, string endpoints) =>
        $"{{'metadata':{{'namespace':'bank','name':'{service}-1'," +
            $"'labels':{{'kubernetes.io/service-name':'{service}'}}}}," +
        $"'addressType':'IPv4','ports':{ports},'endpoints':[{endpoints}]}}";

    /// <summary>JSON with single quotes, which are easier to read in a string.</summary>
    private static JsonDocument Parse(string text) => JsonDocument.Parse(text.Replace('\'', '"'));

    private static RouteTable Build(string[] services, string[] slices) =>
        TableBuilder.Build(Objects(services, slices), RouteTable.Empty);

    private static DiscoveredObjects Objects(string[] services, string[] slices) => new(
        services.Select(text => ServiceObject.Read(Parse(text).RootElement))
            .ToImmutableDictionary(service => service.Key),
        slices.Select(text => SliceObject.Read(Parse(text).RootElement))
            .ToImmutableDictionary(slice => slice.Key));
}
