using Mainstay.Drills;
using Mainstay.Kernel;

namespace Mainstay.Tests.Drills;

public sealed class ProtectionsTests
{
    [Fact]
    public void All_means_every_one_of_them()
    {
        Assert.True(Protections.IsAll(Protections.Parse(["all"])));
        Assert.Equal(["tolerance", "brake"], Protections.Parse(["brake", " tolerance", "brake"]));
    }

    [Fact]
    public void An_unknown_name_is_refused_with_those_that_there_are()
    {
        var refusal = Assert.Throws<StartException>(() => Protections.Parse(["brakes", "gate"]));

        Assert.Equal(ExitCodes.Usage, refusal.ExitCode);
        Assert.Contains("'brakes'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("brake,", refusal.Message, StringComparison.Ordinal);
    }
}
