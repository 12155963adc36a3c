using System.Text;

namespace Mainstay.Router.Discovery;

/// <summary>
/// Which service does a caller mean? With the cluster domain cluster.local and a caller of namespace bank:
///     service.ledger, ledger                          -> bank/ledger
///     ledger.audit, service.ledger.audit              -> audit/ledger
///     ledger.audit.svc, ledger.audit.svc.cluster.local -> audit/ledger
/// `service.` goes first, as the names of the post-mortem have it; a service that is itself called "service" is found
/// when
/// nothing else is meant. A trailing dot is allowed. Thread safe.
/// </summary>
internal sealed class ServiceNames(string clusterDomain)
{
    private readonly byte[] _longSuffix = Encoding.ASCII.GetBytes(".svc." + clusterDomain.ToLowerInvariant());

    /// <param name="table">where to look</param>
    /// <param name="host">as the caller wrote it, a valid host</param>
    /// <param name="callerNamespace">lower case</param>
    /// <returns>the place of the service in the table, -1 for none</returns>
    public int Find(RouteTable table, ReadOnlySpan<byte> host, ReadOnlySpan<byte> callerNamespace)
    {
        Span<byte> lower = stackalloc byte[Limits.AuthorityBytesMax];
        Ascii.ToLower(host, lower, out var length);
        ReadOnlySpan<byte> name = lower[..length];
        if (name.EndsWith("."u8))
        {
            name = name[..^1];
        }

        if (name.StartsWith("service."u8))
        {
            var found = FindPlain(table, name["service.".Length..], callerNamespace);
            if (found >= 0)
            {
                return found;
            }
        }

        return FindPlain(table, name, callerNamespace);
    }

    private int FindPlain(RouteTable table, ReadOnlySpan<byte> name, ReadOnlySpan<byte> callerNamespace)
    {
        if (name.EndsWith(_longSuffix))
        {
            name = name[..^_longSuffix.Length];
        }
        else if (name.EndsWith(".svc"u8))
        {
            name = name[..^".svc".Length];
        }

        var dot = name.IndexOf((byte)'.');
        return dot < 0
            ? table.Find(name, callerNamespace)
            : table.Find(name[..dot], name[(dot + 1)..]);
    }
}
