using System.Globalization;
using System.Net;
using Mainstay.Kernel;
using Mainstay.Router.Proof;

namespace Mainstay.Router;

/// <summary>
/// The router's command line, read by hand because `mainstay-router` must be up in milliseconds; `mainstay router`
/// hands
/// its words to the same place.
/// </summary>
public static class RouterArguments
{
    public const string Usage =
        """
        usage: mainstay-router --listen IP:PORT[,IP:PORT..] (--kubeconfig FILE | --table FILE) [options]
          --node NAME            the node that it serves
          --kubeconfig FILE      how to reach the API server
          --table FILE           a static table in JSON instead
          --discovery KIND       endpoints from: auto (what is served), endpointslices, endpoints
          --agent URL            the node's agent, which tells the local pods
          --listen IP:PORT,..    where anybody may call
          --admin IP:PORT,..     /metrics, /table.json, /healthz, /readyz
          --pod-port PORT        the port on each local pod's address (4140)
          --data-dir DIR         where the last table and the last local pods are kept
          --instance WORD        written into DIR/serving once this very process serves
          --cluster-domain NAME  (cluster.local)
          --threads N            event loops (1)
          --without NAME,..      for drills: without tolerance, snapshot, freshness, brake, fallback, or all of them
          --break-on-5xx         an answer of 5xx counts against its endpoint
          --connect-timeout, --try-timeout, --total-timeout, --head-timeout, --idle-timeout, --upstream-idle-timeout,
          --stall-timeout, --tunnel-idle-timeout, --drain-timeout SECONDS
          --prove cold|warm      only try whether a router could start now: prints one line of JSON and ends
          --prove-heartbeat, --prove-services-heartbeat N
                                 with it: the heartbeats that must be found
        """;

    /// <exception cref="StartException">words that are not understood, all of them named</exception>
    public static RouterOptions Parse(IReadOnlyList<string> words)
    {
        var options = new RouterOptions();
        var faults = new List<string>();
        for (var index = 0; index < words.Count; index++)
        {
            var (flag, value) = Split(words[index]);
            if (flag == "--break-on-5xx")
            {
                options.BreakOnServerErrors = true;
                continue;
            }

            value ??= index + 1 < words.Count ? words[++index] : null;
            if (value is null)
            {
                faults.Add($"{flag}: a value is missing");
            }
            else if (Take(options, flag, value) is { } fault)
            {
                faults.Add($"{flag}: {fault}");
            }
        }

        faults.AddRange(faults.Count == 0 ? options.Faults() : []);
        return faults.Count == 0
            ? options
            : throw new StartException(string.Join("; ", faults), "see mainstay-router --help", ExitCodes.Usage);
    }

    private static (string Flag, string? Value) Split(string word)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (word, null) : (word[..equals], word[(equals + 1)..]);
    }

    /// <returns>what is wrong, or null</returns>
    private static string? Take(RouterOptions options, string flag, string value)
    {
        switch (flag)
        {
            case "--node":
                options.Node = value;
                return null;
            case "--kubeconfig":
                options.Kubeconfig = value;
                return null;
            case "--table":
                options.TableFile = value;
                return null;
            case "--data-dir":
                options.DataDirectory = value;
                return null;
            case "--instance":
                options.Instance = value;
                return null;
            case "--discovery":
                options.DiscoveryKind = value;
                return null;
            case "--without":
                var unknown = RouterProtections.TryTakeAway(value, out var left);
                options.Protections = left;
                return unknown;
            case "--cluster-domain":
                options.ClusterDomain = value;
                return null;
            case "--agent":
                var isUrl = Uri.TryCreate(value, UriKind.Absolute, out var agent);
                return Set(isUrl, () => options.Agent = agent, value, "URL");
            case "--listen":
                return TakeEndpoints(value, endpoints => options.Listen = endpoints);
            case "--admin":
                return TakeEndpoints(value, endpoints => options.Admin = endpoints);
            case "--pod-port":
                return TakeNumber(value, number => options.PodPort = number);
            case "--prove":
                return TakeProof(options, value);
            case "--prove-heartbeat":
                return TakeSequence(value, sequence => options.ProveHeartbeat = sequence);
            case "--prove-services-heartbeat":
                return TakeSequence(value, sequence => options.ProveServicesHeartbeat = sequence);
            case "--threads":
                return TakeNumber(value, number => options.Threads = number);
            default:
                return TakeTime(options, flag, value);
        }
    }

    private static string? TakeTime(RouterOptions options, string flag, string value)
    {
        Action<TimeSpan>? set = flag switch
        {
            "--connect-timeout" => time => options.ConnectTimeout = time,
            "--try-timeout" => time => options.TryTimeout = time,
            "--total-timeout" => time => options.TotalTimeout = time,
            "--head-timeout" => time => options.HeadTimeout = time,
            "--idle-timeout" => time => options.IdleTimeout = time,
            "--upstream-idle-timeout" => time => options.UpstreamIdleTimeout = time,
            "--stall-timeout" => time => options.StallTimeout = time,
            "--tunnel-idle-timeout" => time => options.TunnelIdleTimeout = time,
            "--drain-timeout" => time => options.DrainTimeout = time,
            _ => null,
        };
        if (set is null)
        {
            return "is no flag of the router";
        }

        const NumberStyles Plain = NumberStyles.AllowDecimalPoint;
        var isNumber = double.TryParse(value, Plain, CultureInfo.InvariantCulture, out var seconds);
        return Set(isNumber && seconds < 1e6, () => set(TimeSpan.FromSeconds(seconds)), value, "number of seconds");
    }

    private static string? TakeProof(RouterOptions options, string value)
    {
        options.Prove = value switch
        {
            "cold" => ProofKind.Cold,
            "warm" => ProofKind.Warm,
            _ => null,
        };
        return options.Prove is null ? $"\"{value}\" is neither cold nor warm" : null;
    }

    private static string? TakeSequence(string value, Action<long> set)
    {
        var isSequence = long.TryParse(value, CultureInfo.InvariantCulture, out var sequence);
        return Set(isSequence, () => set(sequence), value, "whole number");
    }

    private static string? TakeNumber(string value, Action<int> set)
    {
        var isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        return Set(isNumber, () => set(number), value, "whole number");
    }

    private static string? TakeEndpoints(string value, Action<IReadOnlyList<IPEndPoint>> set)
    {
        var endpoints = new List<IPEndPoint>();
        foreach (var word in value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            // Without a colon the parser would take a bare address for port 0.
            if (!word.Contains(':', StringComparison.Ordinal) || !IPEndPoint.TryParse(word, out var endpoint))
            {
                return $"\"{word}\" is no IP:PORT";
            }

            endpoints.Add(endpoint);
        }

        set(endpoints);
        return null;
    }

    private static string? Set(bool isGood, Action set, string value, string what)
    {
        if (!isGood)
        {
            return $"\"{value}\" is no {what}";
        }

        set();
        return null;
    }
}
