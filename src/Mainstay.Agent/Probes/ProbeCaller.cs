using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using k8s.Models;
using Mainstay.Agent.Processes;

namespace Mainstay.Agent.Probes;

/// <summary>What one call found.</summary>
internal sealed record ProbeResult(bool Succeeded, string Message);

/// <summary>What a probe or a hook is called on.</summary>
/// <param name="Ip">the pod's address</param>
/// <param name="Leader">the container's process, whose environment and folder a command takes over</param>
/// <param name="OutputFile">where a command writes</param>
internal sealed record ProbeTarget(V1Container Container, string Ip, ProcessIdentity Leader, string OutputFile);

/// <summary>Calls a container: HTTP, TCP or a command, each within a time. Thread safe.</summary>
internal sealed class ProbeCaller : IDisposable
{
    private readonly ExitWatcher _exits;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    public ProbeCaller(ExitWatcher exits, TimeProvider time)
    {
        _exits = exits;
        _time = time;
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            // A new connection each time, as the kubelet does: a probe must also see that connections can be opened.
            PooledConnectionLifetime = TimeSpan.Zero,
            SslOptions = TlsWithoutNames(),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public void Dispose() => _http.Dispose();

    public Task<ProbeResult> CallAsync(
        V1Probe probe, ProbeTarget target, TimeSpan timeout, CancellationToken cancellationToken) =>
        CallAsync(new Call(probe.HttpGet, probe.TcpSocket, probe.Exec), target, timeout, cancellationToken);

    public Task<ProbeResult> CallAsync(
        V1LifecycleHandler hook, ProbeTarget target, TimeSpan timeout, CancellationToken cancellationToken) =>
        hook.Sleep is { } sleep
            ? SleepAsync(TimeSpan.FromSeconds(sleep.Seconds), timeout, cancellationToken)
            : CallAsync(new Call(hook.HttpGet, hook.TcpSocket, hook.Exec), target, timeout, cancellationToken);

    private async Task<ProbeResult> CallAsync(
        Call call, ProbeTarget target, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return call switch
            {
                { Http: { } http } => await HttpAsync(http, target, both.Token),
                { Tcp: { } tcp } => await TcpAsync(tcp, target, both.Token),
                { Exec: { } exec } => await ExecAsync(exec, target, both.Token),
                _ => new ProbeResult(false, "there is neither httpGet, tcpSocket nor exec"),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ProbeResult(false, $"no answer within {timeout.TotalSeconds:0.###} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or UriFormatException)
        {
            return new ProbeResult(false, e.InnerException?.Message ?? e.Message);
        }
        catch (Exception e) when (e is SpawnException or FormatException)
        {
            return new ProbeResult(false, e.Message);
        }
    }

    private async Task<ProbeResult> HttpAsync(
        V1HTTPGetAction http, ProbeTarget target, CancellationToken cancellationToken)
    {
        var scheme = http.Scheme is { Length: > 0 } given ? given.ToLowerInvariant() : "http";
        var host = http.Host is { Length: > 0 } named ? named : target.Ip;
        var path = http.Path is { Length: > 0 } asked ? asked : "/";
        var address = new Uri($"{scheme}://{host}:{PortOf(http.Port, target.Container)}/{path.TrimStart('/')}");
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("User-Agent", "mainstay-probe");
        request.Headers.ConnectionClose = true;
        foreach (var header in http.HttpHeaders ?? [])
        {
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        using var response = await _http.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        var code = (int)response.StatusCode;
        return new ProbeResult(code is >= 200 and < 400, $"GET {address} answered {code}");
    }

    private static async Task<ProbeResult> TcpAsync(
        V1TCPSocketAction tcp, ProbeTarget target, CancellationToken cancellationToken)
    {
        var host = tcp.Host is { Length: > 0 } named ? named : target.Ip;
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(host, PortOf(tcp.Port, target.Container), cancellationToken);
        return new ProbeResult(true, "connected");
    }

    private async Task<ProbeResult> ExecAsync(
        V1ExecAction exec, ProbeTarget target, CancellationToken cancellationToken)
    {
        var environment = ProcFs.EnvironmentOf(target.Leader);
        var folder = ProcFs.FolderOf(target.Leader);
        if (environment is null || folder is null || exec.Command is not { Count: > 0 } command)
        {
            return new ProbeResult(false, "there is no process or no command");
        }

        const string pathName = "PATH=";
        var searchPath = environment.LastOrDefault(v => v.StartsWith(pathName, StringComparison.Ordinal)) ?? pathName;
        if (ExecutablePath.Find(command[0], folder, searchPath[pathName.Length..]) is not { } executable)
        {
            return new ProbeResult(false, $"there is no program {command[0]}");
        }

        File.Delete(target.OutputFile);
        var pid = PosixSpawn.Start(new SpawnRequest(executable, [.. command], environment, folder, target.OutputFile));
        var leader = ProcFs.Identify(pid) ?? new ProcessIdentity(pid, 0, ProcFs.BootId);
        var session = new Session(leader, Mark: "");
        var exit = await WaitAsync(session, cancellationToken);
        return exit.Code == 0
            ? new ProbeResult(true, "")
            : new ProbeResult(false, $"{command[0]} ended with {exit.ShellCode}: {ReadOutput(target.OutputFile)}");
    }

    /// <summary>A command that is late is ended, and then waited for: it leaves nothing behind.</summary>
    private async Task<ProcessExit> WaitAsync(Session session, CancellationToken cancellationToken)
    {
        var exit = _exits.Watch(session);
        try
        {
            return await exit.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            session.Kill();
            await exit;
            throw;
        }
    }

    private async Task<ProbeResult> SleepAsync(TimeSpan sleep, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await Task.Delay(sleep < timeout ? sleep : timeout, _time, cancellationToken);
        return new ProbeResult(true, "");
    }

    private static string ReadOutput(string file)
    {
        using var output = new StreamReader(file);
        var text = new char[Limits.ProbeOutputBytesMax];
        return new string(text, 0, output.ReadBlock(text, 0, text.Length)).Trim();
    }

    private static int PortOf(IntOrString port, V1Container container)
    {
        string text = port;
        if (int.TryParse(text, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        return container.Ports?.FirstOrDefault(candidate => candidate.Name == text)?.ContainerPort
            ?? throw new FormatException($"container \"{container.Name}\" has no port named \"{text}\"");
    }

    /// <summary>A probe over HTTPS asks whether the pod answers, not who it is; so does the kubelet.</summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage(
        "Security", "CA5359", Justification = "as the kubelet: a certificate names a service, never an address")]
    private static SslClientAuthenticationOptions TlsWithoutNames() =>
        new() { RemoteCertificateValidationCallback = (_, _, _, _) => true };

    private sealed record Call(V1HTTPGetAction? Http, V1TCPSocketAction? Tcp, V1ExecAction? Exec);
}
