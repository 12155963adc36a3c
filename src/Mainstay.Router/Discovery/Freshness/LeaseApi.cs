using System.Text.Json.Nodes;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery.Freshness;

/// <summary>Leases in kube-system, read by quorum and written by compare-and-swap.</summary>
internal sealed class LeaseApi(KubeHttp http, TimeProvider time)
{
    private const string Path = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";

    /// <summary>null when there is none.</summary>
    public async Task<LeaseRecord?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            using var lease = await http.GetAsync($"{Path}/{name}", cancellationToken);
            return Read(lease.RootElement);
        }
        catch (KubeStatusException answer) when (answer.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>Creates the lease or replaces exactly the version that <paramref name="before"/> is.</summary>
    /// <exception cref="KubeStatusException">also when somebody else was first</exception>
    public async Task<LeaseRecord> WriteAsync(
        string name, LeaseTerms terms, LeaseRecord? before, CancellationToken cancellationToken)
    {
        var isNew = before is null || before.Holder != terms.Holder;
        var transitions = before is null ? 0 : before.Transitions + (isNew ? 1 : 0);
        var now = KubeTime.Text(time.GetUtcNow());
        var metadata = new JsonObject
        {
            ["namespace"] = "kube-system",
            ["name"] = name,
            ["labels"] = new JsonObject { ["mainstay.dev/part"] = "router" },
        };
        if (before is not null)
        {
            metadata["resourceVersion"] = before.ResourceVersion;
        }

        var lease = new JsonObject
        {
            ["apiVersion"] = "coordination.k8s.io/v1",
            ["kind"] = "Lease",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject
            {
                ["holderIdentity"] = terms.Holder,
                ["leaseDurationSeconds"] = (int)terms.Duration.TotalSeconds,
                ["renewTime"] = now,
                ["leaseTransitions"] = transitions,
            },
        };
        using var written = before is null
            ? await http.CreateAsync(Path, lease, cancellationToken)
            : await http.ReplaceAsync($"{Path}/{name}", lease, cancellationToken);
        return Read(written.RootElement);
    }

    /// <summary>Changes fields of a lease and leaves the others; creates it where there is none.</summary>
    public async Task MergeAsync(string name, JsonObject lease, CancellationToken cancellationToken)
    {
        try
        {
            using var written = await http.MergeAsync($"{Path}/{name}", lease, cancellationToken);
        }
        catch (KubeStatusException answer) when (answer.IsNotFound)
        {
            using var created = await http.CreateAsync(Path, lease, cancellationToken);
        }
    }

    private static LeaseRecord Read(System.Text.Json.JsonElement lease)
    {
        var spec = lease.Child("spec");
        return new LeaseRecord(
            spec?.Text("holderIdentity") ?? "",
            lease.Child("metadata")?.Text("resourceVersion") ?? "",
            spec?.Number("leaseTransitions") ?? 0);
    }
}

/// <param name="Holder">who; empty gives it up</param>
/// <param name="Duration">for how long it counts without being renewed, whole seconds</param>
internal sealed record LeaseTerms(string Holder, TimeSpan Duration);
