using System.Collections;
using System.Globalization;
using System.Net;

namespace Bank.Shared;

/// <summary>
/// What a service is told by its environment. Read once, at the start; every fault is reported at once.
/// </summary>
internal sealed record ServiceSettings
{
    /// <summary>Which service this process is, such as "payments": the first word of the command line.</summary>
    public required string Service { get; init; }

    /// <summary>
    /// The second word of the command line: which version of the service, or "" for the one that works.
    /// </summary>
    public string Version { get; init; } = "";

    /// <summary>POD_IP: the only address it listens on, as it shares the machine with other pods.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>PORT, default 8080; 0 lets the system choose (tests).</summary>
    public int Port { get; init; } = 8080;

    /// <summary>
    /// ROUTER_URL, default http://POD_IP:4140: the HTTP proxy that knows logical names; null: call names directly.
    /// </summary>
    public Uri? Router { get; init; }

    /// <summary>MAINSTAY_MOUNT_DATA, or /data where mounts are seen: the folder of the ledger's file.</summary>
    public string DataFolder { get; init; } = "/data";

    /// <summary>
    /// RATE: journeys per second that the customers make, 0 to <see cref="Limits.RatePerSecondMax"/>.
    /// </summary>
    public double RatePerSecond { get; init; } = 10;

    public static (ServiceSettings? Settings, IReadOnlyList<string> Faults) Read(string[] args, IDictionary environment)
    {
        var faults = new List<string>();
        string? Value(string name) => environment[name] is string { Length: > 0 } text ? text : null;

        if (!IPAddress.TryParse(Value("POD_IP") ?? "", out var address))
        {
            faults.Add($"POD_IP must be the IP address to listen on, it is '{Value("POD_IP")}'");
        }

        if (!int.TryParse(Value("PORT") ?? "8080", CultureInfo.InvariantCulture, out var port)
            || port is < 0 or > 65535)
        {
            faults.Add($"PORT must be 0 to 65535, it is '{Value("PORT")}'");
        }

        var routerText = Value("ROUTER_URL") ?? $"http://{Value("POD_IP")}:4140";
        Uri? router = null;
        if (routerText != "direct" && address is not null && !IsHttp(routerText, out router))
        {
            faults.Add($"ROUTER_URL must be an http address or 'direct', it is '{routerText}'");
        }

        if (!double.TryParse(Value("RATE") ?? "10", CultureInfo.InvariantCulture, out var rate)
            || !(rate >= 0 && rate <= Limits.RatePerSecondMax))
        {
            faults.Add($"RATE must be 0 to {Limits.RatePerSecondMax} journeys per second, it is '{Value("RATE")}'");
        }

        var version = args.Length > 1 ? args[1] : "";
        if (args.Length > 2 || (version.Length > 0 && (args[0], version) is not ("payments", "v2-broken")))
        {
            faults.Add($"'{string.Join(' ', args[1..])}' is no version of {args[0]}");
        }

        return faults.Count > 0
            ? (null, faults)
            : (new ServiceSettings
            {
                Service = args[0],
                Version = version,
                Address = address ?? IPAddress.Loopback,
                Port = port,
                Router = router,
                DataFolder = Value("MAINSTAY_MOUNT_DATA") ?? "/data",
                RatePerSecond = rate,
            }, faults);
    }

    private static bool IsHttp(string text, out Uri? uri) =>
        Uri.TryCreate(text, UriKind.Absolute, out uri) && uri.Scheme == Uri.UriSchemeHttp;
}

/// <summary>What a test replaces: the clock, chance, and the way to the other services.</summary>
internal sealed record ServiceSeams(TimeProvider Time, Chance Chance, HttpMessageHandler? Router);

/// <summary>A service cannot start, and a person can mend it: printed as one line.</summary>
internal sealed class StartFault(string message) : Exception(message);
