namespace Mainstay.Conformance.Platform;

/// <summary>
/// Takes parts of the control plane away for as long as a test wants: their static manifests are moved aside, so that
/// the
/// agent does not start them again, and their processes are killed with SIGKILL.
/// </summary>
internal sealed class ControlPlaneHold(RunningPlatform platform, int node) : IDisposable
{
    private readonly List<string> _held = [];

    private string Manifests => Path.Combine(platform.Data, "nodes", $"node-{node}", "manifests");

    public async Task KillAsync(string[] parts, CancellationToken cancellationToken)
    {
        foreach (var part in parts)
        {
            File.Move(Path.Combine(Manifests, $"{part}.yaml"), Aside(part));
            _held.Add(part);
        }

        var doomed = platform.Processes()
            .Where(process => parts.Any(
                part => process.CommandLine.Contains($"mainstay {part} ", StringComparison.Ordinal)))
            .ToList();
        Assert.Equal(parts.Length, doomed.Count);
        await Task.WhenAll(doomed.Select(process => process.KillAsync(cancellationToken)));
    }

    public void Release()
    {
        foreach (var part in _held)
        {
            File.Move(Aside(part), Path.Combine(Manifests, $"{part}.yaml"));
        }

        _held.Clear();
    }

    public void Dispose() => Release();

    private string Aside(string part) => Path.Combine(platform.Data, $"held-{part}");
}
