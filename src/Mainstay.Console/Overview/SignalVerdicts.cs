using Mainstay.ConsoleSite.Signals;
using Mainstay.Kernel.Signals;

namespace Mainstay.ConsoleSite.Overview;

/// <summary>
/// The sentence comes from the signals, root first, wherever they see at least as much trouble as the figures do: a
/// signal knows the cause, a figure only the harm. Signals that are old say nothing. Pure.
/// </summary>
internal static class SignalVerdicts
{
    public static OverviewPageModel Add(OverviewPageModel page, SignalReport? report)
    {
        var roots = report is null || page.At - report.GeneratedAt > Limits.ClusterFreshDisturbed
            ? []
            : report.Roots.Where(root => root.Severity > Severity.Info).Select(FindingOf).ToList();
        if (report is null || roots.Count == 0)
        {
            return page;
        }

        var worst = roots[0].State.Health;
        if (worst < page.Verdict.Health)
        {
            // The figures see worse than any signal: they lead, and the roots stand among what else was found.
            IReadOnlyList<Finding> later =
                [.. page.Findings.Concat(roots).OrderByDescending(finding => finding.State.Health)];
            return page with { Findings = later };
        }

        return page with
        {
            Verdict = new State(worst, worst == Health.Bad ? "Bad" : "Degraded"),
            Sentence = report.Verdict,
            Findings = [.. roots, .. page.Findings],
        };
    }

    private static Finding FindingOf(SignalRoot root)
    {
        var health = root.Severity == Severity.Critical ? Health.Bad : Health.Warning;
        var summary = root.Row.First.Reading.Summary.TrimEnd('.');
        var explains = root.Explains.Length == 0
            ? ""
            : $"; explains {string.Join(", ", root.Explains.Select(row => row.Title))}";
        return new Finding(new State(health, root.Row.Definition.Name), root.Row.First.Subject, $"{summary}{explains}");
    }
}
