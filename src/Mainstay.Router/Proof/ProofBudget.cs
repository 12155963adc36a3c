using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using Mainstay.Kernel.Proofs;
using Mainstay.Kube;
using Mainstay.Router.Discovery.Freshness;

namespace Mainstay.Router.Proof;

/// <summary>Another router's proof of the same binary and configuration.</summary>
/// <param name="From">whose, as a subject</param>
internal sealed record SharedProof(string From, ProofResult Result, DateTimeOffset At, string Reason);

/// <summary>What the routers of a fleet have in common for their proofs. One caller at a time.</summary>
internal interface IProofFleet
{
    /// <returns>false when another router lists just now</returns>
    Task<bool> TryTakeTurnAsync(CancellationToken cancellationToken);

    /// <summary>The turn goes on, if it is still this router's.</summary>
    Task RenewTurnAsync(CancellationToken cancellationToken);

    /// <summary>Another may list, if the turn is still this router's.</summary>
    Task EndTurnAsync(CancellationToken cancellationToken);

    /// <returns>the newest of the same build by another router; null when there is none</returns>
    Task<SharedProof?> NewestAsync(string build, CancellationToken cancellationToken);
}

/// <summary>
/// The turn is the Lease <c>kube-system/mainstay-proof</c>: whoever holds it lists. Each word of it is written over the
/// version that was read or written before, so nobody frees a turn that another has by now; it runs out on the clock of
/// whoever waits (<see cref="ElectionCore"/>). Where it cannot be asked for, the proof goes on: a budget must not be
/// what keeps an outage from being seen. Proofs of others are read from their registrations.
/// </summary>
internal sealed class LeaseFleet(KubeHttp http, string node, TimeProvider time) : IProofFleet
{
    private const string Leases = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";
    private const string Turn = "mainstay-proof";

    private readonly LeaseApi _leases = new(http, time);
    private readonly ElectionCore _election = new(node, ProofLimits.Turn);
    private readonly long _startedAt = time.GetTimestamp();

    /// <summary>The turn as this router wrote it last; null when it has none.</summary>
    private LeaseRecord? _turn;

    public async Task<bool> TryTakeTurnAsync(CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(time, cancellationToken);
        try
        {
            var found = await _leases.ReadAsync(Turn, deadline.Token);
            if (_election.Seen(found, time.GetElapsedTime(_startedAt)) == ElectionStep.Wait)
            {
                return false;
            }

            _turn = await _leases.WriteAsync(Turn, new LeaseTerms(node, ProofLimits.Turn), found, deadline.Token);
            return true;
        }
        catch (KubeStatusException lost) when (lost.IsConflict || lost.IsAlreadyExists)
        {
            return false;
        }
        catch (Exception fault) when (IsOfTheWorld(fault) && !cancellationToken.IsCancellationRequested)
        {
            return true;
        }
    }

    public Task RenewTurnAsync(CancellationToken cancellationToken) => WriteTurnAsync(node, cancellationToken);

    public async Task EndTurnAsync(CancellationToken cancellationToken)
    {
        await WriteTurnAsync("", cancellationToken);
        _turn = null;
    }

    public async Task<SharedProof?> NewestAsync(string build, CancellationToken cancellationToken)
    {
        try
        {
            var path = $"{Leases}?labelSelector={Uri.EscapeDataString("mainstay.dev/part=router")}";
            using var list = await http.GetAsync(path, cancellationToken);
            return list.RootElement.Items("items")
                .Select(lease => ReadProof(lease, build))
                .OfType<SharedProof>()
                .Where(proof => proof.From != $"router/{node}")
                .MaxBy(proof => proof.At);
        }
        catch (Exception fault) when (IsOfTheWorld(fault) && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static SharedProof? ReadProof(JsonElement lease, string build)
    {
        try
        {
            var annotations = lease.Child("metadata")?.Map("annotations");
            if (annotations is null || !annotations.TryGetValue("mainstay.dev/proof", out var line))
            {
                return null;
            }

            using var proof = JsonDocument.Parse(line);
            var root = proof.RootElement;
            return root.Text("build") == build && root.Text("result") == "safe" && root.Time("at") is { } at
                ? new SharedProof(
                    $"router/{annotations.GetValueOrDefault("mainstay.dev/node")}", ProofResult.Safe, at,
                    root.Text("reason"))
                : null;
        }
        catch (Exception fault) when (fault is JsonException or MalformedObjectException)
        {
            return null;
        }
    }

    /// <summary>Over one's own version only: a turn that was lost meanwhile is another's.</summary>
    private async Task WriteTurnAsync(string holder, CancellationToken cancellationToken)
    {
        if (_turn is not { } mine)
        {
            return;
        }

        using var deadline = new Deadline(time, cancellationToken);
        try
        {
            _turn = await _leases.WriteAsync(Turn, new LeaseTerms(holder, ProofLimits.Turn), mine, deadline.Token);
        }
        catch (KubeStatusException lost) when (lost.IsConflict || lost.IsNotFound)
        {
            _turn = null;
        }
        catch (Exception fault) when (IsOfTheWorld(fault) && !cancellationToken.IsCancellationRequested)
        {
            // It runs out by itself.
        }
    }

    private static bool IsOfTheWorld(Exception fault) => fault is HttpRequestException or IOException or JsonException
        or KubeStatusException or TimeoutException or MalformedObjectException or SocketException
        or AuthenticationException or OperationCanceledException;

    /// <summary>For all requests of one word on the turn.</summary>
    private sealed class Deadline : IDisposable
    {
        private readonly CancellationTokenSource _over;
        private readonly CancellationTokenSource _either;

        public Deadline(TimeProvider time, CancellationToken cancellationToken)
        {
            _over = new CancellationTokenSource(ProofLimits.TurnDeadline, time);
            _either = CancellationTokenSource.CreateLinkedTokenSource(_over.Token, cancellationToken);
        }

        public CancellationToken Token => _either.Token;

        public void Dispose()
        {
            _either.Dispose();
            _over.Dispose();
        }
    }
}
