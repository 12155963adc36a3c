using System.Net;
using System.Security.Cryptography.X509Certificates;
using Mainstay.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mainstay.Drills.Faults;

/// <summary>Where a proxy stands.</summary>
public sealed record ApiProxyOptions
{
    /// <summary>The API server behind it, http or https.</summary>
    public required Uri Upstream { get; init; }

    /// <summary>Where it listens; port 0 takes any free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>
    /// The folder of <c>ca.crt</c> and <c>ca.key</c> that sign its certificate and that the server behind it is
    /// trusted by. Null: the certificate is signed by itself and the server behind is not checked, which is for tests
    /// on loopback addresses only.
    /// </summary>
    public string? PkiFolder { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>
/// A proxy before one Kubernetes API server, TLS on both sides, HTTP/1.1 and HTTP/2 towards clients as they come, that
/// makes the faults which are switched on. With none on, it passes every byte of both bodies as it came; of the headers
/// it drops those of one hop, and Accept-Encoding. Thread safe.
/// </summary>
public sealed class ApiProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpMessageInvoker _upstream;
    private readonly ApiRelay _relay;
    private readonly X509Certificate2 _certificate;

    private ApiProxy(ApiProxyOptions options)
    {
        _certificate = ApiProxyCertificate.Create(
            options.PkiFolder, options.Listen.Address, options.Time.GetUtcNow());
        _upstream = new HttpMessageInvoker(Handler(options));
        _relay = new ApiRelay(_upstream, options.Upstream, Faults, options.Time);
        _app = Build(options, _certificate);
        _app.Run(_relay.RelayAsync);
    }

    /// <summary>The faults; switched at any time.</summary>
    public ApiFaultSwitch Faults { get; } = new();

    /// <summary>Where clients reach it.</summary>
    public Uri Url => new(_app.Urls.First());

    /// <summary>Its own certificate as PEM: what to trust where there is no <c>PkiFolder</c>.</summary>
    public string CertificatePem => _certificate.ExportCertificatePem();

    /// <summary>Watches that are open through it now.</summary>
    public int OpenWatches => _relay.OpenWatches;

    /// <exception cref="StartException">the address is taken</exception>
    public static async Task<ApiProxy> StartAsync(ApiProxyOptions options, CancellationToken cancellationToken)
    {
        var proxy = new ApiProxy(options);
        try
        {
            await proxy._app.StartAsync(cancellationToken);
            return proxy;
        }
        catch (IOException fault)
        {
            await proxy.DisposeAsync();
            throw new StartException(
                $"the fault proxy cannot listen on {options.Listen}: {fault.Message}",
                "stop what listens there or choose another address");
        }
    }

    /// <summary>Cuts every watch that is open now: its client begins anew, and meets the faults that are on.</summary>
    public void CutWatches() => _relay.CutWatches();

    public async ValueTask DisposeAsync()
    {
        Faults.Clear();
        _relay.CutWatches();
        await _app.DisposeAsync();
        _upstream.Dispose();
        _certificate.Dispose();
    }

    private static SocketsHttpHandler Handler(ApiProxyOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = Limits.ConnectTimeout,
            EnableMultipleHttp2Connections = true,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
        };
        if (options.PkiFolder is { } folder)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.ImportFromPemFile(Path.Combine(folder, "ca.crt"));
            handler.SslOptions.CertificateChainPolicy = policy;
        }
        else
        {
            TrustAny(handler);
        }

        return handler;
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage(
        "Security", "CA5359", Justification = "a server of a test, on a loopback address, without an authority")]
    private static void TrustAny(SocketsHttpHandler handler) =>
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;

    private static WebApplication Build(ApiProxyOptions options, X509Certificate2 certificate)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Limits.ProxyStopGrace);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = Limits.RequestBytesMax;
            kestrel.Limits.MinResponseDataRate = null; // a mute stream is what it is for
            kestrel.Limits.Http2.MaxStreamsPerConnection = Limits.StreamsPerConnectionMax;
            kestrel.Listen(options.Listen, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(certificate);
            });
        });
        return builder.Build();
    }
}
