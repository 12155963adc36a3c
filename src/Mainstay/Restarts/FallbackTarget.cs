using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kube;

namespace Mainstay.Restarts;

/// <summary>How the fallback of a service is taken.</summary>
internal enum FallbackMode
{
    /// <summary>By hand, whatever the service does.</summary>
    On,

    /// <summary>When the service has no live endpoint or fails, and back by itself.</summary>
    Auto,
}

/// <summary>The fallback of one service: an annotation that every router reads within moments.</summary>
internal sealed class FallbackTarget(LocalPlatform platform, ObjectKey service, FallbackMode mode) : IActionTarget
{
    public const string Declared = "mainstay.dev/fallback";
    public const string Active = "mainstay.dev/fallback-active";

    private readonly KubeHttp _api = platform.Api();
    private string? _before;

    public TargetTraits Traits { get; } = new()
    {
        Kind = service.ToString(),
        Effect = mode switch
        {
            FallbackMode.On => $"every call to {service} is answered by its fallback, until this is taken back; "
                + "what the fallback does not take fails.",
            _ => $"calls to {service} are answered by its fallback only while it has no live endpoint or fails.",
        },
        UnitDeadline = TimeSpan.FromSeconds(15),
        Bake = TimeSpan.FromSeconds(5),
        IsTakenBackWhenWorse = true,
    };

    private string Path => $"/api/v1/namespaces/{service.Namespace}/services/{service.Name}";

    private string? Wanted => mode == FallbackMode.On ? "true" : null;

    public Task<ImmutableArray<ActionUnit>> UnitsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<ImmutableArray<ActionUnit>>([new ActionUnit($"service/{service}", "", "")]);

    public async Task<ImmutableArray<Need>> NeedsAsync(
        ImmutableArray<ActionUnit> units, CancellationToken cancellationToken)
    {
        var (annotations, fault) = await ReadAsync(cancellationToken);
        if (annotations is null)
        {
            return [new Need($"service {service}", false, fault)];
        }

        _before = annotations.GetValueOrDefault(Active);
        var declared = annotations.GetValueOrDefault(Declared, "");
        var now = _before == "true" ? "on" : "auto";
        var needs = ImmutableArray.CreateBuilder<Need>();
        needs.Add(new Need(
            $"fallback of {service}", declared.Length > 0,
            declared.Length > 0 ? $"{declared}, {now} now" : $"the service declares none ({Declared})"));
        needs.Add(new Need(
            "a change",
            (_before == "true") != (mode == FallbackMode.On),
            (_before == "true") != (mode == FallbackMode.On) ? $"from {now}" : $"it is {now} already"));
        if (declared.Length > 0 && mode == FallbackMode.On)
        {
            needs.Add(await EndpointsAsync(declared, cancellationToken));
        }

        return needs.ToImmutable();
    }

    public Task<UnitProof> ProveAsync(ActionUnit unit, CancellationToken cancellationToken) =>
        Task.FromResult(UnitProof.None);

    public async Task<UnitState> LookAsync(ActionUnit unit, CancellationToken cancellationToken)
    {
        var (annotations, fault) = await ReadAsync(cancellationToken);
        var value = annotations?.GetValueOrDefault(Active);
        return annotations is null
            ? new UnitState("", false, fault)
            : new UnitState(value ?? "auto", value == Wanted, $"{Active}: {value ?? "(none)"}");
    }

    public Task ActAsync(ActionUnit unit, IActionTeller tell, CancellationToken cancellationToken) =>
        WriteAsync(Wanted, cancellationToken);

    public async Task<string> TakeBackAsync(ActionUnit unit, CancellationToken cancellationToken)
    {
        await WriteAsync(_before, cancellationToken);
        return "the annotation is as before";
    }

    private async Task WriteAsync(string? value, CancellationToken cancellationToken)
    {
        try
        {
            var annotations = new JsonObject { [Active] = value };
            using var answer = await _api.MergeAsync(
                Path, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } },
                cancellationToken);
        }
        catch (Exception fault) when (ApiFaults.IsOfTheWorld(fault))
        {
            throw new ActionException($"service {service} cannot be written: {fault.Message}");
        }
    }

    private async Task<(ImmutableDictionary<string, string>? Annotations, string Fault)> ReadAsync(
        CancellationToken cancellationToken)
    {
        try
        {
            using var document = await _api.GetAsync(Path, cancellationToken);
            return (ObjectMeta.Read(document.RootElement).Annotations, "");
        }
        catch (Exception fault) when (ApiFaults.IsOfTheWorld(fault))
        {
            return (null, fault.Message);
        }
    }

    /// <summary>A fallback that nobody stands behind would make it worse.</summary>
    private async Task<Need> EndpointsAsync(string declared, CancellationToken cancellationToken)
    {
        var name = declared.Split(':')[0].Split('.');
        var key = new ObjectKey(name.Length > 1 ? name[1] : service.Namespace, name[0]);
        foreach (var node in platform.Record.Nodes)
        {
            var answer = await platform.Http.GetAsync(
                new Uri(platform.Router(node), "/table.json"), cancellationToken);
            using var table = answer.Json();
            if (table is null)
            {
                continue;
            }

            var ready = table.RootElement.Items("services")
                .Where(one => one.Text("namespace") == key.Namespace && one.Text("name") == key.Name)
                .SelectMany(one => one.Items("endpoints"))
                .Count(endpoint => endpoint.Flag("ready") == true);
            return new Need($"service {key}", ready > 0, $"{ready} ready endpoints at router/{node}");
        }

        return new Need($"service {key}", false, "no router tells of its endpoints");
    }
}
