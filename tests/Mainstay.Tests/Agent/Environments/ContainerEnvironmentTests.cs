using System.Collections.Immutable;
using System.Text;
using k8s.Models;
using Mainstay.Agent.Environments;

namespace Mainstay.Tests.Agent.Environments;

public sealed class ContainerEnvironmentTests
{
    private static readonly V1Pod Pod = new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = "p",
            NamespaceProperty = "bank",
            Uid = "u-1",
            Labels = new Dictionary<string, string> { ["app"] = "payments" },
        },
        Spec = new V1PodSpec { Containers = [] },
    };

    private readonly Configs _configs = new();

    [Fact]
    public async Task Later_layers_win_and_values_may_use_earlier_ones()
    {
        _configs.Add(ConfigKind.ConfigMap, "settings", ("A", "map"), ("B", "map"));
        var container = new V1Container
        {
            Name = "c",
            EnvFrom =
            [
                new V1EnvFromSource { Prefix = "X_", ConfigMapRef = new V1ConfigMapEnvSource { Name = "settings" } },
            ],
            Env =
            [
                new V1EnvVar { Name = "X_A", Value = "env" },
                new V1EnvVar { Name = "URL", Value = "http://$(POD_IP)/$(X_B)" },
                new V1EnvVar { Name = "APP", ValueFrom = Field("metadata.labels['app']") },
            ],
        };
        var layers = new EnvironmentLayers(
            [new("PATH", "/host"), new("HOME", "/root")], [new("PATH", "/image")], [new("POD_IP", "127.17.0.5")]);

        var environment = await BuildAsync(container, layers);

        Assert.Equal("/image", environment["PATH"]);
        Assert.Equal("/root", environment["HOME"]);
        Assert.Equal("env", environment["X_A"]);
        Assert.Equal("http://127.17.0.5/map", environment["URL"]);
        Assert.Equal("payments", environment["APP"]);
    }

    [Fact]
    public async Task A_missing_object_or_key_is_named_unless_it_is_optional()
    {
        _configs.Add(ConfigKind.Secret, "keys", ("present", "1"));
        V1Container Wants(string name, string key, bool optional) => new()
        {
            Name = "c",
            Env =
            [
                new V1EnvVar
                {
                    Name = "V",
                    ValueFrom = new V1EnvVarSource
                    {
                        SecretKeyRef = new V1SecretKeySelector { Name = name, Key = key, Optional = optional },
                    },
                },
            ],
        };
        var none = new EnvironmentLayers([], [], []);

        var noObject = await Assert.ThrowsAsync<ContainerStartException>(
            () => BuildAsync(Wants("none", "k", false), none));
        var noKey = await Assert.ThrowsAsync<ContainerStartException>(
            () => BuildAsync(Wants("keys", "absent", false), none));

        Assert.Equal("CreateContainerConfigError", noObject.Reason);
        Assert.Equal("secret \"none\" not found in namespace bank", noObject.Message);
        Assert.Equal("couldn't find key absent in Secret bank/keys", noKey.Message);
        Assert.False((await BuildAsync(Wants("none", "k", true), none)).ContainsKey("V"));
        Assert.Equal("1", (await BuildAsync(Wants("keys", "present", false), none))["V"]);
    }

    [Fact]
    public async Task Nothing_changes_the_mark_by_which_a_process_is_found()
    {
        var container = new V1Container
        {
            Name = "c",
            Env = [new V1EnvVar { Name = "MAINSTAY_CONTAINER_ID", Value = "other" }],
        };

        var environment = await BuildAsync(
            container, new EnvironmentLayers([], [], [new("MAINSTAY_CONTAINER_ID", "u-1/c/0")]));

        Assert.Equal("u-1/c/0", environment["MAINSTAY_CONTAINER_ID"]);
    }

    private Task<IReadOnlyDictionary<string, string>> BuildAsync(V1Container container, EnvironmentLayers layers) =>
        new ContainerEnvironment(new PodPlace(Pod, "127.17.0.5", "127.17.0.1", "node-1"), _configs)
            .BuildAsync(container, layers, TestContext.Current.CancellationToken);

    private static V1EnvVarSource Field(string path) =>
        new() { FieldRef = new V1ObjectFieldSelector { FieldPath = path } };

    private sealed class Configs : IConfigSource
    {
        private readonly Dictionary<ConfigKey, ConfigEntries> _known = [];

        public void Add(ConfigKind kind, string name, params (string Key, string Value)[] entries) =>
            _known[new ConfigKey(kind, "bank", name)] = new ConfigEntries(entries.ToImmutableSortedDictionary(
                entry => entry.Key, entry => Encoding.UTF8.GetBytes(entry.Value).ToImmutableArray()));

        public Task<ConfigEntries?> FindAsync(ConfigKey key, CancellationToken cancellationToken) =>
            Task.FromResult(_known.GetValueOrDefault(key));

        public Task<string> TokenAsync(TokenRequest request, CancellationToken cancellationToken) =>
            Task.FromResult("token");
    }
}
