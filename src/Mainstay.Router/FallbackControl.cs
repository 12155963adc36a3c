using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;
using Mainstay.Router.Balancing;
using Mainstay.Router.Discovery;
using Mainstay.Router.Pipeline;
using Mainstay.Router.Resilience;
using Microsoft.Extensions.Logging;

namespace Mainstay.Router;

/// <summary>
/// What a person wants of fallbacks, kept on the disk of the router so that it holds without any API server and
/// outlives a restart; and the signals that say which fallbacks are active. Thread safe.
/// </summary>
internal sealed class FallbackControl(
    IReadOnlyList<RouterLoop> loops, TableSource tables, SignalBoard board, RouterOptions options)
{
    /// <summary>Wishes kept; more than a person has ever set by hand.</summary>
    internal const int WishesMax = 1000;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly string? _file =
        options.DataDirectory is { } folder ? Path.Combine(folder, "fallbacks.json") : null;

    /// <summary>Subjects whose annotation is signalled as senseless.</summary>
    private HashSet<string> _faulty = [];

    /// <summary>Subjects whose fallback was active at the last look.</summary>
    private HashSet<string> _told = [];

    /// <summary>Active ones: what was asked of them at the last look, and how many looks ago that was new.</summary>
    private Dictionary<ObjectKey, (long Asked, int Looks)> _unasked = [];

    public required ILogger Logger { get; init; }

    /// <summary>Before the loops run: what was wanted when the last router ran.</summary>
    public void Load()
    {
        try
        {
            if (_file is not null && File.Exists(_file))
            {
                using var document = JsonDocument.Parse(File.ReadAllBytes(_file));
                tables.Publish(new FallbackWishes(document.RootElement.Items("fallbacks").ToImmutableDictionary(
                    wish => (wish.Text("namespace"), wish.Text("service")),
                    wish => wish.Flag("active") is true ? FallbackMode.On : FallbackMode.Off)));
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException
            or MalformedObjectException or ArgumentException)
        {
            Logger.SnapshotRefused(_file ?? "", fault.Message);
        }
    }

    /// <param name="path">NAMESPACE/SERVICE</param>
    /// <param name="active">true, false or auto</param>
    /// <returns>what is wrong, or null when it is so from now on</returns>
    public string? Want(string path, string active)
    {
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return "the path is /fallback/NAMESPACE/SERVICE?active=true|false|auto";
        }

        var (scope, name) = (path[..slash], path[(slash + 1)..]);
        var route = tables.Current.Services.FirstOrDefault(one => one.Namespace == scope && one.Name == name);
        if (route?.Fallback is null && active != "auto")
        {
            return route is null
                ? $"there is no service {scope}/{name}"
                : $"service {scope}/{name} has no fallback (annotation mainstay.dev/fallback)";
        }

        lock (_lock)
        {
            var modes = tables.Wishes.Modes;
            if (active is not ("true" or "false" or "auto"))
            {
                return $"active is \"{active}\"; it must be true, false or auto";
            }

            if (active != "auto" && modes.Count >= WishesMax && !modes.ContainsKey((scope, name)))
            {
                return $"there are {WishesMax} wishes already; take some back (active=auto)";
            }

            modes = active == "auto"
                ? modes.Remove((scope, name))
                : modes.SetItem((scope, name), active == "true" ? FallbackMode.On : FallbackMode.Off);
            Keep(modes);
            tables.Publish(new FallbackWishes(modes));
            Logger.FallbackWanted(scope, name, active);
            return null;
        }
    }

    /// <summary>Looks each second which fallbacks are active.</summary>
    public async Task RunAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                Look();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The router stops.
        }
    }

    internal void Look()
    {
        var active = new Dictionary<string, SignalReading>();
        foreach (var fallback in LetGoUnasked(Active(loops)))
        {
            active[$"service/{fallback.Key}"] = Reading(fallback.Key, fallback.Value);
        }

        Tell(active);
        board.SetAll(SignalCatalog.FallbackActive, active);
        LookForFaults();
    }

    /// <summary>Each turn is a line of the log: a signal is gone with what it told.</summary>
    private void Tell(Dictionary<string, SignalReading> active)
    {
        foreach (var (subject, reading) in active.Where(one => !_told.Contains(one.Key)))
        {
            Logger.FallbackTaken(subject, reading.Summary);
        }

        foreach (var subject in _told.Where(subject => !active.ContainsKey(subject)))
        {
            Logger.FallbackLeft(subject);
        }

        _told = [.. active.Keys];
    }

    /// <summary>
    /// Whom nobody calls, nobody probes: after a minute the next call is for the service itself, as any of them would
    /// have been.
    /// </summary>
    /// <returns>those that are active still</returns>
    private Dictionary<ObjectKey, ServiceFallback> LetGoUnasked(IReadOnlyDictionary<ObjectKey, ServiceFallback> active)
    {
        var left = new Dictionary<ObjectKey, ServiceFallback>();
        var unasked = new Dictionary<ObjectKey, (long Asked, int Looks)>();
        foreach (var (key, fallback) in active)
        {
            var asked = fallback.Agreement.Asked;
            var looks = _unasked.TryGetValue(key, out var before) && before.Asked == asked ? before.Looks + 1 : 0;
            if (looks >= Limits.FallbackUnaskedLooksMax && fallback.Switch.Mode == FallbackMode.Auto)
            {
                fallback.Agreement.Tell(isActive: false);
                continue;
            }

            unasked[key] = (asked, looks);
            left[key] = fallback;
        }

        _unasked = unasked;
        return left;
    }

    /// <summary>A service that is gone, or whose annotation makes sense again, has no fault any more.</summary>
    private void LookForFaults()
    {
        var faulty = new HashSet<string>();
        foreach (var route in tables.Current.Services.Where(route => route.FallbackFault.Length > 0))
        {
            var key = new ObjectKey(route.Namespace, route.Name);
            var subject = $"router/{options.Node}/Service/{key}/fallback";
            board.Raise(SignalCatalog.ObjectQuarantined, subject, Fault(route, key));
            faulty.Add(subject);
        }

        foreach (var subject in _faulty.Except(faulty))
        {
            board.Clear(SignalCatalog.ObjectQuarantined, subject);
        }

        _faulty = faulty;
    }

    /// <summary>Services whose calls go to their fallbacks on some loop.</summary>
    public static IReadOnlyDictionary<ObjectKey, ServiceFallback> Active(IReadOnlyList<RouterLoop> loops)
    {
        var active = new Dictionary<ObjectKey, ServiceFallback>();
        foreach (var loop in loops)
        {
            foreach (var service in loop.Known)
            {
                if (service.Fallback is { Switch.IsActive: true } fallback)
                {
                    active[new ObjectKey(service.Counters.Namespace, service.Counters.Name)] = fallback;
                }
            }
        }

        return active;
    }

    private SignalReading Reading(ObjectKey key, ServiceFallback fallback)
    {
        var to = $"{fallback.Route.Namespace}/{fallback.Route.Name}";
        var why = fallback.Switch.Mode == FallbackMode.On ? "a person wants it so" : "it fails or has no live endpoint";
        return new SignalReading($"Calls to {key} go to its fallback {to}: {why}")
        {
            Culprit = new ObjectReference("Service", key.Namespace, key.Name),
            Evidence =
            [
                new Evidence("fallback", to), new Evidence("byHand", fallback.Switch.Mode.ToString()),
                new Evidence("router", options.Node),
            ],
        };
    }

    private static SignalReading Fault(ServiceRoute route, ObjectKey key) =>
        new($"Service {key} is routed, but its {route.FallbackFault}")
        {
            Culprit = new ObjectReference("Service", key.Namespace, key.Name),
            Evidence = [new Evidence("reason", route.FallbackFault)],
        };

    private void Keep(ImmutableDictionary<(string Namespace, string Service), FallbackMode> modes)
    {
        if (_file is null)
        {
            return;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("fallbacks");
            foreach (var ((scope, name), mode) in modes)
            {
                writer.WriteStartObject();
                writer.WriteString("namespace", scope);
                writer.WriteString("service", name);
                writer.WriteBoolean("active", mode == FallbackMode.On);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        try
        {
            WholeFile.Write(_file, buffer.WrittenSpan);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Logger.NotWritten(_file, fault.Message);
        }
    }
}
