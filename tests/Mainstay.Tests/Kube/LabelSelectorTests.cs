using System.Text.Json;
using CsCheck;
using Mainstay.Kube;

namespace Mainstay.Tests.Kube;

public class LabelSelectorTests
{
    [Theory]
    [InlineData("", "a=1", true)]
    [InlineData("a=1", "a=1,b=2", true)]
    [InlineData("a==1", "a=1", true)]
    [InlineData("a=1", "a=2", false)]
    [InlineData("a=1", "", false)]
    [InlineData("a!=1", "a=2", true)]
    [InlineData("a!=1", "", true)]
    [InlineData("a!=1", "a=1", false)]
    [InlineData("a in (1,2)", "a=2", true)]
    [InlineData("a in (1,2)", "a=3", false)]
    [InlineData("a in (1,2)", "", false)]
    [InlineData("a notin (1,2)", "", true)]
    [InlineData("a notin (1, 2)", "a=1", false)]
    [InlineData("a", "a=", true)]
    [InlineData("!a", "a=", false)]
    [InlineData("!a", "b=1", true)]
    [InlineData(" a = 1 , ! b ", "a=1", true)]
    [InlineData("a=", "a=", true)]
    [InlineData("a=,b", "a=,b=x", true)]
    [InlineData("a in (,x)", "a=", true)]
    [InlineData("in in (in)", "in=in", true)]
    [InlineData("x.io/role=web", "x.io/role=web", true)]
    [InlineData("a>5", "a=6", true)]
    [InlineData("a<5", "a=6", false)]
    [InlineData("a>5", "a=x", false)]
    [InlineData("x in (1,2),y notin (3),!z,w", "x=1,y=4,w=", true)]
    public void A_selector_matches_as_Kubernetes_does(string selector, string labels, bool matches)
    {
        var map = labels.Length == 0 ? []
            : labels.Split(',').Select(l => l.Split('=')).ToDictionary(l => l[0], l => l[1]);
        Assert.Equal(matches, LabelSelector.Parse(selector).Matches(map));
        Assert.Equal(matches, LabelSelector.Parse(LabelSelector.Parse(selector).ToString()).Matches(map));
    }

    [Theory]
    [InlineData("=1")]
    [InlineData("a=1,")]
    [InlineData("a=1 b=2")]
    [InlineData("a in 1")]
    [InlineData("a in (1")]
    [InlineData("a=b=c")]
    [InlineData("a!1")]
    [InlineData("!")]
    [InlineData("-a=1")]
    [InlineData("a=-b")]
    [InlineData("A.io/a/b=1")]
    [InlineData("UP.io/a=1")]
    [InlineData("a>x")]
    [InlineData(",")]
    public void A_text_that_is_no_selector_is_refused(string selector)
    {
        Assert.Throws<SelectorFormatException>(() => LabelSelector.Parse(selector));
    }

    [Theory]
    [InlineData("null", false)]
    [InlineData("{}", true)]
    [InlineData("""{"matchLabels":null,"matchExpressions":null}""", true)]
    [InlineData("""{"matchLabels":{"a":"1"}}""", true)]
    [InlineData("""{"matchLabels":{"a":"2"}}""", false)]
    [InlineData("""{"matchExpressions":[{"key":"a","operator":"In","values":["1","2"]}]}""", true)]
    [InlineData("""{"matchExpressions":[{"key":"b","operator":"DoesNotExist"}]}""", true)]
    [InlineData(
        """{"matchLabels":{"a":"1"},"matchExpressions":[{"key":"a","operator":"NotIn","values":["1"]}]}""", false)]
    public void The_object_form_means_the_same(string json, bool matches)
    {
        using var document = JsonDocument.Parse(json);
        var labels = new Dictionary<string, string> { ["a"] = "1" };
        Assert.Equal(matches, LabelSelector.FromObject(document.RootElement).Matches(labels));
    }

    [Theory]
    [InlineData("""{"matchExpressions":[{"key":"a","operator":"In"}]}""")]
    [InlineData("""{"matchExpressions":[{"key":"a","operator":"Exists","values":["x"]}]}""")]
    [InlineData("""{"matchExpressions":[{"key":"a","operator":"Is","values":["x"]}]}""")]
    [InlineData("""{"matchExpressions":[{"operator":"Exists"}]}""")]
    public void An_object_form_with_a_wrong_operator_is_refused(string json)
    {
        using var document = JsonDocument.Parse(json);
        Assert.Throws<SelectorFormatException>(() => LabelSelector.FromObject(document.RootElement));
    }

    [Fact]
    public void No_text_does_worse_than_a_selector_fault()
    {
        Gen.Char[" ab=!(),<>in/."].Array[0, 16].Sample(c =>
        {
            try
            {
                var selector = LabelSelector.Parse(new string(c));
                Assert.Equal(selector.ToString(), LabelSelector.Parse(selector.ToString()).ToString());
            }
            catch (SelectorFormatException)
            {
                // What most of these texts deserve.
            }
        });
    }
}
