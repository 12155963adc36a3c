using System.Reflection;
using System.Text.RegularExpressions;
using Mainstay.Kernel.Signals;

namespace Mainstay.Tests.Kernel.Signals;

public sealed partial class SignalCatalogTests
{
    [Fact]
    public void Every_signal_that_is_defined_is_in_the_list_once()
    {
        var defined = typeof(SignalCatalog)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => field.GetValue(null))
            .OfType<SignalDefinition>();

        Assert.Equal(
            defined.Select(signal => signal.Name).Order(), SignalCatalog.All.Select(signal => signal.Name).Order());
        Assert.Equal(SignalCatalog.All.Length, SignalCatalog.All.Select(signal => signal.Name).Distinct().Count());
    }

    [Fact]
    public void Every_signal_says_what_is_the_case_which_promise_it_threatens_and_what_to_do()
    {
        Assert.All(SignalCatalog.All, signal =>
        {
            Assert.Matches(NamePattern(), signal.Name);
            Assert.InRange(signal.Promise, 1, 6);
            Assert.EndsWith(".", signal.Meaning, StringComparison.Ordinal);
            Assert.EndsWith(".", signal.Advice, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Every_cause_that_is_named_is_a_signal()
    {
        Assert.All(
            SignalCatalog.All.SelectMany(signal => signal.ExplainedBy),
            cause => Assert.NotNull(SignalCatalog.Find(cause)));
    }

    [GeneratedRegex("^[a-z]+(-[a-z]+)*$")]
    private static partial Regex NamePattern();
}
