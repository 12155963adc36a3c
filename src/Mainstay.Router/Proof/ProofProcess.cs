using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Mainstay.Kernel.Proofs;
using Mainstay.Kube;
using Mainstay.Router.Discovery;

namespace Mainstay.Router.Proof;

/// <summary>The heartbeats that a serving router has seen, by the watch that brought them; -1 for none.</summary>
internal readonly record struct SeenHeartbeats(long Endpoints, long Services);

/// <summary>Runs throw-away instances.</summary>
internal interface IProver
{
    /// <param name="kind">cold or warm</param>
    /// <param name="seen">what the serving router has seen of the heartbeats</param>
    /// <param name="cancellationToken">ends the instance</param>
    /// <returns>its runs; one unsafe run that tells why, when it did not come to an end</returns>
    Task<ImmutableArray<ProofRun>> ProveAsync(ProofKind kind, SeenHeartbeats seen, CancellationToken cancellationToken);

    /// <summary>Whether a router could start from the snapshot alone. Nothing is listed for it.</summary>
    /// <returns>null for a router that keeps none</returns>
    Task<ProofRun?> ReadSnapshotAsync(CancellationToken cancellationToken);
}

/// <summary>
/// Starts this very program again, with the words that it was started with and <c>--prove</c> behind them, and reads
/// the line that it prints. It is killed when it takes too long, and when the router stops.
/// </summary>
/// <param name="warm">what a warm instance is asked, for the snapshot alone</param>
/// <param name="time">for the deadlines</param>
internal sealed class ProofProcess(ProofRequest warm, TimeProvider time) : IProver
{
    private const string CommandLine = "/proc/self/cmdline";

    public async Task<ImmutableArray<ProofRun>> ProveAsync(
        ProofKind kind, SeenHeartbeats seen, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        try
        {
            using var process = Process.Start(StartOf(kind, seen))
                ?? throw new IOException("no process was started");
            using var deadline = new CancellationTokenSource(ProofLimits.ChildDeadline, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            try
            {
                return await ReadAsync(process, kind, both.Token);
            }
            finally
            {
                Kill(process);
            }
        }
        catch (Exception fault) when (IsOfTheWorld(fault) && !cancellationToken.IsCancellationRequested)
        {
            var reason = fault is OperationCanceledException
                ? $"a throw-away instance did not end within {ProofLimits.ChildDeadline.TotalSeconds:0} s"
                : $"a throw-away instance failed: {fault.Message}";
            return [new ProofRun(kind, "", ProofResult.Unsafe, reason) { Took = time.GetElapsedTime(startedAt) }];
        }
    }

    public async Task<ProofRun?> ReadSnapshotAsync(CancellationToken cancellationToken) =>
        (await RouterProof.ReadSnapshotAsync(warm, cancellationToken)).Run;

    private static bool IsOfTheWorld(Exception fault) => fault is IOException or JsonException
        or MalformedObjectException or OperationCanceledException or System.ComponentModel.Win32Exception
        or UnauthorizedAccessException or InvalidOperationException;

    /// <summary>The words as the kernel has them: right for a program compiled ahead of time and for one under the
    /// JIT.</summary>
    private static ProcessStartInfo StartOf(ProofKind kind, SeenHeartbeats seen)
    {
        var words = Encoding.UTF8.GetString(File.ReadAllBytes(CommandLine)).TrimEnd('\0').Split('\0');
        var start = new ProcessStartInfo(Environment.ProcessPath ?? words[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var word in words.Skip(1))
        {
            start.ArgumentList.Add(word);
        }

        start.ArgumentList.Add("--prove");
        start.ArgumentList.Add(ProofRunJson.Word(kind));
        start.ArgumentList.Add(string.Create(CultureInfo.InvariantCulture, $"--prove-heartbeat={seen.Endpoints}"));
        start.ArgumentList.Add(string.Create(
            CultureInfo.InvariantCulture, $"--prove-services-heartbeat={seen.Services}"));
        return start;
    }

    private static async Task<ImmutableArray<ProofRun>> ReadAsync(
        Process process, ProofKind kind, CancellationToken cancellationToken)
    {
        process.StandardInput.Close();
        var said = process.StandardError.ReadToEndAsync(cancellationToken);
        var lines = new LineReader(process.StandardOutput.BaseStream, ProofLimits.LineBytesMax);
        var line = await lines.NextAsync(cancellationToken);
        var runs = line is { } text ? ProofRunJson.Read(text) : [];
        await process.WaitForExitAsync(cancellationToken);
        var error = (await said).Trim();
        return runs.IsEmpty
            ? [new ProofRun(kind, "", ProofResult.Unsafe, $"a throw-away instance could not start: {LastLine(error)}")]
            : runs;
    }

    private static string LastLine(string text) => text.Length == 0
        ? "it said nothing"
        : text[(text.LastIndexOf('\n') + 1)..];

    private static void Kill(Process process)
    {
        try
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: false);
            }
        }
        catch (InvalidOperationException)
        {
            // It ended just now.
        }
    }
}
