using System.Collections.Immutable;
using System.Globalization;
using Mainstay.ConsoleSite.Changes;
using Mainstay.ConsoleSite.Signals;
using Mainstay.ConsoleSite.Signals.Failures;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Why;

/// <summary>What is the matter with one service.</summary>
/// <param name="Verdict">one sentence</param>
/// <param name="Well">nothing is, as far as can be seen</param>
/// <param name="Culprits">what the failures single out</param>
/// <param name="Roots">signals that explain it, the worst first</param>
/// <param name="Next">what to do, the first thing first</param>
internal sealed record WhyAnswer(
    WhyFacts Facts, string Verdict, bool Well, ImmutableArray<Culprit> Culprits, ImmutableArray<SignalRoot> Roots,
    ImmutableArray<string> Next)
{
    /// <summary>Changes that are shown: the most suspect.</summary>
    public const int ChangesShown = 5;

    public static WhyAnswer Of(WhyFacts facts)
    {
        var own = facts.Own;
        var failing = own?.Total is { Failures: >= 1, Share: >= Limits.FailingOverShare };
        ImmutableArray<Culprit> culprits = own is not null && failing ? Singling.Of(own, facts.Sums) : [];
        var roots = facts.Signals.Roots
            .Where(root => root.Severity > Severity.Info && root.All.Any(signal => Touches(signal, facts, culprits)))
            .ToImmutableArray();
        var (verdict, well) = Judge(facts, failing, culprits, roots);
        return new WhyAnswer(facts, verdict, well, culprits, roots, Advise(facts, roots, culprits, well));
    }

    private static (string Verdict, bool Well) Judge(
        WhyFacts facts, bool failing, ImmutableArray<Culprit> culprits, ImmutableArray<SignalRoot> roots)
    {
        var name = facts.Service.ToString();
        if (failing)
        {
            var total = facts.Own!.Total; // Failing is told by its calls.
            var says = string.Join("; ", culprits.Select(culprit => culprit.Says));
            return ($"{Percent(total.Share)} of the calls to {name} fail: {says}.", false);
        }

        var seen = facts.Routers.Where(router => router.Fault.Length == 0).ToList();
        if (seen.Count == 0)
        {
            return ($"Nothing is known of the calls to {name}: no router answers.", false);
        }

        if (seen.All(router => router.Routed is null or 0))
        {
            var ready = facts.Ready is { } count ? $"{count} are ready by the API server" : "no API server answers";
            return ($"No router has an endpoint of {name} ({ready}).", false);
        }

        var lagging = seen.Where(router => facts.Ready is { } r && router.Routed != r).Select(r => r.Node).ToList();
        if (roots.Length > 0)
        {
            var calls = facts.Own is { } own && own.Total.Calls > 0 ? "its calls succeed now" : "nobody calls it now";
            return ($"{Capital(roots[0].Row.Title)} touches {name}; {calls}.", false);
        }

        return lagging.Count > 0
            ? ($"{string.Join(", ", lagging)} route {name} to other endpoints than are ready ({facts.Ready}).", false)
            : facts.Own is { } sum && sum.Total.Calls > 0
                ? ($"{name} is well: {sum.Total.Calls} calls, none failed.", facts.ApiFault.Length == 0)
                : ($"{name} has endpoints everywhere; nobody called it while it was looked at.",
                    facts.ApiFault.Length == 0);
    }

    /// <summary>A signal about the service, what runs it, what it depends on, or what was singled out.</summary>
    private static bool Touches(Signal signal, WhyFacts facts, ImmutableArray<Culprit> culprits)
    {
        var (space, name) = (facts.Service.Namespace, facts.Service.Name);
        string[] own =
        [
            $"service/{space}/{name}",
            .. facts.Rollouts.Select(rollout => $"deployment/{rollout.Names}"),
            .. culprits.Select(culprit => culprit.Subject).Where(subject => subject.Length > 0),
            .. facts.Own?.Endpoints.Select(endpoint => $"pod/{space}/{endpoint.Pod}") ?? [],
        ];
        return own.Contains(signal.Subject)
            || (signal.Reading.Culprit is { } at && at.Namespace == space
                && (at.Name == name || at.Name.StartsWith(name + "-", StringComparison.Ordinal)));
    }

    private static ImmutableArray<string> Advise(
        WhyFacts facts, ImmutableArray<SignalRoot> roots, ImmutableArray<Culprit> culprits, bool well)
    {
        var next = ImmutableArray.CreateBuilder<string>();
        next.AddRange(roots.Select(root => root.Row.Definition.Advice).Distinct());
        next.AddRange(culprits.Select(culprit => AdviceOf(culprit, facts.Service)).Where(advice => advice.Length > 0));
        if (facts.Rejected.Length > 0)
        {
            next.Add("mend or delete the object that is kept out");
        }

        if (!well && facts.Fallback.Length > 0 && !facts.FallbackByHand)
        {
            next.Add($"take the fallback {facts.Fallback} by hand if it must not wait: kubectl -n "
                + $"{facts.Service.Namespace} annotate service {facts.Service.Name} mainstay.dev/fallback-active=true");
        }

        if (!well && next.Count == 0)
        {
            next.Add("see 'mainstay doctor'");
        }

        return next.ToImmutable();
    }

    private static string AdviceOf(Culprit culprit, ObjectKey service) => culprit.Kind switch
    {
        "version" => $"undo the rollout of {culprit.Name} (kubectl -n {service.Namespace} rollout undo), "
            + "or mend that version",
        "node" => $"look at the node: mainstay nodes, {culprit.Name}",
        "pod" => $"read the pod's log: kubectl -n {service.Namespace} logs {culprit.Name}",
        "router" => $"look at the router of {culprit.Name} (mainstay doctor); do not restart it unproven",
        "dependency" => $"mainstay why {Dotted(culprit.Name)}",
        "routing" => "compare what is ready with what is routed below; look at the hop that lags",
        _ => "read the logs of its pods; what it depends on outside the platform is not seen here",
    };

    private static string Dotted(string name)
    {
        var key = ServiceObjects.KeyOf(name);
        return $"{key.Name}.{key.Namespace}";
    }

    private static string Percent(double share) =>
        (share * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %";

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
