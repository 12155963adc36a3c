using System.Collections.Immutable;
using System.Globalization;
using Mainstay.ConsoleSite.Checks;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kernel.Signals;

namespace Mainstay.ConsoleSite.Nodes;

/// <summary>Whether a restart of something on the node would mend it.</summary>
/// <param name="Helps">yes, no, or unknown</param>
/// <param name="Why">one sentence</param>
public sealed record RestartAdvice(string Helps, string Why);

/// <summary>How one node is.</summary>
/// <param name="Verdict">well, look (warning), ill (critical), unknown</param>
/// <param name="Evidence">what it rests on, good and bad</param>
/// <param name="Signals">those that are about this node</param>
public sealed record NodeVerdict(
    string Name, string Zone, string Verdict, RestartAdvice Restart, ImmutableArray<Evidence> Evidence,
    ImmutableArray<Signal> Signals)
{
    public PartProof? RouterProof { get; init; }

    public PartProof? AgentProof { get; init; }

    public bool IsWell => Verdict == "well";
}

/// <summary>
/// A verdict for each node from what was read: the tool that restarts nodes by hope is what made the outage worse, so
/// that each verdict says first whether a restart would help at all. Pure.
/// </summary>
public static class NodeJudge
{
    public static ImmutableArray<NodeVerdict> Judge(NodeFacts facts)
    {
        var names = facts.Nodes.Select(node => node.Name)
            .Concat(facts.Signals.Parts.Where(IsOfNode).Select(part => part.Instance))
            .Distinct()
            .Order(StringComparer.Ordinal);
        return [.. names.Select(name => Judge(name, facts))];
    }

    private static NodeVerdict Judge(string name, NodeFacts facts)
    {
        var pods = facts.Pods.Where(pod => pod.Node == name).ToList();
        var mine = facts.Signals.Signals.Where(signal => IsAbout(signal, name, pods)).ToImmutableArray();
        var routerProof = ProofOf(facts, PartKind.Router, name);
        var agentProof = ProofOf(facts, PartKind.Agent, name);
        var node = facts.Nodes.FirstOrDefault(known => known.Name == name);
        var unknown = facts.Signals.Unknown.Any(part => IsPartOf(part.Subject, name));
        var verdict = mine.Any(signal => signal.Severity == Severity.Critical) ? "ill"
            : unknown ? "unknown"
            : mine.Any(signal => signal.Severity == Severity.Warning) || node?.Cordoned == true ? "look"
            : facts.Fault.Length > 0 || node is null ? "unknown"
            : "well";
        return new NodeVerdict(
            name,
            node?.Zone ?? "",
            verdict,
            Advise(name, mine, routerProof, facts.Signals),
            [.. EvidenceOf(name, node, pods, facts)],
            mine)
        {
            RouterProof = routerProof,
            AgentProof = agentProof,
        };
    }

    /// <summary>What is wrong first: a cause that lies elsewhere forbids the restart, whatever else there is.</summary>
    internal static RestartAdvice Advise(
        string name, ImmutableArray<Signal> mine, PartProof? routerProof, SignalReport report)
    {
        if (mine.IsEmpty)
        {
            return new RestartAdvice("no", "nothing is wrong here");
        }

        var elsewhere = report.Roots.FirstOrDefault(root => root.Explains.Any(row => row.Signals.Any(mine.Contains))
            && !root.Row.Signals.Any(mine.Contains));
        if (elsewhere is not null)
        {
            return new RestartAdvice(
                "no", $"the cause is elsewhere ({elsewhere.Row.Title}); a restart here would mend nothing");
        }

        if (Has(mine, SignalCatalog.NodeAgentLost))
        {
            return new RestartAdvice(
                "yes", "start the agent again: its pods run on meanwhile and are adopted; leave them alone");
        }

        if (routerProof is { Result: "unsafe" } && mine.Any(signal => signal.Subject == $"router/{name}"))
        {
            return new RestartAdvice("no", $"a new router could not start now: {routerProof.Reason}");
        }

        if (Has(mine, SignalCatalog.RouterDown))
        {
            return new RestartAdvice("no", "the agent starts the router again by itself; read the router's log");
        }

        if (Has(mine, SignalCatalog.PartSilent))
        {
            return routerProof?.Result == "safe"
                ? new RestartAdvice("yes", "its process hangs, and a new one was proven to start")
                : new RestartAdvice("unknown", "its process hangs; prove first that a new one could start");
        }

        return Has(mine, SignalCatalog.CrashLoop)
            ? new RestartAdvice("no", "the container ends wherever it is started; read its log, or undo its rollout")
            : new RestartAdvice("no", $"{mine[0].Name} is not mended by a restart: {mine[0].Definition.Advice}");
    }

    private static IEnumerable<Evidence> EvidenceOf(
        string name, ClusterNode? node, List<NodePod> pods, NodeFacts facts)
    {
        foreach (var part in facts.Signals.Parts.Where(part => IsOfNode(part) && part.Instance == name))
        {
            var silent = facts.Signals.Unknown.FirstOrDefault(unknown => unknown.Subject == part.Subject);
            yield return new Evidence(part.Word, silent is null ? "answers" : $"silent: {silent.Reason}");
        }

        if (node is null)
        {
            yield return new Evidence("node", facts.Fault.Length > 0 ? $"not read: {facts.Fault}" : "not registered");
            yield break;
        }

        yield return new Evidence("ready", node.Ready);
        var lease = (facts.Signals.GeneratedAt - node.Renewed)?.TotalSeconds;
        yield return new Evidence("leaseAgeSeconds", lease is { } age ? Number(Math.Max(0, age)) : "no lease");
        yield return new Evidence("podsReady", $"{pods.Count(pod => pod.Ready)} of {pods.Count}");
        if (pods.Where(pod => pod.Crashes).Select(pod => pod.Name).ToList() is { Count: > 0 } crashing)
        {
            yield return new Evidence("crashLoops", string.Join(", ", crashing));
        }

        if (node.Cordoned)
        {
            yield return new Evidence("cordoned", "true");
        }

        foreach (var hop in facts.Signals.Hops.Where(hop => hop.Name == $"router/{name}" && hop.Age is not null))
        {
            yield return new Evidence("heartbeatAgeSeconds", Number(hop.Age!.Value.TotalSeconds));
        }
    }

    private static bool IsAbout(Signal signal, string name, List<NodePod> pods) =>
        IsPartOf(signal.Subject, name) || pods.Any(pod => signal.Subject == $"pod/{pod.Name}");

    private static bool IsPartOf(string subject, string name) =>
        Subject.Of(subject) is { Kind: "router" or "agent" or "node" } of && of.Node == name;

    private static bool IsOfNode(PlatformPart part) => part.Kind is PartKind.Agent or PartKind.Router;

    private static PartProof? ProofOf(NodeFacts facts, PartKind kind, string name) =>
        facts.Proofs.FirstOrDefault(proof => proof.Part.Kind == kind && proof.Part.Instance == name);

    private static bool Has(ImmutableArray<Signal> signals, SignalDefinition definition) =>
        signals.Any(signal => signal.Name == definition.Name);

    private static string Number(double number) => Math.Round(number, 1).ToString(CultureInfo.InvariantCulture);
}
