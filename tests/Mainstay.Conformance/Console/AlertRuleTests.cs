using Mainstay.Conformance.Platform;
using Mainstay.Tests.Architecture;

namespace Mainstay.Conformance.Console;

/// <summary>The rule file of the docs, judged by Prometheus' own tool.</summary>
public sealed class AlertRuleTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Promtool_accepts_the_rules()
    {
        var rules = SourceTree.Path("deploy/prometheus/rules.yml");

        var check = (await new Command("promtool", "check", "rules", rules).RunAsync(Cancel)).Succeeded();

        Assert.Contains("SUCCESS", check.Output + check.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Alerts_fire_and_end_as_the_tests_of_the_rules_say()
    {
        var tests = SourceTree.Path("deploy/prometheus/rules_test.yml");

        (await new Command("promtool", "test", "rules", tests).RunAsync(Cancel)).Succeeded();
    }
}
