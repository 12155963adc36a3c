using System.Net;
using k8s.Models;
using Mainstay.Agent.State;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Agent.State;

/// <summary>A proof reads the agent's state while the agent writes it.</summary>
public sealed class PodFolderPeekTests : IDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("peek-").FullName;
    private readonly FakeTimeProvider _time = new();
    private readonly PodFolder _folder;
    private readonly List<string> _broken = [];

    public PodFolderPeekTests()
    {
        _folder = new PodFolder(_state);
        _folder.Save(Record("whole"));
        Directory.CreateDirectory(Path.Combine(_folder.Root, "half"));
    }

    public void Dispose() => Directory.Delete(_state, recursive: true);

    [Fact]
    public async Task A_pod_that_is_half_written_is_waited_for()
    {
        var peek = PeekAsync();
        Assert.False(peek.IsCompleted);
        _folder.Save(Record("half"));
        _time.Advance(PodFolder.PeekPause);

        Assert.Equal(["half", "whole"], (await peek).Select(record => record.Uid).Order());
        Assert.Empty(_broken);
    }

    [Fact]
    public async Task A_pod_that_is_half_forgotten_is_none()
    {
        var peek = PeekAsync();
        _folder.Forget("half");
        _time.Advance(PodFolder.PeekPause);

        Assert.Equal(["whole"], (await peek).Select(record => record.Uid));
        Assert.Empty(_broken);
    }

    [Fact]
    public async Task A_pod_that_stays_unreadable_is_told_once_and_the_others_are_read()
    {
        var peek = PeekAsync();
        while (!peek.IsCompleted)
        {
            _time.Advance(PodFolder.PeekPause);
            await Task.Yield();
        }

        Assert.True(_time.GetUtcNow() - _time.Start >= PodFolder.PeekPause * (PodFolder.PeeksMax - 1));

        Assert.Equal(["whole"], (await peek).Select(record => record.Uid));
        Assert.Equal([Path.Combine(_folder.Root, "half")], _broken);
    }

    private Task<IReadOnlyList<PodRecord>> PeekAsync() => _folder.PeekAsync(
        (folder, _) => _broken.Add(folder), _time, TestContext.Current.CancellationToken);

    private static PodRecord Record(string uid) => new(
        new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = uid, NamespaceProperty = "bank", Uid = uid },
            Spec = new V1PodSpec { Containers = [new V1Container { Name = "main", Image = "test/sleeper:v1" }] },
        },
        PodSource.Api,
        IPAddress.Loopback.ToString());
}
