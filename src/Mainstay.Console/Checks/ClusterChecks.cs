using System.Collections.Immutable;
using System.Globalization;

namespace Mainstay.ConsoleSite.Checks;

/// <summary>Judges what was read of a cluster, any Kubernetes. Pure.</summary>
public static class ClusterChecks
{
    private const string Repair =
        "start it again or take it out of the kubeconfig; calls between services go on meanwhile";
    private const string LagHint = "restart this API server; do not restart what reads from it";

    public static ImmutableArray<CheckCategory> Judge(ClusterFacts facts, ImmutableArray<StartProofRun> proof) =>
    [
        new("api-servers", [.. facts.Servers.SelectMany(server => OfServer(server, facts)), Versions(facts)]),
        new("freshness", [.. facts.Servers.Where(server => server.Answers).SelectMany(OfCaches)]),
        new("discovery-objects", [.. OfObjects(facts)]),
        new("services", OfServices(facts)),
        new("router-start", [.. proof.Select(OfProof), .. proof.IsEmpty ? [NoProof()] : ImmutableArray<Check>.Empty]),
    ];

    private static IEnumerable<Check> OfServer(ApiServerReading server, ClusterFacts facts)
    {
        var alive = $"{server.Name} answers";
        if (!server.Answers)
        {
            // One that only the cluster's own list names may stand in a network that we do not see into, or be a
            // server of the kubeconfig that is bound elsewhere: it is dead only where others of that list are seen.
            var unseen = server.Source == ServerSource.ClusterEndpoints && !(server.Refused
                && facts.Servers.Any(other => other is { Source: ServerSource.ClusterEndpoints, Answers: true }));
            yield return Check.Not(
                unseen ? CheckResult.Warning : CheckResult.Error,
                alive,
                unseen ? "look from a machine inside the cluster's network" : Repair,
                server.Fault);
            yield break;
        }

        yield return Check.Ok(alive, Invariant($"{server.Latency.TotalMilliseconds:0} ms"));
        yield return State($"{server.Name} is live", server.LiveFault);
        yield return State($"{server.Name} is ready", server.ReadyFault);
        if (server.Latency > Limits.ApiSlow)
        {
            yield return Check.Not(
                CheckResult.Warning,
                $"{server.Name} answers soon",
                "look at its load, and at its store's",
                Invariant($"a small request took {server.Latency.TotalSeconds:0.0} s"));
        }
    }

    private static Check State(string description, string fault) => fault.Length == 0
        ? Check.Ok(description)
        : fault.Contains("401", StringComparison.Ordinal) || fault.Contains("403", StringComparison.Ordinal)
            ? Check.Not(CheckResult.Unknown, description, "use credentials that may see it", fault)
            : Check.Not(CheckResult.Error, description, "ask it with ?verbose which check fails", fault);

    private static Check Versions(ClusterFacts facts)
    {
        const string Description = "API servers are of one version";
        var versions = facts.Servers.Where(server => server.Version.Length > 0)
            .GroupBy(server => server.Version).ToList();
        return versions.Count switch
        {
            0 => Check.Not(CheckResult.Unknown, Description, "use credentials that may read /version", "none told it"),
            1 => Check.Ok(Description, versions[0].Key),
            _ => Check.Not(
                CheckResult.Warning,
                Description,
                "end the upgrade before any other change",
                [.. versions.Select(version => $"{version.Key}: {string.Join(", ", version.Select(s => s.Name))}")]),
        };
    }

    private static IEnumerable<Check> OfCaches(ApiServerReading server)
    {
        foreach (var reading in server.Caches.Where(reading => !reading.Before.NotServed))
        {
            var kind = reading.Before.Kind;
            var description = kind == ListedKind.Leases
                ? $"{server.Name} has the newest renewals of the nodes' Leases in its cache"
                : $"{server.Name} has the store's {Plural(kind)} in its cache";
            if (new[] { reading.Before, reading.Cached, reading.After }.FirstOrDefault(
                list => !list.Known) is { } blind)
            {
                yield return Unseen(description, blind);
            }
            else if (CacheAgreement.Disagreements(reading) is { IsEmpty: false } lagging)
            {
                yield return Check.Not(CheckResult.Error, description, LagHint, lagging);
            }
            else
            {
                yield return kind == ListedKind.Leases
                    ? OfLeases(description, reading)
                    : Check.Ok(description, $"{reading.Cached.Items.Length} agree");
            }
        }
    }

    private static Check OfLeases(string description, CacheReading reading) =>
        CacheAgreement.YoungestRenewal(reading.Cached) is { } at
            ? Check.Ok(description, $"the youngest of {at.UtcDateTime:HH:mm:ss} UTC, as by quorum")
            : Check.Not(
                CheckResult.Warning,
                description,
                "freshness is proven by Leases only while nodes renew them",
                "no node renews a Lease in kube-node-lease");

    private static IEnumerable<Check> OfObjects(ClusterFacts facts)
    {
        ListedKind[] kinds = [ListedKind.Services, ListedKind.Endpoints, ListedKind.Slices, ListedKind.OldSlices];
        foreach (var list in kinds.Select(facts.Of).Where(list => !list.NotServed))
        {
            var sense = $"{Plural(list.Kind)} make sense";
            if (!list.Known)
            {
                yield return Unseen(sense, list);
                continue;
            }

            var findings = ObjectScan.Scan(list);
            var senseless = findings.Where(finding => finding.Senseless).Select(f => f.ToString()).ToImmutableArray();
            yield return senseless.IsEmpty
                ? Check.Ok(sense, $"{list.Items.Length} read")
                : Check.Not(
                    CheckResult.Error, sense, "mend or delete the objects named: a router must keep them out",
                        senseless);
            var nulls = findings.Where(finding => !finding.Senseless).Select(f => f.ToString()).ToImmutableArray();
            if (!nulls.IsEmpty)
            {
                yield return Check.Not(
                    CheckResult.Warning,
                    $"{Plural(list.Kind)} have no null where a list belongs",
                    "a strict reader fails on these; give the Services endpoints, or delete those no longer used",
                    nulls);
            }
        }
    }

    private static ImmutableArray<Check> OfServices(ClusterFacts facts)
    {
        const string Description = "Services that select pods have endpoints";
        ListedKind[] endpointKinds = [ListedKind.Slices, ListedKind.OldSlices, ListedKind.Endpoints];
        ListedKind[] workloadKinds = [ListedKind.Deployments, ListedKind.StatefulSets, ListedKind.DaemonSets];
        var endpoints = endpointKinds.Select(facts.Of).Where(list => !list.NotServed).ToList();
        var workloads = workloadKinds.Select(facts.Of).Where(list => !list.NotServed).ToList();
        var services = facts.Of(ListedKind.Services);
        if (endpoints.Concat(workloads).Prepend(services).FirstOrDefault(list => !list.Known) is { } blind)
        {
            return [Unseen(Description, blind)];
        }

        var empty = EmptyServices.Find(services, endpoints, workloads);
        ImmutableArray<string> Told(Emptiness why) =>
        [
            .. empty.Where(service => service.Why == why).Select(service => service.Workloads.Length == 0
                ? $"Service {service.Service}: no workload bears its labels"
                : $"Service {service.Service}: {string.Join(", ", service.Workloads)}"),
        ];
        var down = Told(Emptiness.NoneReady);
        var zero = Told(Emptiness.ScaledToZero).AddRange(Told(Emptiness.NoWorkload));
        return
        [
            down.IsEmpty
                ? Check.Ok(Description, $"{services.Items.Length - empty.Length} Services")
                : Check.Not(CheckResult.Error, Description, "see why the pods are not ready", down),
            zero.IsEmpty
                ? Check.Ok("no Service is left behind without pods")
                : Check.Not(
                    CheckResult.Warning,
                    "no Service is left behind without pods",
                    "if it is not needed any more, delete the Service, too: strict readers stumble over empty ones",
                    zero),
        ];
    }

    private static Check OfProof(StartProofRun run)
    {
        var description = run.Server.Length > 0
            ? $"a router started now could load everything from {run.Server}"
            : "a router started now could load everything";
        return run.Safe
            ? Check.Ok(description, $"{run.Services} services")
            : Check.Not(CheckResult.Error, description, "do not restart routers before this is repaired", run.Reason);
    }

    private static Check NoProof() => Check.Not(
        CheckResult.Unknown, "a router started now could load everything", "see the checks above",
            "no API server answers");

    private static Check Unseen(string description, ObjectList list) => Check.Not(
        CheckResult.Unknown,
        description,
        list.Fault.Contains("40", StringComparison.Ordinal) ? "use credentials that may list it" : "look again",
        list.Fault.Length > 0 ? list.Fault : $"{list.Kind.Path} is not served");

    private static string Plural(ListedKind kind) =>
        kind == ListedKind.OldSlices ? $"{kind.Plural} (v1beta1)" : kind.Plural;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
