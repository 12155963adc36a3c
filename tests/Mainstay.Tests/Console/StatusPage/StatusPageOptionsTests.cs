using Mainstay.ConsoleSite.StatusPage;
using Mainstay.Kernel;

namespace Mainstay.Tests.ConsoleSite.StatusPage;

public sealed class StatusPageOptionsTests
{
    [Theory]
    [InlineData(19.9)]
    [InlineData(0)]
    [InlineData(86_401)]
    [InlineData(-5)]
    public void A_contact_limit_that_would_call_quiet_a_loss_is_refused_with_the_range(double seconds)
    {
        var fault = Assert.Throws<StartException>(() => Options(seconds).Validate());

        Assert.Contains("--contact-limit must be 20 to 86400 s", fault.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Usage, fault.ExitCode);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(90)]
    [InlineData(86_400)]
    public void A_contact_limit_within_the_range_is_taken(double seconds) => Options(seconds).Validate();

    private static StatusPageOptions Options(double seconds) => new()
    {
        DataFolder = "/x", OutFolder = "/y", Console = new Uri("http://127.0.0.1:7070"),
        ContactLimit = TimeSpan.FromSeconds(seconds),
    };
}
