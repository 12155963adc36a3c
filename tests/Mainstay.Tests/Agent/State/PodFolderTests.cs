using k8s.Models;
using Mainstay.Agent.Pods;
using Mainstay.Agent.Processes;
using Mainstay.Agent.State;

namespace Mainstay.Tests.Agent.State;

public sealed class PodFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mainstay-state").FullName;
    private readonly PodFolder _pods;

    public PodFolderTests() => _pods = new PodFolder(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_pod_and_its_processes_come_back_as_they_were_written()
    {
        var record = Record("u-1");
        var state = PodState.Fresh(PodShape.Of(record.Pod)) with
        {
            Stop = new PodStop(DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(7), "because"),
        };
        state = state.With(state["main"] with
        {
            Phase = ContainerPhase.Running,
            Attempt = 2,
            Process = new ProcessIdentity(42, 4711, "boot"),
        });
        _pods.Save(record);
        _pods.SaveRun("u-1", PodFolder.ToBytes(new PodRun(state, null)));

        var read = Assert.Single(_pods.ReadAll((_, fault) => Assert.Fail(fault)));
        var run = _pods.ReadRun("u-1");

        Assert.Equal("bank_p_u-1", read.FolderName);
        Assert.Equal(("127.17.0.5", PodSource.Api), (read.Ip, read.Source));
        Assert.Equal(state.Stop, run?.State.Stop);
        Assert.Equal(state["main"], run?.State["main"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"source":"Api","ip":"127.0.0.1","pod":null}""")]
    [InlineData(
        """{"source":"Somewhere","pod":{"metadata":{"uid":"x"},"spec":{"containers":[{"name":"a"}]}}}""")]
    public void A_broken_record_is_set_aside_and_harms_no_other(string text)
    {
        _pods.Save(Record("u-1"));
        _pods.Save(Record("u-2"));
        File.WriteAllText(Path.Combine(_pods.Root, "u-2", "pod.json"), text);
        var aside = new List<string>();

        var read = _pods.ReadAll((folder, _) => aside.Add(Path.GetFileName(folder)));

        Assert.Equal("u-1", Assert.Single(read).Uid);
        Assert.Equal(["u-2"], aside);
        Assert.Single(_pods.ReadAll((_, fault) => Assert.Fail(fault)));
    }

    private static PodRecord Record(string uid) => new(
        new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = "p", NamespaceProperty = "bank", Uid = uid },
            Spec = new V1PodSpec { Containers = [new V1Container { Name = "main", Image = "i" }] },
        },
        PodSource.Api,
        "127.17.0.5");
}
