using System.Net;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kernel;

namespace Mainstay.ConsoleSite;

/// <summary>How a console is started.</summary>
public sealed class ConsoleOptions
{
    /// <summary>
    /// The way to the API server. The file may come later or change its mind: the console waits for it.
    /// </summary>
    public required string Kubeconfig { get; init; }

    /// <summary>Where pages are served: loopback, since a page may write and knows no users.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 7070);

    /// <summary>Routers' admin addresses that are read beside those found by the nodes' addresses.</summary>
    public IReadOnlyList<Uri> Routers { get; init; } = [];

    /// <summary>The admin port of the router on each node.</summary>
    public int RouterAdminPort { get; init; } = 9990;

    /// <summary>The controllers' HTTP address; null where they are not ours.</summary>
    public Uri? Controllers { get; init; }

    /// <summary>
    /// The store's members to begin with, by the names that the store gives them, each with the address that answers
    /// <c>/health</c>. Who comes and goes later an API server tells; empty: no member is asked at all.
    /// </summary>
    public IReadOnlyDictionary<string, Uri> StoreMembers { get; init; } = new Dictionary<string, Uri>();

    /// <summary>Where the console keeps what it knows, for a start while everything else is down.</summary>
    public required string DataFolder { get; init; }

    /// <summary>What pages may plan and start; by default nothing.</summary>
    public IActionSource Actions { get; init; } = NoActions.Instance;

    /// <summary>How often each router is read.</summary>
    public TimeSpan ScrapeInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>All that is wrong with the options, in one exception.</summary>
    internal void Validate()
    {
        var faults = new List<string>();
        if (Kubeconfig.Length == 0)
        {
            faults.Add("--kubeconfig names no file");
        }

        if (DataFolder.Length == 0)
        {
            faults.Add("--data-dir names no folder");
        }

        if (!IPAddress.IsLoopback(Listen.Address))
        {
            faults.Add(
                $"--listen: {Listen} is not loopback, and the console knows no users; listen on 127.0.0.1 and put a "
                + "proxy that knows them in front");
        }

        if (RouterAdminPort is < 1 or > 65535)
        {
            faults.Add($"--router-admin-port must be 1 to 65535, it is {RouterAdminPort}");
        }

        if (ScrapeInterval < TimeSpan.FromMilliseconds(100) || ScrapeInterval > TimeSpan.FromSeconds(30))
        {
            faults.Add($"the scrape interval must be 0.1 to 30 s, it is {ScrapeInterval.TotalSeconds} s");
        }

        faults.AddRange(Routers
            .Where(router => !router.IsAbsoluteUri || router.Scheme != Uri.UriSchemeHttp)
            .Select(router => $"--routers: '{router}' is no http address"));
        if (faults.Count > 0)
        {
            throw new StartException(
                string.Join("; ", faults), "mend the options of 'mainstay console'", ExitCodes.Usage);
        }
    }
}
