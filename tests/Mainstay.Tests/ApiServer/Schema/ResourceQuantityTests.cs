using CsCheck;
using Mainstay.ApiServer.Schema;

namespace Mainstay.Tests.ApiServer.Schema;

public sealed class ResourceQuantityTests
{
    [Theory]
    [InlineData("0.5", "500m")]
    [InlineData("1.5", "1500m")]
    [InlineData("1000m", "1")]
    [InlineData("100000", "100k")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("1000Mi", "1000Mi")]
    [InlineData("1e3", "1e3")]
    [InlineData("-1", "-1")]
    [InlineData("+1", "1")]
    [InlineData("0", "0")]
    [InlineData("0Gi", "0")]
    [InlineData("0.5Gi", "512Mi")]
    [InlineData("1n", "1n")]
    [InlineData("0.1n", "1n")]
    [InlineData("512", "512")]
    [InlineData("1.1Ki", "1126400m")]
    public void An_amount_is_written_with_the_largest_suffix_that_loses_nothing(string text, string canonical)
    {
        Assert.True(ResourceQuantity.TryParse(text, out var amount));
        Assert.Equal(canonical, amount.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("1.2.3")]
    [InlineData("1 Gi")]
    [InlineData("1gi")]
    [InlineData("--1")]
    [InlineData(".")]
    [InlineData("1e")]
    [InlineData("1e999999999")]
    public void What_is_no_amount_is_refused(string text)
    {
        Assert.False(ResourceQuantity.TryParse(text, out _));
    }

    [Fact]
    public void Writing_and_reading_keeps_the_amount()
    {
        string[] suffixes = ["n", "u", "m", "", "k", "M", "G", "Ki", "Mi", "Gi", "Ti"];
        Gen.Select(Gen.Long[-1_000_000_000, 1_000_000_000], Gen.Int[0, suffixes.Length - 1]).Sample((number, at) =>
        {
            Assert.True(ResourceQuantity.TryParse(number + suffixes[at], out var amount));
            Assert.True(ResourceQuantity.TryParse(amount.ToString(), out var again));
            Assert.Equal(amount.Nanos, again.Nanos);
            Assert.Equal(amount.ToString(), again.ToString());
        });
    }
}
