using CsCheck;
using Mainstay.ConsoleSite.Scrape;

namespace Mainstay.Tests.ConsoleSite.Scrape;

public sealed class PrometheusTextTests
{
    [Fact]
    public void A_line_with_escapes_infinity_and_time_is_read()
    {
        const string Line = "requests_total{service=\"a\\\"b\\\\c\\nd\", le=\"+Inf\",} 42 1700000000000";

        var sample = Assert.Single(PrometheusText.Read(Line, "requests").Samples);

        Assert.Equal(("requests_total", 42.0), (sample.Name, sample.Value));
        Assert.Equal(("a\"b\\c\nd", "+Inf"), (sample.Label("service"), sample.Label("le")));
        Assert.Equal("", sample.Label("absent"));
    }

    [Theory]
    [InlineData("up 1", 1)]
    [InlineData("up{} 1e3", 1000)]
    [InlineData("up\t0.5", 0.5)]
    [InlineData("up +Inf", double.PositiveInfinity)]
    [InlineData("up -Inf", double.NegativeInfinity)]
    [InlineData("up NaN", double.NaN)]
    [InlineData("  up 7  ", 7)]
    public void Values_are_read_in_every_spelling(string line, double value) =>
        Assert.Equal(value, Assert.Single(PrometheusText.Read(line, "up").Samples).Value);

    [Theory]
    [InlineData("up", "there is no value")]
    [InlineData("up one", "'one' is no number")]
    [InlineData("up{a=\"b\" 1", "a label is not NAME=\"VALUE\"")]
    [InlineData("up{a=\"b\", ", "the labels do not end")]
    [InlineData("up{a=\"b} 1", "the value of label a does not end")]
    [InlineData("up{a=b} 1", "a label is not NAME=\"VALUE\"")]
    [InlineData("up{a} 1", "a label is not NAME=\"VALUE\"")]
    [InlineData("up{a=\"b\"}", "'' is no number")]
    [InlineData("up{a=\"b\\", "the value of label a does not end")]
    public void A_bad_line_is_told_and_the_others_stand(string line, string fault)
    {
        var exposition = PrometheusText.Read($"up 1\n{line}\nup 2\n", "up");

        Assert.Equal([1, 2], exposition.Samples.Select(sample => sample.Value));
        Assert.Equal((1, $"line 2: {fault}"), (exposition.BadLines, exposition.FirstFault));
    }

    [Fact]
    public void Comments_and_other_names_are_passed_over()
    {
        var exposition = PrometheusText.Read("# HELP up x\n\nother{ 1\nup 1\r\n", "up");

        Assert.Equal(1, Assert.Single(exposition.Samples).Value);
        Assert.Equal(0, exposition.BadLines);
    }

    [Fact]
    public void No_text_makes_the_reader_fail()
    {
        var piece = Gen.OneOf(
            Gen.Char["up{}=\",\\ \n\t#0123456789.eE+-Inf"].Array[0, 30].Select(chars => new string(chars)), Gen.String);
        piece.Array[0, 8].Sample(pieces =>
        {
            var exposition = PrometheusText.Read(string.Concat(pieces), "up");
            RouterCounters.From(exposition.Samples);
        });
    }

    [Fact]
    public void Written_labels_are_read_back()
    {
        Gen.String.Where(text => !text.Contains('\r', StringComparison.Ordinal)
            && !text.Any(c => c is '\u000b' or '\f' or '\u0085' or '\u2028' or '\u2029')).Sample(text =>
        {
            var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            Assert.Equal(text, Assert.Single(PrometheusText.Read($"up{{a=\"{escaped}\"}} 1", "up").Samples).Label("a"));
        });
    }
}
