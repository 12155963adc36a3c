using System.Text.Json;
using Mainstay.Kernel;
using Mainstay.Kube;
using Mainstay.Router.Discovery;
using Mainstay.Router.Pipeline;
using Microsoft.Extensions.Logging;

namespace Mainstay.Router;

/// <summary>
/// Where the table and the local pods come from: the API server and the agent, the disk, or a static file.
/// </summary>
internal sealed class Sources : IDisposable
{
    private readonly RouterOptions _options;

    private Sources(RouterOptions options, IDiscovery discovery)
    {
        _options = options;
        Discovery = discovery;
    }

    public TableSource Tables { get; } = new();

    public IDiscovery Discovery { get; }

    public static Sources Create(RouterOptions options, ILogger logger, TimeProvider time)
    {
        return new Sources(options, new StaticDiscovery(options.TableFile ?? ""));
    }

    public async Task LoadAsync()
    {
        if (_options.TableFile is { } file)
        {
            Tables.Publish(await ReadStaticAsync(file));
        }
    }

    public IEnumerable<Task> Run(Listeners listeners, CancellationToken cancellationToken) => _options.TableFile is null ? [] : [];

    public void Dispose()
    {
    }

    private static async Task<RouteTable> ReadStaticAsync(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(file));
            return new RouteTable(TableJson.Read(document.RootElement), 1);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException or MalformedObjectException)
        {
            throw new StartException($"the table {file} cannot be read: {fault.Message}", "mend the file");
        }
    }
}
