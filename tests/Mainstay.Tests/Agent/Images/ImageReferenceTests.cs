using Mainstay.Agent.Images;

namespace Mainstay.Tests.Agent.Images;

public sealed class ImageReferenceTests
{
    [Theory]
    [InlineData("bank/payments:v1", "bank/payments", "v1")]
    [InlineData("payments", "payments", "latest")]
    [InlineData("localhost:5000/a/b-c:1.2", "localhost:5000/a/b-c", "1.2")]
    public void A_name_has_a_repository_and_a_tag(string text, string repository, string tag)
    {
        Assert.Equal(new ImageReference(repository, tag), ImageReference.Parse(text, out _));
    }

    [Theory]
    [InlineData("../etc:v1")]
    [InlineData("a/../b:v1")]
    [InlineData("/etc:v1")]
    [InlineData("a//b:v1")]
    [InlineData("Bank:v1")]
    [InlineData("bank:.")]
    [InlineData("bank:..")]
    [InlineData("bank:v/1")]
    [InlineData("bank:")]
    [InlineData("")]
    [InlineData("bank:v1\n")]
    public void A_name_that_could_leave_the_store_or_means_nothing_is_refused(string text)
    {
        Assert.Null(ImageReference.Parse(text, out var fault));
        Assert.NotNull(fault);
    }
}
