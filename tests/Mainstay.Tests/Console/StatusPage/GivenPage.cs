using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.ConsoleSite.Incidents;
using Mainstay.ConsoleSite.StatusPage;

namespace Mainstay.Tests.ConsoleSite.StatusPage;

/// <summary>A page about a bank with two journeys that is well, until a test says otherwise.</summary>
internal static class GivenPage
{
    public static readonly DateTimeOffset Now = new(2017, 10, 27, 14, 30, 0, TimeSpan.Zero);

    public static PageConfig Config { get; } = new()
    {
        Name = "Bank",
        Url = "https://status.example",
        Components = [new ComponentConfig("card-payments", "Card payments", "Paying with your card")],
    };

    public static PageEvidence Well { get; } = new(
        Config,
        new PageMemory { BegunAt = Now.AddDays(-1) }
            .With(Both, Config, Now.AddHours(-1))
            .With(Both, Config, Now.AddSeconds(-2)) with
        { ContactAt = Now.AddSeconds(-2) },
        [],
        ReportsFault: null,
        StatusPageLimits.ContactLimit,
        Now);

    private static PlatformReading Both => Overview(
        """{"journeys":["card-payments"],"state":{"health":"Good","word":"ready"}}""",
        """{"journeys":["card-payments","transfers"],"state":{"health":"Good","word":"ready"}}""");

    public static PublicPage Page(PageEvidence evidence) => PublicPageBuilder.Build(evidence);

    /// <param name="rows">services of the bank, as JSON</param>
    public static PlatformReading Overview(params string[] rows) => PlatformReading.Read(JsonDocument.Parse(
        $$$"""
        {"services":{"cluster":{"at":"2017-10-27T13:29:59Z"},"traffic":{"at":"2017-10-27T13:29:58Z"},
         "rows":[{{{string.Join(',', rows)}}}]}}
        """).RootElement.Clone());

    public static ImmutableArray<IncidentDocument> Documents(params Incident[] incidents) =>
        [.. incidents.Select(incident => IncidentDocuments.Of(incident, Config))];
}
