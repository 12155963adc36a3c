using Mainstay.ConsoleSite.Checks;
using static Mainstay.Tests.ConsoleSite.Checks.Listing;

namespace Mainstay.Tests.ConsoleSite.Checks;

public sealed class ObjectScanTests
{
    [Fact]
    public void Objects_that_make_sense_are_not_named()
    {
        Assert.Empty(ObjectScan.Scan(Of(ListedKind.Services, Service("payments"))));
        Assert.Empty(ObjectScan.Scan(Of(ListedKind.Slices, Slice("payments", """[{"addresses":["10.0.0.1"]}]"""))));
        Assert.Empty(ObjectScan.Scan(Of(ListedKind.Endpoints, Named("payments", ""))));
        Assert.Empty(ObjectScan.Scan(Of(
            ListedKind.Endpoints,
            Named("a", ""","subsets":[{"addresses":[{"ip":"::1"}],"ports":[{"port":80}]}]"""))));
    }

    [Theory]
    [InlineData(""","subsets":null""", "subsets", "null")]
    [InlineData(""","subsets":[{"addresses":null}]""", "subsets[0].addresses", "null")]
    [InlineData(""","subsets":[null]""", "subsets[0]", "null")]
    public void What_is_null_where_a_list_belongs_is_named_by_object_and_field(string rest, string field, string what)
    {
        var finding = Assert.Single(ObjectScan.Scan(Of(ListedKind.Endpoints, Service("good"), Named("foo", rest))));

        Assert.Equal(("Endpoints bank/foo", field, false), (finding.Name, finding.Field, finding.Senseless));
        Assert.Contains(what, finding.What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""","subsets":"none" """, "subsets")]
    [InlineData(""","subsets":[7]""", "subsets[0]")]
    [InlineData(""","subsets":[{"addresses":[{"ip":"not-an-address"}]}]""", "subsets[0].addresses[0].ip")]
    [InlineData(""","subsets":[{"addresses":[{}]}]""", "subsets[0].addresses[0].ip")]
    [InlineData(""","subsets":[{"ports":[{"port":70000}]}]""", "subsets[0].ports[0].port")]
    [InlineData(""","subsets":[{"ports":[{"port":"http"}]}]""", "subsets[0].ports[0].port")]
    public void What_makes_no_sense_is_named_by_object_and_field(string rest, string field)
    {
        var findings = ObjectScan.Scan(Of(ListedKind.Endpoints, Named("foo", rest)));

        Assert.Equal(field, findings.FirstOrDefault(finding => finding.Senseless)?.Field ?? "");
    }

    [Theory]
    [InlineData(""","endpoints":null,"ports":[]""", "endpoints", false)]
    [InlineData(""","endpoints":[{"addresses":null}]""", "endpoints[0].addresses", false)]
    [InlineData(""","endpoints":[{"addresses":[null]}]""", "endpoints[0].addresses[0]", false)]
    [InlineData(""","endpoints":[{"addresses":[7]}]""", "endpoints[0].addresses[0]", true)]
    [InlineData(""","endpoints":[{"addresses":["10.0.0.1"],"conditions":true}]""", "endpoints[0].conditions", true)]
    public void Slices_are_scanned_field_by_field(string rest, string field, bool senseless)
    {
        var finding = Assert.Single(ObjectScan.Scan(Of(ListedKind.Slices, Named("foo", rest))));

        Assert.Equal((field, senseless), (finding.Field, finding.Senseless));
    }

    [Fact]
    public void An_object_without_a_name_is_told_by_its_place_in_the_list()
    {
        var findings = ObjectScan.Scan(Of(ListedKind.Services, Service("a"), "{}", "null", "7"));

        Assert.Equal(
            ["Service number 1", "Service number 2", "Service number 3"], findings.Select(finding => finding.Name));
        Assert.All(findings, finding => Assert.True(finding.Senseless));
    }

    [Fact]
    public void A_list_whose_items_are_null_is_named_itself()
    {
        var list = new ObjectList(ListedKind.Endpoints, [], "") { Shape = "are null" };

        Assert.Equal("the list of Endpoints: items are null", Assert.Single(ObjectScan.Scan(list)).ToString());
    }
}
