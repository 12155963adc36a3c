using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mainstay.Kube;

/// <summary>
/// HTTP to the API servers of one cluster: trust, credentials and deadlines from a kubeconfig. Requests go to one
/// server
/// until a caller says <see cref="Leave"/>. An answer that is no success is a <see cref="KubeStatusException"/>, a
/// deadline that passes a <see cref="TimeoutException"/>. Thread safe.
/// </summary>
public sealed class KubeHttp : IDisposable
{
    private readonly Func<HttpLine> _connect;
    private readonly Lock _renewal = new();
    private readonly ImmutableArray<Uri> _servers;
    private readonly KubeHttpOptions _options;
    private readonly BearerToken _token;
    private readonly string? _tlsServerName;
    private HttpLine _line;
    private long? _renewedAt;
    private bool _isDisposed;
    private int _current;

    private KubeHttp(Func<HttpMessageHandler> connect, Kubeconfig kubeconfig, KubeHttpOptions options)
    {
        // Deadlines are this class's own: HttpClient's would also end a watch.
        _connect = () => new HttpLine(new HttpClient(connect()) { Timeout = Timeout.InfiniteTimeSpan });
        _line = _connect();
        _servers = kubeconfig.Servers;
        _options = options;
        _tlsServerName = kubeconfig.TlsServerName;
        _token = new BearerToken(kubeconfig, options.Time);
    }

    /// <summary>The server that requests go to now.</summary>
    public Uri Server => _servers[Volatile.Read(ref _current)];

    public ImmutableArray<Uri> Servers => _servers;

    /// <exception cref="KubeconfigException">a certificate or key in it cannot be read</exception>
    public static KubeHttp Create(Kubeconfig kubeconfig, KubeHttpOptions? options = null)
    {
        options ??= new KubeHttpOptions();
        var tls = Tls(kubeconfig);
        return new KubeHttp(Connect, kubeconfig, options);

        HttpMessageHandler Connect() => new SocketsHttpHandler
        {
            ConnectTimeout = options.ConnectTimeout,
            // Half-open connections are found by pings; HTTP/1.1 ones by the deadlines of their readers.
            KeepAlivePingDelay = options.PingDelay,
            KeepAlivePingTimeout = options.PingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            EnableMultipleHttp2Connections = true,
            UseProxy = false,
            AllowAutoRedirect = false,
            SslOptions = tls,
        };
    }

    /// <summary>
    /// Turns to the next server, if <paramref name="server"/> is still the one in use and not the only one: of several
    /// who found it at fault the first one turns. So read <see cref="Server"/> before the request, not after it failed.
    /// </summary>
    /// <param name="server">the one to leave</param>
    /// <param name="to">
    /// one of <see cref="Servers"/> that is known to answer: it is turned to in any case, for of where others may have
    /// turned meanwhile nobody knows that; null for the one after it
    /// </param>
    public void Leave(Uri server, Uri? to = null)
    {
        var current = Volatile.Read(ref _current);
        var wanted = to is null ? -1 : _servers.IndexOf(to);
        if (wanted >= 0 || _servers[current] == server)
        {
            var next = wanted >= 0 ? wanted : (current + 1) % _servers.Length;
            Interlocked.CompareExchange(ref _current, next, current);
        }
    }

    /// <summary>
    /// New requests take new connections, for the old ones may be open and mute. Streams that are out go on where they
    /// are until their readers end them, and requests that are being sent until their deadlines. At most once a
    /// second, else nothing happens.
    /// </summary>
    public void Renew()
    {
        lock (_renewal)
        {
            var isRecent = _renewedAt is { } at && _options.Time.GetElapsedTime(at) < TimeSpan.FromSeconds(1);
            if (_isDisposed || isRecent)
            {
                return;
            }
            _renewedAt = _options.Time.GetTimestamp();
            var former = _line;
            Volatile.Write(ref _line, _connect());
            former.Exit();
        }
    }

    /// <param name="path">path and query, such as <c>/api/v1/pods?limit=1</c></param>
    public Task<JsonDocument> GetAsync(string path, CancellationToken cancellationToken) =>
        AnswerAsync(new KubeRequest(HttpMethod.Get, path), cancellationToken);

    public Task<JsonDocument> CreateAsync(string path, JsonNode body, CancellationToken cancellationToken) =>
        AnswerAsync(new KubeRequest(HttpMethod.Post, path) { Body = body }, cancellationToken);

    public Task<JsonDocument> ReplaceAsync(string path, JsonNode body, CancellationToken cancellationToken) =>
        AnswerAsync(new KubeRequest(HttpMethod.Put, path) { Body = body }, cancellationToken);

    /// <summary>A merge patch (RFC 7386): fields not named survive, null removes, a list replaces the list.</summary>
    public Task<JsonDocument> MergeAsync(string path, JsonNode patch, CancellationToken cancellationToken) =>
        AnswerAsync(
            new KubeRequest(HttpMethod.Patch, path) { Body = patch, ContentType = KubeRequest.MergePatch },
            cancellationToken);

    /// <param name="path">path and query of the object</param>
    /// <param name="options">DeleteOptions: propagationPolicy, preconditions, gracePeriodSeconds; null for none</param>
    /// <param name="cancellationToken">ends the request</param>
    public Task<JsonDocument> DeleteAsync(string path, JsonNode? options, CancellationToken cancellationToken) =>
        AnswerAsync(new KubeRequest(HttpMethod.Delete, path) { Body = options }, cancellationToken);

    /// <summary>
    /// Sends and reads the whole answer, all within the request's timeout or <see
    /// cref="KubeHttpOptions.RequestTimeout"/>.
    /// </summary>
    public async Task<JsonDocument> AnswerAsync(KubeRequest request, CancellationToken cancellationToken)
    {
        var limit = request.Timeout ?? _options.RequestTimeout;
        using var deadline = new CancellationTokenSource(limit, _options.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var response = await SendAsync(request, request.Server ?? Server, both.Token);
            await response.Content.LoadIntoBufferAsync(request.AnswerBytesMax, both.Token);
            var body = await response.Content.ReadAsStreamAsync(both.Token);
            return await JsonDocument.ParseAsync(body, default, both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TooLate(request, "no answer", limit);
        }
    }

    /// <summary>Sends, and returns once the headers are there: for streams. The caller disposes the response.</summary>
    public async Task<HttpResponseMessage> OpenAsync(KubeRequest request, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.HeadersTimeout, _options.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await SendAsync(request, request.Server ?? Server, both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TooLate(request, "no headers", _options.HeadersTimeout);
        }
    }

    public void Dispose()
    {
        lock (_renewal)
        {
            _isDisposed = true;
            _line.Dispose();
        }
    }

    private static TimeoutException TooLate(KubeRequest request, string what, TimeSpan limit) =>
        new($"{request.Method} {request.Path}: {what} within {limit.TotalSeconds:0.#} s");

    private async Task<HttpResponseMessage> SendAsync(
        KubeRequest request, Uri server, CancellationToken cancellationToken)
    {
        using var message = request.ToMessage(server, _options.UserAgent);
        if (server.Scheme == Uri.UriSchemeHttps)
        {
            message.Version = _options.HttpVersion;
            message.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
            // The handler takes the name to expect in the certificate from here, and from nowhere else.
            message.Headers.Host = _tlsServerName;
        }
        if (_token.Current() is { } token)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        var response = await SendAsync(message, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }
        using (response)
        {
            throw await KubeStatusException.ReadAsync(request, response, cancellationToken);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        while (true)
        {
            var line = Volatile.Read(ref _line);
            // Left just now: then there is a newer one.
            if (line.TryEnter() is not { } client)
            {
                continue;
            }
            try
            {
                return await client.SendAsync(
                    message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            }
            finally
            {
                line.Exit();
            }
        }
    }

    [SuppressMessage("Security", "CA5359", Justification = "only for insecure-skip-tls-verify: the owner's own words")]
    private static SslClientAuthenticationOptions Tls(Kubeconfig kubeconfig)
    {
        var options = new SslClientAuthenticationOptions();
        try
        {
            if (kubeconfig.InsecureSkipTlsVerify)
            {
                options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
            }
            else if (kubeconfig.CertificateAuthorityPem is { } authorities)
            {
                var policy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                };
                policy.CustomTrustStore.ImportFromPem(authorities);
                options.CertificateChainPolicy = policy;
            }
            if (kubeconfig is { ClientCertificatePem: { } certificate, ClientKeyPem: { } key })
            {
                options.ClientCertificates = [X509Certificate2.CreateFromPem(certificate, key)];
            }
        }
        catch (System.Security.Cryptography.CryptographicException fault)
        {
            throw new KubeconfigException($"its certificates or keys cannot be read: {fault.Message}");
        }
        return options;
    }
}

/// <summary>How requests are made. Times are upper bounds.</summary>
public sealed record KubeHttpOptions
{
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>From sending to the last byte of an answer that is no stream.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>From sending to the headers of a stream.</summary>
    public TimeSpan HeadersTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Silence on an HTTP/2 connection before it is pinged.</summary>
    public TimeSpan PingDelay { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Silence after a ping before the connection is given up.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The highest version to ask for over TLS; without TLS it is always 1.1.</summary>
    public Version HttpVersion { get; init; } = System.Net.HttpVersion.Version20;

    public string UserAgent { get; init; } = "mainstay";

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
