using System.Text.Json;
using System.Text.Json.Serialization;
using Mainstay.ConsoleSite.Cluster;
using Microsoft.Extensions.Logging;

namespace Mainstay.ConsoleSite.Memory;

/// <summary>
/// The cluster as it was last seen, on disk: what a console shows that starts while the API server is down. A file that
/// cannot be read is told and not used; it is written over by the next good state.
/// </summary>
internal sealed class LastKnown(string folder, ILogger<LastKnown> logger)
{
    private readonly string _file = Path.Combine(folder, "last-known.json");
    private DateTimeOffset? _savedHeardAt;
    private bool _failing;

    public ClusterView Load()
    {
        try
        {
            if (!File.Exists(_file))
            {
                return new ClusterView { FromDisk = true };
            }

            var view = JsonSerializer.Deserialize(File.ReadAllBytes(_file), MemoryJson.Default.ClusterView)
                ?? throw new JsonException("it is the JSON null");

            // Written by us, but read after who knows what: an absent list is an empty one.
            view = view with
            {
                Nodes = view.Nodes.IsDefault ? [] : view.Nodes,
                Services = view.Services.IsDefault ? [] : view.Services,
                Revisions = view.Revisions.IsDefault ? [] : view.Revisions,
                Quarantined = view.Quarantined.IsDefault ? [] : view.Quarantined,
                FromDisk = true,
            };
            if (view.HeardAt is { } at)
            {
                logger.LastKnown(at);
            }

            return view;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            logger.CannotLoad(_file, fault.Message);
            return new ClusterView { FromDisk = true };
        }
    }

    /// <summary>Keeps a view that came from the API server; one that is no newer than what is kept is left.</summary>
    public void Save(ClusterView view)
    {
        if (view.FromDisk || view.HeardAt is null || view.HeardAt <= _savedHeardAt)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(folder);
            var next = $"{_file}.new";
            File.WriteAllBytes(next, JsonSerializer.SerializeToUtf8Bytes(view, MemoryJson.Default.ClusterView));
            File.Move(next, _file, overwrite: true);
            (_savedHeardAt, _failing) = (view.HeardAt, false);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // A full disk must not end the one program that shows what is wrong.
            if (!_failing)
            {
                logger.CannotSave(_file, fault.Message);
                _failing = true;
            }
        }
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ClusterView))]
internal sealed partial class MemoryJson : JsonSerializerContext;
