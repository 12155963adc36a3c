using System.Diagnostics.Metrics;
using System.Globalization;
using k8s.Models;
using Mainstay.Agent.Pods;
using Mainstay.Agent.Proof;
using Mainstay.Kernel.Proofs;
using Mainstay.Kernel.Signals;

namespace Mainstay.Agent.Signals;

/// <summary>
/// What is wrong on this node, from what the agent itself knows: told with the API server down as well. Judged anew
/// each second, so that a signal ends when its cause does.
/// </summary>
internal sealed class AgentSignals(string node, PodBoard pods, Prover prover, TimeProvider time)
{
    private const int RestartsAtLeast = 2;
    private static readonly TimeSpan Recent = TimeSpan.FromMinutes(2);
    private readonly SignalBoard _board = new(time);
    private readonly long _startedAt = time.GetTimestamp();

    private string Self => $"agent/{node}";

    /// <summary>The document of <c>/signals.json</c>. The agent is no hop: it does not read slices.</summary>
    public byte[] ToJson() =>
        SignalsJson.Write(new SignalsReport("agent", node, time.GetUtcNow(), _board.Active, []));

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Limits.SignalsJudged, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            Judge();
        }
    }

    public void Judge()
    {
        var reports = pods.View.Pods.Values;
        _board.SetAll(SignalCatalog.CrashLoop, CrashLoops(reports));
        _board.SetAll(SignalCatalog.RoutedGateUnproven, Unproven(reports));
        var proof = prover.Report;
        _board.Set(SignalCatalog.RestartUnsafe, Self, proof.Result == ProofResult.Unsafe ? Reading(proof) : null);
        var isEarly = time.GetElapsedTime(_startedAt) < Limits.ProofFirstWithin;
        _board.Set(SignalCatalog.RestartUnproven, Self,
            proof.Result == ProofResult.Unproven && !isEarly ? Reading(proof) : null);
    }

    public IEnumerable<Measurement<double>> Measure() => _board.Active.Select(signal => new Measurement<double>(
        1,
        new KeyValuePair<string, object?>("signal", signal.Name),
        new KeyValuePair<string, object?>("severity", SignalsJson.Word(signal.Severity)),
        new KeyValuePair<string, object?>("subject", signal.Subject)));

    private SignalReading Reading(ProofReport proof) => new(proof.Result == ProofResult.Unsafe
        ? $"An agent started now on {node} would lose pods: {proof.Reason}."
        : $"Whether an agent could start on {node} is not proven: {proof.Reason}.")
    {
        Evidence =
        [
            new("reason", proof.Reason),
            new("ageSeconds", proof.At is { } at
                ? (time.GetUtcNow() - at).TotalSeconds.ToString("0", CultureInfo.InvariantCulture) : ""),
        ],
        Culprit = proof.Culprit,
    };

    private Dictionary<string, SignalReading> CrashLoops(IEnumerable<PodReport> reports)
    {
        var found = new Dictionary<string, SignalReading>(StringComparer.Ordinal);
        foreach (var report in reports.Where(report => report.State.Stop is null))
        {
            if (report.State.Containers.FirstOrDefault(IsLooping) is { } container)
            {
                found[SubjectOf(report)] = CrashLoop(report, container);
            }
        }

        return found;
    }

    /// <summary>Waits for its next start after more than one crash, or has just begun one of many.</summary>
    private bool IsLooping(ContainerState container)
    {
        var ended = container.Phase == ContainerPhase.Exited ? container.Ended : container.Last;
        return container.Crashes > 1 && (container.Phase == ContainerPhase.Exited
            || (container.RestartCount >= RestartsAtLeast && ended is not null
                && time.GetUtcNow() - ended.FinishedAt < Recent));
    }

    private SignalReading CrashLoop(PodReport report, ContainerState container)
    {
        var (space, name) = (report.Record.Namespace, report.Record.Name);
        var ended = container.Ended ?? container.Last;
        var code = ended?.ShellCode.ToString(CultureInfo.InvariantCulture) ?? "";
        return new SignalReading($"Container {container.Name} of {space}/{name} on {node} has been started again "
            + $"{container.RestartCount} times, last ended with code {code}.")
        {
            Evidence =
            [
                new("container", container.Name),
                new("node", node),
                new("restarts", container.RestartCount.ToString(CultureInfo.InvariantCulture)),
                new("exitCode", code),
                new("reason", ended?.Message ?? ended?.Reason ?? ""),
                new("log", $"kubectl logs -n {space} {name} -c {container.Name} --previous"),
            ],
            Culprit = new ObjectReference("Pod", space, name),
        };
    }

    private Dictionary<string, SignalReading> Unproven(IEnumerable<PodReport> reports) => reports
        .Where(report => report.Status.Conditions?.Any(RoutedGate.IsUnproven) == true)
        .ToDictionary(SubjectOf, report => new SignalReading(
            $"{report.Record.Namespace}/{report.Record.Name} on {node} was let go ready: "
            + RoutedGate.Of(report.Status)?.Message)
        {
            Evidence = [new("node", node)],
            Culprit = new ObjectReference("Pod", report.Record.Namespace, report.Record.Name),
        }, StringComparer.Ordinal);

    private static string SubjectOf(PodReport report) => $"pod/{report.Record.Namespace}/{report.Record.Name}";
}
