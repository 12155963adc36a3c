using System.Collections.Immutable;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kernel.Signals;

namespace Mainstay.Tests.ConsoleSite.Signals;

/// <summary>Signals and parts for tests, in few words.</summary>
internal static class Raised
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static Signal At(SignalDefinition definition, string subject, double second, params string[] causedBy) =>
        new(definition, subject, Noon.AddSeconds(second), new SignalReading($"{subject} has {definition.Name}.")
        {
            CausedBy = [.. causedBy],
        });

    public static PlatformPart RouterOn(int node) =>
        new(PartKind.Router, $"node-{node}", new Uri($"http://127.{16 + node}.0.1:9990/"));

    public static PlatformPart AgentOn(int node) =>
        new(PartKind.Agent, $"node-{node}", new Uri($"http://127.{16 + node}.0.1:10250/"));

    public static readonly PlatformPart Api = PlatformPart.Api(new Uri("https://127.0.0.1:6443"));

    public static PlatformPart Member(int number) =>
        new(PartKind.Store, $"etcd-{number}", new Uri($"http://127.{17 + number}.0.1:2379/"));

    public static PlatformMap Map(params IEnumerable<PlatformPart> parts) => new() { Parts = [.. parts] };

    public static SignalsReport Report(PlatformPart part, params ImmutableArray<Signal> signals) =>
        new(part.Word, part.Instance, Noon, signals, []);
}
