using System.Diagnostics.Metrics;
using System.Net;
using Mainstay.ApiServer.Admission;
using Mainstay.ApiServer.Auth;
using Mainstay.ApiServer.Http;
using Mainstay.ApiServer.Observation;
using Mainstay.ApiServer.Printing;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Storage;
using Mainstay.ApiServer.Watch;
using Mainstay.Etcd;
using Mainstay.Kernel.Signals;
using Microsoft.AspNetCore.Builder;

namespace Mainstay.ApiServer;

/// <summary>The parts of one API server, put together by hand: what depends on what is read here.</summary>
internal sealed record ApiServerParts(
    Dispatcher Dispatcher,
    IReadOnlyList<Func<CancellationToken, Task>> Loops,
    OwnedParts Owned,
    ILogger Logger)
{
    public static ApiServerParts Compose(WebApplication app, ApiServerSettings settings, TokenFile tokens)
    {
        var time = TimeProvider.System;
        var ids = new Ids(new Random());
        var services = app.Services;
        var logger = services.GetRequiredService<ILogger<Dispatcher>>();

        // the store
        var client = new EtcdClient(
            new EtcdClientOptions { Endpoints = settings.Etcd, CallTimeout = Limits.StoreTimeout }, time);
        var codec = new ObjectCodec(services.GetRequiredService<ILogger<ObjectCodec>>());
        var latency = new StoreLatency(time);
        var store = new ObjectStore(client, codec, latency);
        var caches = new WatchCaches(ResourceTable.All, time);
        var feed = new CacheFeed(
            client,
            store,
            caches,
            new FeedContext(codec, latency, time, services.GetRequiredService<ILogger<CacheFeed>>()));
        var leases = new EventLeases(client, time);
        var compactor = new Compactor(client, time, services.GetRequiredService<ILogger<Compactor>>());

        // writes
        var addresses = new ServiceAddresses(settings.ServiceRange, caches, ids);
        var writer = new ObjectWriter(
            store, new WriterParts(new NamespaceAdmission(store, caches), addresses, leases, ids, time));
        var objects = new OwnObjects(store, writer);
        var bootstrap = new Bootstrap(
            objects, new BootstrapParts(settings.Listen.Port, addresses.OfKubernetes, time, logger));
        var endpoints = new EndpointReconciler(
            new ApiServerLeases(client, Reached(settings.Listen)), objects, time, logger);

        // requests
        var agents = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var response = new ObjectResponse(new TableRenderer(time));
        var reading = new ReadEndpoint(store, caches, response);
        var deletion = new DeleteEndpoint(store, reading, new DeleteParts(writer, response, time));
        var router = new ResourceRouter(
            reading,
            new WatchEndpoint(
                store, caches, response, new WatchContext(time, ids.Share, logger, app.Lifetime.ApplicationStopping)),
            new WriteEndpoint(writer, response),
            deletion,
            new PodEndpoint(reading, deletion, new PodParts(store, writer, agents, time)));
        var report = new SelfReport(
            $"https://{settings.Listen}",
            new ReportSources(client, feed, caches, latency),
            new SignalBoard(time),
            time);
        client.MembershipChanged += change =>
            ApiServerLog.MembersChanged(logger, change.What, client.CurrentEndpoint);
        var plain = new PlainRouter(new Discovery(), new HealthEndpoint(caches, feed), report);
        var meters = services.GetRequiredService<IMeterFactory>();
        var metrics = new ApiServerMetrics(meters, caches, codec, feed);
        SignalMetrics.Add(meters.Create(ApiServerMetrics.MeterName), report);
        var clock = new ServerClock(time, services.GetRequiredService<ILogger<ServerClock>>());
        return new ApiServerParts(
            new Dispatcher(new Authenticator(tokens), router, plain, metrics, clock),
            [
                client.FollowAsync, feed.RunAsync, feed.ProveAsync, compactor.RunAsync, bootstrap.RunAsync,
                endpoints.RunAsync, report.RunAsync, report.Heartbeat.RunAsync,
            ],
            new OwnedParts(client, leases, agents),
            logger);
    }

    /// <summary>Where pods of this machine reach a server that listens everywhere.</summary>
    private static IPEndPoint Reached(IPEndPoint listen) =>
        listen.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, listen.Port) : listen;
}

/// <summary>What must be let go when the server ends.</summary>
internal sealed class OwnedParts(params IDisposable[] parts) : IDisposable
{
    public void Dispose()
    {
        foreach (var part in parts)
        {
            part.Dispose();
        }
    }
}
