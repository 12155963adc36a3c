using System.Globalization;
using System.Text;
using Mainstay.Store.Mvcc;

namespace Mainstay.Simulation.Store;

/// <summary>All that a client could find out about a store, as text, so that two stores can be compared.</summary>
internal static class StoreDump
{
    public static string Of(MvccView view)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"revision {view.Revision} compacted {view.CompactRevision}")
            .Append(CultureInfo.InvariantCulture, $" keys {view.Use.Keys} alarm {view.Use.IsOutOfSpace}\n");
        foreach (var lease in view.Leases.ById.Values.OrderBy(lease => lease.Id))
        {
            var keys = string.Join(',', lease.Keys.Select(key => key.ToStringUtf8()).Order());
            text.Append(CultureInfo.InvariantCulture, $"lease {lease.Id} ttl {lease.TtlSeconds} keys {keys}\n");
        }

        AppendKeys(text, view);
        AppendHistory(text, view);
        return text.ToString();
    }

    private static void AppendKeys(StringBuilder text, MvccView view)
    {
        foreach (var key in KeyTree.All(view.Root))
        {
            for (var version = key; version is not null; version = version.Previous)
            {
                // Below the compaction only what it left readable counts: its physical work may be behind.
                if (version.Kv.ModRevision > view.CompactRevision)
                {
                    Append(text, version);
                }
                else
                {
                    if (!version.IsDeletion)
                    {
                        Append(text, version);
                    }

                    break;
                }
            }
        }
    }

    private static void AppendHistory(StringBuilder text, MvccView view)
    {
        for (var revision = Math.Max(view.CompactRevision, 2); revision <= view.Revision; revision++)
        {
            text.Append(CultureInfo.InvariantCulture, $"history {revision}\n");
            for (var change = view.History.At(revision); change is not null; change = change.NextInRevision)
            {
                Append(text, change);
            }
        }
    }

    private static void Append(StringBuilder text, KeyVersion version)
    {
        var kv = version.Kv;
        text.Append(CultureInfo.InvariantCulture, $"  {kv.Key.ToStringUtf8()} {kv.CreateRevision}/{kv.ModRevision}")
            .Append(CultureInfo.InvariantCulture, $"/{kv.Version} lease {kv.Lease} ")
            .Append(version.IsDeletion ? "deleted" : kv.Value.ToBase64())
            .Append('\n');
    }
}
