using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mainstay.Kube;

namespace Mainstay.Router.Proof;

/// <summary>Another router's proof of the same binary and configuration.</summary>
/// <param name="From">whose, as a subject</param>
internal sealed record SharedProof(string From, ProofResult Result, DateTimeOffset At, string Reason);

/// <summary>What the routers of a fleet have in common for their proofs.</summary>
internal interface IProofFleet
{
    /// <returns>false when another router lists just now</returns>
    Task<bool> TryTakeTurnAsync(CancellationToken cancellationToken);

    Task EndTurnAsync(CancellationToken cancellationToken);

    /// <returns>the newest of the same build by another router; null when there is none</returns>
    Task<SharedProof?> NewestAsync(string build, CancellationToken cancellationToken);
}

/// <summary>
/// The turn is the Lease <c>kube-system/mainstay-proof</c>: whoever holds it lists. Where it cannot be asked for, the
/// proof goes on: a budget must not be what keeps an outage from being seen. Proofs of others are read from their
/// registrations.
/// </summary>
internal sealed class LeaseFleet(KubeHttp http, string node, TimeProvider time) : IProofFleet
{
    private const string Leases = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";
    private const string Turn = "mainstay-proof";
    private const int TurnSeconds = 30;

    public async Task<bool> TryTakeTurnAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var lease = await FindAsync(cancellationToken);
            if (lease is null)
            {
                using var made = await http.CreateAsync(Leases, Holding(null), cancellationToken);
                return true;
            }

            if (IsOthers(lease.RootElement))
            {
                return false;
            }

            var version = lease.RootElement.Child("metadata")?.Text("resourceVersion");
            using var taken = await http.ReplaceAsync($"{Leases}/{Turn}", Holding(version), cancellationToken);
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

    public async Task EndTurnAsync(CancellationToken cancellationToken)
    {
        try
        {
            var released = new JsonObject { ["spec"] = new JsonObject { ["holderIdentity"] = null } };
            using var lease = await http.MergeAsync($"{Leases}/{Turn}", released, cancellationToken);
        }
        catch (Exception fault) when (IsOfTheWorld(fault) && !cancellationToken.IsCancellationRequested)
        {
            // It runs out by itself.
        }
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

    private async Task<JsonDocument?> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await http.GetAsync($"{Leases}/{Turn}", cancellationToken);
        }
        catch (KubeStatusException absent) when (absent.IsNotFound)
        {
            return null;
        }
    }

    private bool IsOthers(JsonElement lease)
    {
        var spec = lease.Child("spec");
        var holder = spec?.Text("holderIdentity") ?? "";
        var renewed = spec?.Time("renewTime") ?? DateTimeOffset.MinValue;
        return holder.Length > 0 && holder != node && time.GetUtcNow() - renewed < TimeSpan.FromSeconds(TurnSeconds);
    }

    private JsonObject Holding(string? version)
    {
        var now = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'",
            CultureInfo.InvariantCulture);
        var metadata = new JsonObject { ["name"] = Turn, ["namespace"] = "kube-system" };
        if (version is not null)
        {
            metadata["resourceVersion"] = version;
        }

        return new JsonObject
        {
            ["apiVersion"] = "coordination.k8s.io/v1",
            ["kind"] = "Lease",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject
            {
                ["holderIdentity"] = node,
                ["leaseDurationSeconds"] = TurnSeconds,
                ["renewTime"] = now,
            },
        };
    }

    private static bool IsOfTheWorld(Exception fault) => fault is HttpRequestException or IOException or JsonException
        or KubeStatusException or TimeoutException or MalformedObjectException or SocketException
        or AuthenticationException or OperationCanceledException;
}
