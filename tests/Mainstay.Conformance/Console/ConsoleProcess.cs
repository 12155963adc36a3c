using System.Diagnostics;
using System.Text.RegularExpressions;
using Mainstay.Tests.Architecture;
using Mainstay.Tests.ConsoleSite;

namespace Mainstay.Conformance.ConsoleSite;

/// <summary>
/// `mainstay console` as a process of its own, on a port that the system chose, before a fake platform.
/// </summary>
internal sealed partial class ConsoleProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private ConsoleProcess(Process process, string folder, Uri address)
    {
        _process = process;
        _folder = folder;
        Address = address;
    }

    public Uri Address { get; }

    public static async Task<ConsoleProcess> StartAsync(FakePlatform platform, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("console-").FullName;
        var kubeconfig = Path.Combine(folder, "kubeconfig");
        await File.WriteAllTextAsync(kubeconfig, platform.Kubeconfig, cancellationToken);
        ConsoleFolder.Fill(folder, platform);
        string[] words =
        [
            "console", "--kubeconfig", kubeconfig, "--data-dir", Path.Combine(folder, "console"),
            "--listen", "127.0.0.1:0", "--routers", string.Join(',', platform.Routers), "--platform", folder,
        ];
        var start = new ProcessStartInfo(SourceTree.Path("mainstay"), words) { RedirectStandardOutput = true };
        var process = Process.Start(start) ?? throw new InvalidOperationException("mainstay did not start");

        // The first start may build; the line with the address ends the wait.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromMinutes(6));
        while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            if (Serves().Match(line) is { Success: true } match)
            {
                return new ConsoleProcess(process, folder, new Uri(match.Groups[1].Value));
            }
        }

        throw new InvalidOperationException($"mainstay console ended with {process.ExitCode}");
    }

    /// <summary>kill -9: the page that is open must find out by itself.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync(CancellationToken.None);
        }

        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [GeneratedRegex(@"Console serves (http://\S+)")]
    private static partial Regex Serves();
}
