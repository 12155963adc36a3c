using System.Collections.Immutable;
using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using Mainstay.Kernel.Proofs;
using Mainstay.Kube;
using Mainstay.Router.Discovery;

namespace Mainstay.Router.Proof;

/// <summary>What a proof is asked.</summary>
/// <param name="Kubeconfig">where the API servers are; each of them is asked by itself</param>
public sealed record ProofRequest(Kubeconfig Kubeconfig)
{
    public ProofKind Kind { get; init; } = ProofKind.Cold;

    /// <summary>The snapshot of the router, for a warm start; it is read and never written.</summary>
    public string? SnapshotPath { get; init; }

    /// <summary>
    /// The heartbeat's sequence that somebody has seen among the endpoints: an API server that knows only older ones is
    /// stale. -1: nobody has, and freshness is not judged.
    /// </summary>
    public long HeartbeatAtLeast { get; init; } = -1;

    /// <summary>The same of the heartbeat among the Services.</summary>
    public long ServicesHeartbeatAtLeast { get; init; } = -1;

    /// <summary>One object that makes no sense fails everything, as routers without tolerance have it.</summary>
    public bool Strict { get; init; }

    /// <summary>auto, endpointslices or endpoints: as the serving router reads them.</summary>
    public string EndpointsFrom { get; init; } = "auto";

    /// <summary>Whether to carry a call to an endpoint. Off, nothing but the API servers is spoken to.</summary>
    public bool Calls { get; init; } = true;

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>
/// Could a router started now load everything and route? It is tried, here and now: all lists from each API server by
/// quorum, the current heartbeat, a table of its own, a call to a live endpoint. Nothing is written anywhere, nothing
/// registered, no service's port taken. Thread safe.
/// </summary>
public static class RouterProof
{
    /// <returns>one run for each API server, and for a warm start one of the snapshot alone, first</returns>
    public static async Task<ImmutableArray<ProofRun>> RunAsync(
        ProofRequest request, CancellationToken cancellationToken)
    {
        var (saved, snapshotRun) = await ReadSnapshotAsync(request, cancellationToken);
        var runs = request.Kubeconfig.Servers.Select(server =>
            RunAsync(request, server, saved ?? DiscoveredObjects.None, cancellationToken));
        var byServer = await Task.WhenAll(runs);
        return snapshotRun is null ? [.. byServer] : [snapshotRun, .. byServer];
    }

    /// <summary>A start from the snapshot alone: nothing is listed.</summary>
    /// <returns>what it has, null for nothing; and the run, null where the request asks for none</returns>
    internal static async Task<(DiscoveredObjects? Saved, ProofRun? Run)> ReadSnapshotAsync(
        ProofRequest request, CancellationToken cancellationToken)
    {
        var saved = Snapshot(request, out var run);
        if (saved is null || !request.Calls || run is not { Result: ProofResult.Safe })
        {
            return (saved, run);
        }

        var table = TableBuilder.Build(saved, RouteTable.Empty);
        return (saved, await CalledAsync(run, table, request.Time, cancellationToken));
    }

    private static DiscoveredObjects? Snapshot(ProofRequest request, out ProofRun? run)
    {
        run = null;
        if (request.Kind != ProofKind.Warm || request.SnapshotPath is not { } path)
        {
            return null;
        }

        var startedAt = request.Time.GetTimestamp();
        try
        {
            var snapshot = new SnapshotFile(path, ClusterIdentity.Of(request.Kubeconfig)).Read();
            run = snapshot is null
                ? new ProofRun(ProofKind.Warm, "", ProofResult.Unsafe, "there is no snapshot") { Answered = false }
                : new ProofRun(ProofKind.Warm, "", ProofResult.Safe, "")
                {
                    Services = snapshot.Objects.Services.Count,
                    Took = request.Time.GetElapsedTime(startedAt),
                };
            return snapshot?.Objects;
        }
        catch (SnapshotRefusedException refused)
        {
            run = new ProofRun(ProofKind.Warm, "", ProofResult.Unsafe, $"the snapshot {path}: {refused.Message}")
            {
                // A router goes on without it, as long as an API server answers.
                Answered = false,
            };
            return null;
        }
    }

    private static async Task<ProofRun> RunAsync(
        ProofRequest request, Uri server, DiscoveredObjects saved, CancellationToken cancellationToken)
    {
        var startedAt = request.Time.GetTimestamp();
        var name = server.ToString().TrimEnd('/');
        using var deadline = new CancellationTokenSource(ProofLimits.ServerDeadline, request.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var options = new KubeHttpOptions
            {
                UserAgent = "mainstay-proof",
                Time = request.Time,
                RequestTimeout = ProofLimits.RequestDeadline,
            };
            using var http = KubeHttp.Create(request.Kubeconfig with { Servers = [server] }, options);
            var run = await JudgedAsync(request, http, saved, both.Token);
            return run with { Server = name, Took = request.Time.GetElapsedTime(startedAt) };
        }
        catch (Exception fault) when (IsOfTheWorld(fault) && !cancellationToken.IsCancellationRequested)
        {
            var reason = fault is OperationCanceledException
                ? $"no whole answer within {ProofLimits.ServerDeadline.TotalSeconds:0} s"
                : fault.Message;
            return new ProofRun(request.Kind, name, ProofResult.Unsafe, reason)
            {
                // A refusal in words (401, 403, 500) would meet every router that asks there.
                Answered = fault is KubeStatusException or JsonException or MalformedObjectException,
                Took = request.Time.GetElapsedTime(startedAt),
            };
        }
    }

    private static async Task<ProofRun> JudgedAsync(
        ProofRequest request, KubeHttp http, DiscoveredObjects saved, CancellationToken cancellationToken)
    {
        var reading = await ReadAsync(request, http, cancellationToken);
        var (table, judgement) = Judge(request, reading, saved);
        if (judgement is { IsSafe: false, MayBePassing: true })
        {
            await Task.Delay(ProofLimits.SecondLook, request.Time, cancellationToken);
            reading = await ReadAsync(request, http, cancellationToken);
            (table, judgement) = Judge(request, reading, saved);
        }

        if (judgement.IsSafe && await WatchProof.TryAsync(http, reading, request, cancellationToken) is { } silent)
        {
            judgement = silent;
        }

        var run = new ProofRun(
            request.Kind, "", judgement.IsSafe ? ProofResult.Safe : ProofResult.Unsafe, judgement.Reason)
        {
            Culprit = judgement.Culprit,
            Services = table.Services.Length,
            HeartbeatSequence = reading.Endpoints.Sequence,
        };
        return judgement.IsSafe && request.Calls
            ? await CalledAsync(run, table, request.Time, cancellationToken)
            : run;
    }

    private static Task<ServerReading> ReadAsync(
        ProofRequest request, KubeHttp http, CancellationToken cancellationToken) =>
        new ServerReader(http, request.Strict, request.EndpointsFrom, request.Time).ReadAsync(cancellationToken);

    private static (RouteTable Table, Judgement Judgement) Judge(
        ProofRequest request, ServerReading reading, DiscoveredObjects saved)
    {
        var objects = request.Strict ? reading.Objects : WithLastGood(reading, saved);
        var table = TableBuilder.Build(objects, RouteTable.Empty);
        return (table, ProofJudge.Judge(reading, table, request));
    }

    /// <summary>As the serving router has it: for an object that makes no sense the snapshot's value is used.</summary>
    private static DiscoveredObjects WithLastGood(ServerReading reading, DiscoveredObjects saved)
    {
        var (services, slices) = reading.Objects;
        foreach (var senseless in reading.Senseless)
        {
            if (senseless.Kind == "Service" && saved.Services.TryGetValue(senseless.Key, out var service))
            {
                services = services.SetItem(senseless.Key, service);
            }
            else
            {
                slices = slices.SetItems(saved.Slices.Where(one => EndpointsObject.IsOf(one.Key, senseless.Key)));
            }
        }

        return new DiscoveredObjects(services, slices);
    }

    private static async Task<ProofRun> CalledAsync(
        ProofRun run, RouteTable table, TimeProvider time, CancellationToken cancellationToken) =>
        await ProbeCall.TryAsync(table, time, cancellationToken) is { } fault
            ? run with { Result = ProofResult.Unsafe, Reason = fault }
            : run;

    private static bool IsOfTheWorld(Exception fault) => fault is HttpRequestException or IOException or JsonException
        or KubeStatusException or TimeoutException or MalformedObjectException or SocketException
        or AuthenticationException or OperationCanceledException or KubeconfigException;
}
