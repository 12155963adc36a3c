using CsCheck;
using Mainstay.Kube;

namespace Mainstay.Tests.Kube;

public class FieldSelectorTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("spec.nodeName=node-1", true)]
    [InlineData("spec.nodeName==node-1", true)]
    [InlineData("spec.nodeName!=node-1", false)]
    [InlineData("spec.nodeName=node-1,status.phase!=Failed", true)]
    [InlineData("spec.nodeName=node-1,status.phase=Failed", false)]
    [InlineData("status.reason=", true)]
    [InlineData("status.reason!=", false)]
    public void Every_term_has_to_hold(string text, bool matches)
    {
        var selector = FieldSelector.Parse(text);
        Assert.Equal(matches, selector.Matches(f => f switch
        {
            "spec.nodeName" => "node-1",
            "status.phase" => "Running",
            _ => "",
        }));
    }

    [Theory]
    [InlineData("spec.nodeName")]
    [InlineData("a=b=c")]
    [InlineData(@"a=b\c")]
    [InlineData(@"a=b\")]
    public void A_text_that_is_no_selector_is_refused(string text)
    {
        Assert.Throws<SelectorFormatException>(() => FieldSelector.Parse(text));
    }

    [Fact]
    public void A_value_with_commas_equals_signs_and_backslashes_survives_its_text_form()
    {
        Gen.Char[@"a,=\b!"].Array[0, 10].Select(c => new string(c)).Sample(value =>
        {
            var text = new FieldRequirement("metadata.name", value, Negated: false).ToString();
            Assert.Equal(value, Assert.Single(FieldSelector.Parse(text).Requirements).Value);
        });
    }
}
