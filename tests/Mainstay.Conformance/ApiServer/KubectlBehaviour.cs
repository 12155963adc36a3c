namespace Mainstay.Conformance.ApiServer;

/// <summary>What an unmodified kubectl does, and must do the same against our API server and the real one.</summary>
public abstract class KubectlBehaviour(ApiServerFixture fixture)
{
    private const string Web =
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, labels: {app: web}}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - {name: web, image: "bank/web:v1", ports: [{name: http, containerPort: 8080}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: web}
        data: {greeting: hello}
        """;

    [Fact]
    public async Task Apply_creates_and_a_second_apply_changes_only_what_changed()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "apply");

        var first = (await session.KubectlAsync(Web, ["apply", "-f", "-"])).Succeeded();
        var before = await session.SendAsync(HttpMethod.Get, "apps/deployments/web");
        var same = (await session.KubectlAsync(Web, ["apply", "-f", "-"])).Succeeded();
        var unchanged = await session.SendAsync(HttpMethod.Get, "apps/deployments/web");
        var changed = (await session.KubectlAsync(
            Web.Replace("web:v1", "web:v2", StringComparison.Ordinal), ["apply", "-f", "-"])).Succeeded();
        var after = await session.SendAsync(HttpMethod.Get, "apps/deployments/web");

        Assert.Equal(["deployment.apps/web created", "service/web created", "configmap/web created"], Lines(first));
        Assert.Equal(
            ["deployment.apps/web unchanged", "service/web unchanged", "configmap/web unchanged"], Lines(same));
        Assert.Equal(before.Revision, unchanged.Revision);
        Assert.Contains("deployment.apps/web configured", changed, StringComparison.Ordinal);
        Assert.Equal(2, after.Json["metadata"]!["generation"]!.GetValue<int>());
        Assert.Equal(
            "bank/web:v2",
            after.Json["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]!.GetValue<string>());
    }

    [Fact]
    public async Task Get_prints_tables_yaml_json_and_what_a_path_selects()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "get");
        (await session.KubectlAsync(Web, ["apply", "-f", "-"])).Succeeded();

        var table = (await session.KubectlAsync("get", "deployment,service", "-o", "wide")).Succeeded();
        var yaml = (await session.KubectlAsync("get", "configmap", "web", "-o", "yaml")).Succeeded();
        var json = (await session.KubectlAsync("get", "configmap", "web", "-o", "json")).Succeeded();
        var path = (await session.KubectlAsync("get", "deploy", "web", "-o", "jsonpath={.spec.replicas}")).Succeeded();
        var missing = await session.KubectlAsync("get", "configmap", "nothing");

        Assert.Contains("CONTAINERS", table, StringComparison.Ordinal);
        Assert.Contains("bank/web:v1", table, StringComparison.Ordinal);
        Assert.Contains("CLUSTER-IP", table, StringComparison.Ordinal);
        Assert.Contains("greeting: hello", yaml, StringComparison.Ordinal);
        Assert.Contains("\"greeting\": \"hello\"", json, StringComparison.Ordinal);
        Assert.Equal("2", path);
        Assert.Contains(
            "Error from server (NotFound): configmaps \"nothing\" not found", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_w_tells_what_happens_as_it_happens()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "get-w");
        await session.CreateConfigMapAsync("first");
        using var kubectl = session.StartKubectl("get", "configmap", "-w", "--output-watch-events");

        Assert.Equal("ADDED first", await NextWatchLineAsync(kubectl));
        await session.CreateConfigMapAsync("second");
        Assert.Equal("ADDED second", await NextWatchLineAsync(kubectl));
        await session.PatchAsync("configmaps/second", """{"data":{"a":"b"}}""");
        Assert.Equal("MODIFIED second", await NextWatchLineAsync(kubectl));
        await session.SendAsync(HttpMethod.Delete, "configmaps/second");
        Assert.Equal("DELETED second", await NextWatchLineAsync(kubectl));
        kubectl.Kill();
    }

    [Fact]
    public async Task Describe_and_explain_know_the_kinds()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "describe");
        (await session.KubectlAsync(Web, ["apply", "-f", "-"])).Succeeded();

        var described = (await session.KubectlAsync("describe", "deployment", "web")).Succeeded();
        var explained = (await session.KubectlAsync("explain", "deployment.spec.replicas")).Succeeded();

        Assert.Contains("bank/web:v1", described, StringComparison.Ordinal);
        Assert.Contains("2 desired", described, StringComparison.Ordinal);
        Assert.Contains("<integer>", explained, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scale_changes_the_replicas_and_nothing_else()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "scale");
        (await session.KubectlAsync(Web, ["apply", "-f", "-"])).Succeeded();

        (await session.KubectlAsync("scale", "deployment/web", "--replicas=5")).Succeeded();
        var refused = await session.KubectlAsync("scale", "deployment/web", "--replicas=1", "--current-replicas=3");
        var after = await session.SendAsync(HttpMethod.Get, "apps/deployments/web/scale");

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Equal("Scale", after.Json["kind"]!.GetValue<string>());
        Assert.Equal(5, after.Json["spec"]!["replicas"]!.GetValue<int>());
        Assert.Equal("app=web", after.Json["status"]!["selector"]!.GetValue<string>());
    }

    [Fact]
    public async Task Create_makes_objects_from_flags()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "flags");

        (await session.KubectlAsync("create", "configmap", "c", "--from-literal=a=b")).Succeeded();
        (await session.KubectlAsync("create", "secret", "generic", "s", "--from-literal=k=v")).Succeeded();
        (await session.KubectlAsync("create", "namespace", "flags-made")).Succeeded();
        (await session.KubectlAsync("create", "serviceaccount", "a")).Succeeded();
        (await session.KubectlAsync("create", "service", "clusterip", "v", "--tcp=80:http")).Succeeded();
        (await session.KubectlAsync(
            "create", "deployment", "d", "--image=bank/web:v1", "--replicas=0", "--port=80")).Succeeded();
        var config = await session.SendAsync(HttpMethod.Get, "configmaps/c");
        var secret = await session.SendAsync(HttpMethod.Get, "secrets/s");
        var service = await session.SendAsync(HttpMethod.Get, "services/v");
        var deployment = await session.SendAsync(HttpMethod.Get, "apps/deployments/d");

        Assert.Equal("b", config.Json["data"]!["a"]!.GetValue<string>());
        Assert.Equal("dg==", secret.Json["data"]!["k"]!.GetValue<string>());
        Assert.Equal("http", service.Json["spec"]!["ports"]![0]!["targetPort"]!.GetValue<string>());
        Assert.Equal(0, deployment.Json["spec"]!["replicas"]!.GetValue<int>());
        Assert.Equal(
            80,
            deployment.Json["spec"]!["template"]!["spec"]!["containers"]![0]!["ports"]![0]!["containerPort"]!
                .GetValue<int>());
    }

    [Fact]
    public async Task Delete_removes_and_says_so()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "delete");
        (await session.KubectlAsync(Web, ["apply", "-f", "-"])).Succeeded();

        var deleted = (await session.KubectlAsync(Web, ["delete", "-f", "-"])).Succeeded();
        var again = await session.KubectlAsync("delete", "configmap", "web");
        var left = await session.SendAsync(HttpMethod.Get, "services");

        Assert.Equal(3, Lines(deleted).Length);
        Assert.Contains("configmaps \"web\" not found", again.Error, StringComparison.Ordinal);
        Assert.Empty(left.Json["items"]!.AsArray());
    }

    [Fact]
    public async Task Bad_input_is_refused_by_field_and_nothing_is_half_applied()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "bad");

        var unknown = await session.KubectlAsync(
            Web.Replace("replicas: 2", "replikas: 2", StringComparison.Ordinal), ["create", "-f", "-"]);
        var wrongType = await session.SendAsync(
            HttpMethod.Post,
            "apps/deployments",
            """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x"},"spec":{"replicas":"two"}}""");
        var badName = await session.SendAsync(
            HttpMethod.Post,
            "configmaps",
            """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"Bad_Name"}}""");
        var noSelector = await session.SendAsync(
            HttpMethod.Post,
            "apps/deployments",
            """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x"},"spec":{}}""");
        var elsewhere = await session.SendAsync(
            HttpMethod.Post,
            "/api/v1/namespaces/nowhere/configmaps",
            """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"}}""");
        var left = await session.SendAsync(HttpMethod.Get, "apps/deployments");

        Assert.Contains("replikas", unknown.Error, StringComparison.Ordinal);
        Assert.NotEqual(0, unknown.ExitCode);
        Assert.Equal((400, "BadRequest"), (wrongType.Code, wrongType.Reason));
        Assert.Contains("replicas", wrongType.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal((422, "Invalid"), (badName.Code, badName.Reason));
        Assert.Equal(["metadata.name"], badName.CauseFields);
        Assert.Contains("spec.selector", noSelector.CauseFields);
        Assert.Contains("spec.template.spec.containers", noSelector.CauseFields);
        Assert.Equal((404, "namespaces \"nowhere\" not found"), (elsewhere.Code, elsewhere.Message));
        Assert.Empty(left.Json["items"]!.AsArray());
    }

    [Fact]
    public async Task Selectors_choose_by_label_and_field()
    {
        var session = await ApiServerSession.OpenAsync(fixture, "selectors");
        await session.CreateConfigMapAsync("a", "\"app\":\"x\",\"tier\":\"1\"");
        await session.CreateConfigMapAsync("b", "\"app\":\"x\"");
        await session.CreateConfigMapAsync("c", "\"app\":\"y\"");

        const string names = "jsonpath={.items[?(@.metadata.labels.app)].metadata.name}";
        foreach (var (words, expected) in new[]
        {
            ("-l app=x", "a b"), ("-l app!=x", "c"), ("-l tier", "a"), ("-l !tier", "b c"),
            ("-l app in (x,y),tier", "a"), ("-l app notin (x)", "c"), ("--field-selector metadata.name=b", "b"),
            ("--field-selector metadata.name!=b", "a c"),
        })
        {
            var split = words.Split(' ', 2);
            var told = await session.KubectlAsync("get", "configmap", split[0], split[1], "-o", names);
            Assert.Equal(expected, told.Succeeded());
        }

        var unsupported = await session.KubectlAsync("get", "pods", "--field-selector", "spec.foo=a");
        Assert.Contains("field label not supported: spec.foo", unsupported.Error, StringComparison.Ordinal);
    }

    private static string[] Lines(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    // event and name are the first two columns of the table
    private static async Task<string> NextWatchLineAsync(System.Diagnostics.Process kubectl)
    {
        while (true)
        {
            var line = await kubectl.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)
                .AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            Assert.NotNull(line);
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0] != "EVENT" && !line.Contains("kube-root-ca", StringComparison.Ordinal))
            {
                return $"{words[0]} {words[1]}";
            }
        }
    }
}

public sealed class KubectlOnOurStoreTests(OurServerOnOurStore fixture)
    : KubectlBehaviour(fixture), IClassFixture<OurServerOnOurStore>;

public sealed class KubectlOnEtcdTests(OurServerOnEtcd fixture)
    : KubectlBehaviour(fixture), IClassFixture<OurServerOnEtcd>;

public sealed class KubectlOnTheRealServerTests(RealServerOnEtcd fixture)
    : KubectlBehaviour(fixture), IClassFixture<RealServerOnEtcd>;
