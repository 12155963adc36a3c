using System.Text;
using Mainstay.Kernel.Signals;

namespace Mainstay.Tests.Kernel.Signals;

public sealed class SignalsJsonTests
{
    [Fact]
    public void What_is_written_is_read_back()
    {
        var reading = new SignalReading("EndpointSlice bank/x makes no sense")
        {
            Evidence = [new Evidence("reason", "endpoints is a number"), new Evidence("ageSeconds", "3.5")],
            Culprit = new ObjectReference("EndpointSlice", "bank", "x"),
            CausedBy = ["api/https://127.0.0.1:6443"],
        };
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
        var report = new SignalsReport(
            "router", "node-1", at,
            [new Signal(SignalCatalog.ObjectQuarantined, "router/node-1", at, reading)],
            [
                new Hop("router/node-1", "api/https://127.0.0.1:6443", 42, TimeSpan.FromSeconds(0.5)),
                new Hop("x", "", -1, null),
            ]);

        var back = SignalsJson.Read(SignalsJson.Write(report));

        Assert.Equal((report.Part, report.Instance, report.ObservedAt), (back.Part, back.Instance, back.ObservedAt));
        Assert.Equal(report.Hops, back.Hops);
        var signal = Assert.Single(back.Signals);
        Assert.Same(SignalCatalog.ObjectQuarantined, signal.Definition);
        Assert.Equal(("router/node-1", at), (signal.Subject, signal.Since));
        Assert.Equal(reading.Evidence, signal.Reading.Evidence);
        Assert.Equal((reading.Culprit, reading.Summary), (signal.Reading.Culprit, signal.Reading.Summary));
        Assert.Equal(reading.CausedBy, signal.Reading.CausedBy);
    }

    [Fact]
    public void A_signal_of_a_newer_version_is_told_in_its_own_words()
    {
        var report = Read("""
            {"signals":[{"name":"tea-cold","severity":"critical","subject":"pot","advice":"brew","n":1}]}
            """);

        var signal = Assert.Single(report.Signals);
        Assert.Equal(("tea-cold", Severity.Critical, "brew"), (signal.Name, signal.Severity, signal.Definition.Advice));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"signals":null,"hops":null}""")]
    [InlineData("""{"signals":[null,{},{"name":7}],"hops":[]}""")]
    [InlineData("""{"signals":"many","part":3}""")]
    [InlineData("[]")]
    public void What_is_absent_or_odd_is_empty(string text) => Assert.Empty(Read(text).Signals);

    [Theory]
    [InlineData("""{"hops":[{}]}""")]
    [InlineData("""{"hops":[{"sequence":1e99,"ageSeconds":-4}]}""")]
    [InlineData("""{"hops":[null]}""")]
    public void A_hop_without_figures_has_never_been_seen_to_advance(string text)
    {
        var hop = Assert.Single(Read(text).Hops);

        Assert.Equal((-1L, (TimeSpan?)null), (hop.Sequence, hop.Age));
    }

    private static SignalsReport Read(string text) => SignalsJson.Read(Encoding.UTF8.GetBytes(text));
}
