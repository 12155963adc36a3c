using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using Mainstay.Agent.Processes;
using Mainstay.Kernel.Proofs;
using Mainstay.Kube;
using Microsoft.Extensions.Logging;

namespace Mainstay.Agent.Proof;

/// <summary>How to start another agent like this one, to throw away.</summary>
/// <param name="Words">program and arguments; the program is an absolute path</param>
/// <param name="Environment">NAME=value, the whole of it</param>
public sealed record ThrowAwayCommand(IReadOnlyList<string> Words, IReadOnlyList<string> Environment);

/// <summary>
/// Proves every few minutes, and when asked, that an agent started now would start or find again every pod of this
/// node without an API server: by starting one. A proof that runs is joined, not repeated. Agents prove at times of
/// their own, so that not all do at once.
/// </summary>
internal sealed class Prover(ThrowAwayCommand? command, ExitWatcher exits, ProverWorld world)
{
    private readonly Lock _lock = new();
    private Ended _last = new(ProofReport.None, At: 0);
    private Task<ProofReport>? _running;

    /// <summary>What is known, as it counts now.</summary>
    public ProofReport Report
    {
        get
        {
            var last = Volatile.Read(ref _last);
            return last.Report.Aged(world.Time.GetElapsedTime(last.At));
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = Limits.ProofFirst * (1 + world.Random.NextDouble());
        while (true)
        {
            await Task.Delay(pause, world.Time, cancellationToken);
            await ProveAsync().WaitAsync(cancellationToken);
            pause = Limits.ProofEvery * (0.75 + (world.Random.NextDouble() / 2));
        }
    }

    /// <summary>Runs a proof now, or joins the one that runs.</summary>
    public Task<ProofReport> ProveAsync()
    {
        lock (_lock)
        {
            return _running is { IsCompleted: false } running ? running : _running = ProveOnceAsync();
        }
    }

    public IEnumerable<Measurement<double>> MeasureSafe() => Report is var report && report.At is null ? []
        : report.Runs.Select(run => Of(run.Kind,
            report.Result != ProofResult.Unproven && run.Result == ProofResult.Safe ? 1 : 0));

    public IEnumerable<Measurement<double>> MeasureAge() => Report is var report && report.At is { } at
        ? report.Runs.Select(run => Of(run.Kind, (world.Time.GetUtcNow() - at).TotalSeconds)) : [];

    private static Measurement<double> Of(string kind, double value) =>
        new(value, new KeyValuePair<string, object?>("kind", kind));

    private async Task<ProofReport> ProveOnceAsync()
    {
        var before = Volatile.Read(ref _last).Report;
        ProofReport report;
        try
        {
            var runs = ProofRunJson.Read(Encoding.UTF8.GetBytes(await LineAsync()));
            report = runs.IsEmpty ? Failed("it said nothing") : ProofReport.Of(runs, world.Time.GetUtcNow());
        }
        catch (Exception e) when (e is IOException or SpawnException or TimeoutException or JsonException
            or MalformedObjectException or UnauthorizedAccessException or InvalidOperationException)
        {
            report = Failed(e.Message);
        }

        Volatile.Write(ref _last, new Ended(report, world.Time.GetTimestamp()));
        if (report.Result != before.Result || report.Reason != before.Reason)
        {
            AgentLog.Proven(world.Logger, report.Result, report.Reason);
        }

        return report;
    }

    private ProofReport Failed(string why) => new(ProofResult.Unproven, world.Time.GetUtcNow(),
        $"a throw-away agent could not be tried: {why}", null, ImmutableArray<ProofRun>.Empty);

    /// <summary>
    /// What the throw-away agent writes, copies of Secrets among it, lies in a folder that goes even when it is killed.
    /// </summary>
    private ImmutableArray<string> WithTemporary(string folder) =>
    [
        .. (command?.Environment ?? []).Where(pair => !pair.StartsWith("TMPDIR=", StringComparison.Ordinal)),
        $"TMPDIR={folder}",
    ];

    /// <summary>The throw-away agent's last line. Its own end is waited for, or made.</summary>
    private async Task<string> LineAsync()
    {
        if (command is null)
        {
            throw new InvalidOperationException("this agent was not told how to start another");
        }

        var folder = Directory.CreateTempSubdirectory("mainstay-prove-").FullName;
        try
        {
            var output = Path.Combine(folder, "line.json");
            // Where this agent was started: its words may be paths from there.
            var pid = PosixSpawn.Start(new SpawnRequest(
                command.Words[0], command.Words, WithTemporary(folder), Directory.GetCurrentDirectory(), output));
            var session = new Session(
                ProcFs.Identify(pid) ?? new ProcessIdentity(pid, 0, ProcFs.BootId), Mark: "");
            var exit = exits.Watch(session);
            try
            {
                await exit.WaitAsync(Limits.ProofDeadline, world.Time);
            }
            catch (TimeoutException)
            {
                session.Kill();
                // A process that is stuck in the kernel does not even end by this: the next proof must not wait for it.
                await Task.WhenAny(exit, Task.Delay(Limits.ProofKill, world.Time));
                throw new TimeoutException($"it did not end within {Limits.ProofDeadline.TotalSeconds:0} s");
            }

            var lines = await File.ReadAllLinesAsync(output);
            return lines.LastOrDefault(line => line.StartsWith('{'))
                ?? throw new IOException($"it ended without a result: {lines.FirstOrDefault() ?? "no output"}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <param name="At">when it ended, by the monotonic clock</param>
    private sealed record Ended(ProofReport Report, long At);
}

internal sealed record ProverWorld(TimeProvider Time, Random Random, ILogger Logger);
