using Mainstay.Agent.Manifests;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Agent.Manifests;

public sealed class StaticPodsTests : IDisposable
{
    private const string Good = """
        apiVersion: v1
        kind: Pod
        metadata: {name: store, namespace: kube-system}
        spec: {containers: [{name: store, image: "mainstay/store:v1"}]}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("mainstay-manifests").FullName;
    private readonly LogLines _log = new();
    private readonly StaticPods _pods;

    public StaticPodsTests() =>
        _pods = new StaticPods(new StaticPodsOptions(_folder, "node-1"), new FakeTimeProvider(), _log);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_manifest_is_a_pod_named_for_its_node_and_the_same_one_after_a_restart()
    {
        Write("store.yaml", Good);
        Assert.True(_pods.Read());
        var pod = Assert.Single(_pods.Pods);
        Assert.Equal("store-node-1", pod.Metadata.Name);
        Assert.Equal("file", pod.Metadata.Annotations["kubernetes.io/config.source"]);

        var again = new StaticPods(
            new StaticPodsOptions(_folder, "node-1"), new FakeTimeProvider(), NullLogger.Instance);
        again.Read();

        Assert.Equal(pod.Metadata.Uid, Assert.Single(again.Pods).Metadata.Uid);
    }

    [Fact]
    public void A_changed_manifest_is_another_pod_and_a_removed_one_is_none()
    {
        Write("store.yaml", Good);
        _pods.Read();
        var first = _pods.Pods[0].Metadata.Uid;
        Write("store.yaml", Good.Replace("v1\"", "v2\"", StringComparison.Ordinal));
        Assert.True(_pods.Read());
        Assert.NotEqual(first, _pods.Pods[0].Metadata.Uid);
        Assert.False(_pods.Read());

        File.Delete(Path.Combine(_folder, "store.yaml"));
        Assert.True(_pods.Read());
        Assert.Empty(_pods.Pods);
    }

    [Theory]
    [InlineData("a: [", "line ")]
    [InlineData("kind: Deployment\napiVersion: apps/v1\nmetadata: {name: x}", "not a v1 Pod")]
    [InlineData("kind: Pod\napiVersion: v1\nmetadata: {name: x}\nspec: {}", "spec.containers are required")]
    [InlineData("kind: Pod\napiVersion: v1\nmetadata: {name: x}\nspec: {containers: [{name: a}]}", "an image")]
    [InlineData("kind: Pod\napiVersion: v1\nmetadata: 5\nspec: {}", "")]
    [InlineData("", "empty")]
    public void A_broken_manifest_keeps_its_last_good_pod_and_is_named_once(string text, string expected)
    {
        Write("store.yaml", Good);
        Write("other.yaml", Good.Replace("name: store,", "name: other,", StringComparison.Ordinal));
        _pods.Read();
        Write("store.yaml", text);

        Assert.False(_pods.Read());
        Assert.False(_pods.Read());

        Assert.Equal(2, _pods.Pods.Length);
        var fault = Assert.Single(_log.Lines, line => line.StartsWith("4201", StringComparison.Ordinal));
        Assert.Contains("store.yaml", fault, StringComparison.Ordinal);
        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_vanishes_stops_nothing()
    {
        Write("store.yaml", Good);
        _pods.Read();
        Directory.Delete(_folder, recursive: true);

        Assert.False(_pods.Read());
        Assert.Single(_pods.Pods);
        Directory.CreateDirectory(_folder);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);

    private sealed class LogLines : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            Lines.Add($"{eventId.Id} {formatter(state, exception)}");
    }
}
