using Mainstay.ConsoleSite.Checks;
using static Mainstay.Tests.ConsoleSite.Checks.Listing;

namespace Mainstay.Tests.ConsoleSite.Checks;

public sealed class CacheAgreementTests
{
    [Fact]
    public void What_changed_between_the_quorum_reads_is_not_judged()
    {
        var reading = Read(before: ["a@5", "b@7"], cached: ["a@4", "b@7"], after: ["a@5", "b@9", "c@8"]);

        Assert.Equal(
            "Service bank/a: revision 4 in the cache, revision 5 by quorum",
            Assert.Single(CacheAgreement.Disagreements(reading)));
    }

    [Fact]
    public void An_object_that_the_cache_still_has_or_does_not_have_yet_lags()
    {
        var reading = Read(before: ["new@9"], cached: ["gone@3"], after: ["new@9"]);

        Assert.Equal(
            [
                "Service bank/gone: revision 3 in the cache, absent by quorum",
                "Service bank/new: absent in the cache, revision 9 by quorum",
            ],
            CacheAgreement.Disagreements(reading));
    }

    [Fact]
    public void A_cache_that_follows_agrees()
    {
        Assert.Empty(CacheAgreement.Disagreements(Read(["a@5"], ["a@6"], ["a@6"])));
        Assert.Empty(CacheAgreement.Disagreements(Read(["a@5"], ["a@5"], ["a@5"])));
        Assert.Empty(CacheAgreement.Disagreements(Read([], [], [])));
    }

    [Fact]
    public void The_youngest_renewal_is_found_among_leases_with_and_without_one()
    {
        var leases = Of(
            ListedKind.Leases,
            Named("a", ""","spec":{"renewTime":"2026-01-01T12:00:00.000000Z"}"""),
            Named("b", ""","spec":{"renewTime":"2026-01-01T12:00:09.000000Z"}"""),
            Named("c", ""","spec":{"renewTime":null}"""),
            Named("d", ""));

        Assert.Equal(new DateTimeOffset(2026, 1, 1, 12, 0, 9, TimeSpan.Zero), CacheAgreement.YoungestRenewal(leases));
        Assert.Null(CacheAgreement.YoungestRenewal(Of(ListedKind.Leases)));
    }

    private static CacheReading Read(string[] before, string[] cached, string[] after) =>
        new(List(before), List(cached), List(after));

    private static ObjectList List(string[] objects) => Of(
        ListedKind.Services,
        [.. objects.Select(text => Named(text.Split('@')[0], "", text.Split('@')[1]))]);
}
