using System.Globalization;
using System.Net;
using Mainstay.Router.Discovery;
using Mainstay.Router.Pipeline;

namespace Mainstay.Router.Proof;

/// <summary>
/// One call through a pipeline of the throw-away instance's own, on a loopback port that the kernel chooses. Whatever
/// an endpoint answers proves that routing works; the router's own answers do not.
/// </summary>
internal static class ProbeCall
{
    /// <returns>null when an endpoint answered or nobody could be asked; else why not, in one line</returns>
    public static async Task<string?> TryAsync(
        RouteTable table, TimeProvider time, CancellationToken cancellationToken)
    {
        var candidates = Candidates(table).Take(ProofLimits.ProbeServicesMax).ToArray();
        if (candidates.Length == 0)
        {
            return null;
        }

        var tables = new TableSource();
        tables.Publish(table);
        var settings = CallSettings.From(new RouterOptions());
        var world = new RouterWorld(time, new Random());
        using var loop = new RouterLoop(tables, new ServiceNames("cluster.local"), settings, world);
        var thread = LoopThread.Start(loop.Events, "proof");
        var listeners = new Listeners([loop], [thread]);
        try
        {
            await listeners.OpenOrThrowAsync(new IPEndPoint(IPAddress.Loopback, 0));
            var answers = candidates.Select(host => AskAsync(listeners.Addresses[0], host, time, cancellationToken));
            var faults = await Task.WhenAll(answers);
            return faults.Any(fault => fault is null)
                ? null
                : $"no endpoint answered a probe call: {string.Join("; ", faults)}";
        }
        finally
        {
            thread.Stop();
            await thread.Ended.ContinueWith(_ => { }, TaskScheduler.Default);
            listeners.CloseAfterTheLoops();
        }
    }

    /// <summary>
    /// Names of services with an endpoint to call, those first that most likely speak HTTP, each by its port.
    /// </summary>
    internal static IEnumerable<string> Candidates(RouteTable table) =>
        from service in table.Services
        where service.Namespace != "kube-system" && (service.Namespace, service.Name) != ("default", "kubernetes")
        from port in service.Ports
        where port.Port != 443 && port.Endpoints.Any(endpoint => endpoint.Ready)
        orderby Likelihood(port)
        select string.Create(
            CultureInfo.InvariantCulture, $"{service.Name}.{service.Namespace}.svc.cluster.local:{port.Port}");

    private static int Likelihood(PortRoute port) =>
        port.Name.StartsWith("http", StringComparison.Ordinal) ? 0 : port.Port is 80 or 8080 ? 1 : 2;

    private static async Task<string?> AskAsync(
        IPEndPoint address, string host, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(ProofLimits.ProbeDeadline, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{address}/");
        request.Headers.Host = host;
        request.Headers.UserAgent.ParseAdd("mainstay-proof");
        try
        {
            const HttpCompletionOption HeadOnly = HttpCompletionOption.ResponseHeadersRead;
            using var response = await client.SendAsync(request, HeadOnly, both.Token);
            return response.Headers.TryGetValues("mainstay-router-error", out var words)
                ? $"{host}: {string.Join(' ', words)}"
                : null;
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return $"{host}: {fault.Message}";
        }
    }
}
