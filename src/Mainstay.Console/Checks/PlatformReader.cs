using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Checks;

/// <summary>Reads the parts of a platform, each with a deadline; what does not answer is told as such.</summary>
public sealed class PlatformReader(PlatformMap map, TimeProvider time)
{
    /// <param name="dataFolder">the folder whose disk is looked at; null for none</param>
    /// <param name="cancellationToken">ends the reading</param>
    public async Task<PlatformFacts> ReadAsync(string? dataFolder, CancellationToken cancellationToken)
    {
        var signals = SignalLook.OnceAsync(map, time, cancellationToken);
        var proofs = ReadProofsAsync(cancellationToken);
        var store = ReadStoreAsync(cancellationToken);
        await Task.WhenAll(signals, proofs, store);
        return new PlatformFacts(await signals, await proofs, await store, DiskOf(dataFolder));
    }

    public async Task<ImmutableArray<PartProof>> ReadProofsAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
        {
            Timeout = Limits.LookDeadline,
            MaxResponseContentBufferSize = Limits.SignalsBytesMax,
        };
        var parts = map.Parts.Where(part => part.Kind is PartKind.Router or PartKind.Agent);
        return [.. await Task.WhenAll(parts.Select(part => ReadProofAsync(http, part, cancellationToken)))];
    }

    /// <summary>From the first API server that answers; they all see the same members.</summary>
    public async Task<StoreView> ReadStoreAsync(CancellationToken cancellationToken)
    {
        var why = "no API server is known";
        foreach (var part in map.Parts.Where(part => part.Kind == PartKind.Api))
        {
            try
            {
                using var api = KubeHttp.Create(
                    (map.Credentials ?? new Kubeconfig { Servers = [] }) with { Servers = [part.Address] },
                    new KubeHttpOptions
                    {
                        ConnectTimeout = Limits.LookDeadline,
                        RequestTimeout = Limits.LookDeadline,
                        Time = time,
                    });
                using var json = await api.GetAsync("/mainstay/store.json", cancellationToken);
                return StoreView.Read(json.RootElement);
            }
            catch (Exception fault) when (IsOfTheWorld(fault, cancellationToken))
            {
                why = $"{part.Subject}: {fault.GetBaseException().Message}";
            }
        }

        return new StoreView([], 0, why);
    }

    private static async Task<PartProof> ReadProofAsync(
        HttpClient http, PlatformPart part, CancellationToken cancellationToken)
    {
        try
        {
            var text = await http.GetByteArrayAsync(new Uri(part.Address, "/proof.json"), cancellationToken);
            using var json = JsonDocument.Parse(text);
            var root = json.RootElement;
            var age = root.Field("ageSeconds") is { ValueKind: JsonValueKind.Number } number
                ? TimeSpan.FromSeconds(Math.Clamp(number.GetDouble(), 0, 1e9))
                : (TimeSpan?)null;
            return new PartProof(part, root.Text("result"), age, root.Text("reason"));
        }
        catch (Exception fault) when (IsOfTheWorld(fault, cancellationToken))
        {
            return new PartProof(part, "", null, fault.GetBaseException().Message);
        }
    }

    private static bool IsOfTheWorld(Exception fault, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && fault is HttpRequestException or TimeoutException or JsonException
            or OperationCanceledException or IOException or KubeStatusException or MalformedObjectException;

    private static DiskSpace? DiskOf(string? folder)
    {
        try
        {
            return folder is null ? null : DiskOf(new DriveInfo(folder), folder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static DiskSpace DiskOf(DriveInfo drive, string folder) =>
        new(folder, drive.AvailableFreeSpace, drive.TotalSize);
}
