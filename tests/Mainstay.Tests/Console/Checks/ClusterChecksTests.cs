using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.ConsoleSite.Checks;
using static Mainstay.Tests.ConsoleSite.Checks.Listing;

namespace Mainstay.Tests.ConsoleSite.Checks;

public sealed class ClusterChecksTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly ApiServerReading Server = new(new Uri("https://10.0.0.1:6443"), ServerSource.Kubeconfig)
    {
        Version = "v1.20.2",
    };

    private static readonly ImmutableArray<StartProofRun> Safe = [new("https://10.0.0.1:6443", true, "", 3)];

    [Fact]
    public void A_healthy_cluster_succeeds_in_every_check()
    {
        var report = Judge(Facts());

        Assert.True(report.Success, CheckText.Write(report, CheckForm.Table));
        Assert.All(report.Categories.SelectMany(c => c.Checks), check => Assert.Equal(
            CheckResult.Success, check.Result));
    }

    [Fact]
    public void A_dead_api_server_is_named_with_the_reason()
    {
        var dead = new ApiServerReading(new Uri("https://10.0.0.2:6443"), ServerSource.Kubeconfig)
        {
            Fault = "Connection refused",
            Refused = true,
        };

        var check = Worst(Facts() with { Servers = [Server, dead] });

        Assert.Equal(
            ("https://10.0.0.2:6443 answers", CheckResult.Error, "Connection refused"),
            (check.Description, check.Result, check.Found[0]));
    }

    [Fact]
    public void An_api_server_that_only_the_cluster_names_is_dead_where_others_of_its_list_are_seen()
    {
        var far = new ApiServerReading(new Uri("https://10.0.0.2:6443"), ServerSource.ClusterEndpoints)
        {
            Fault = "Connection refused",
            Refused = true,
        };
        var near = Server with { Server = new Uri("https://10.0.0.3:6443"), Source = ServerSource.ClusterEndpoints };

        Assert.Equal(CheckResult.Warning, Worst(Facts() with { Servers = [Server, far] }).Result);
        Assert.Equal(CheckResult.Error, Worst(Facts() with { Servers = [Server, near, far] }).Result);
        Assert.Equal(
            CheckResult.Warning, Worst(Facts() with { Servers = [Server, near, far with { Refused = false }] }).Result);
    }

    [Fact]
    public void A_cache_that_lags_is_named_with_its_object()
    {
        var quorum = Of(ListedKind.Slices, Named("payments", "", "9"));
        var cached = Of(ListedKind.Slices, Named("payments", "", "4"));

        var check = Worst(Facts() with
        {
            Servers = [Server with { Caches = [new CacheReading(quorum, cached, quorum)] }],
        });

        Assert.Equal(CheckResult.Error, check.Result);
        Assert.Equal("EndpointSlice bank/payments: revision 4 in the cache, revision 9 by quorum", check.Found[0]);
    }

    [Fact]
    public void What_may_not_be_seen_is_unknown_and_no_success()
    {
        var report = Judge(Facts(services: ObjectList.Failed(
            ListedKind.Services, "GET /api/v1/services: 403 Forbidden")));

        Assert.False(report.Success);
        Assert.Contains(
            report.Categories.SelectMany(category => category.Checks),
            check => check is { Result: CheckResult.Unknown, Description: "Services make sense" }
                && check.Found[0].Contains("403", StringComparison.Ordinal));
    }

    [Fact]
    public void A_service_at_zero_on_purpose_is_a_warning_and_one_whose_pods_are_ill_a_failure()
    {
        var onPurpose = Judge(Facts(deployments: Of(ListedKind.Deployments, Deployment("feed", 0)), slices: "[]"));
        Assert.True(onPurpose.Success);
        Assert.Equal("Service bank/feed: Deployment bank/feed", Worst(onPurpose).Found[0]);

        var ill = Judge(Facts(slices: """[{"addresses":["10.0.0.9"],"conditions":{"ready":false}}]"""));
        Assert.False(ill.Success);
        Assert.Equal(CheckResult.Error, Worst(ill).Result);
    }

    [Fact]
    public void A_null_slice_is_a_warning_that_names_object_and_field()
    {
        var report = Judge(Facts(deployments: Of(ListedKind.Deployments, Deployment("feed", 0)), slices: "null"));

        Assert.Contains(
            report.Categories.SelectMany(category => category.Checks).SelectMany(check => check.Found),
            found => found == "EndpointSlice bank/feed-x: endpoints is null where a list belongs");
        Assert.True(report.Success);
    }

    [Fact]
    public void A_proof_that_fails_forbids_restarts_and_none_at_all_is_unknown()
    {
        var failed = new CheckReport(ClusterChecks.Judge(Facts(), [new(
            "https://a", false, "EndpointSlice x is null", 0)]));
        Assert.Equal("EndpointSlice x is null", Worst(failed).Found[0]);
        Assert.False(failed.Success);

        Assert.Equal(CheckResult.Unknown, Worst(new CheckReport(ClusterChecks.Judge(Facts(), []))).Result);
    }

    [Fact]
    public void Json_has_success_categories_and_their_checks_with_hints()
    {
        var report = Judge(Facts(slices: "[]"));
        using var json = JsonDocument.Parse(CheckText.Write(report, CheckForm.Json));

        Assert.False(json.RootElement.GetProperty("success").GetBoolean());
        var categories = json.RootElement.GetProperty("categories").EnumerateArray().ToList();
        Assert.Equal(
            ["api-servers", "freshness", "discovery-objects", "services", "router-start"],
            categories.Select(category => category.GetProperty("categoryName").GetString()));
        var failed = categories.SelectMany(category => category.GetProperty("checks").EnumerateArray())
            .Single(check => check.GetProperty("result").GetString() == "error");
        Assert.NotEqual("", failed.GetProperty("hint").GetString());
        Assert.NotEqual("", failed.GetProperty("error").GetString());
    }

    [Fact]
    public void Text_has_a_sign_and_a_word_for_each_line_and_the_short_form_only_the_faults()
    {
        var report = Judge(Facts(slices: "[]"));

        Assert.Contains("✓ ok      https://10.0.0.1:6443 is ready", CheckText.Write(report, CheckForm.Table));
        Assert.Contains("✕ fail    Services that select pods", CheckText.Write(report, CheckForm.Table));
        Assert.DoesNotContain("✓", CheckText.Write(report, CheckForm.Faults), StringComparison.Ordinal);
    }

    private static CheckReport Judge(ClusterFacts facts) => new(ClusterChecks.Judge(facts, Safe));

    private static Check Worst(ClusterFacts facts) => Worst(Judge(facts));

    private static Check Worst(CheckReport report) => report.Categories.SelectMany(category => category.Checks)
        .OrderBy(check => check.Result switch
        {
            CheckResult.Error => 0,
            CheckResult.Unknown => 1,
            CheckResult.Warning => 2,
            _ => 3,
        })
        .First();

    private static ClusterFacts Facts(
        ObjectList? services = null, ObjectList? deployments = null,
        string slices = """[{"addresses":["10.0.0.9"]}]""") => new(
        [Server],
        [
            services ?? Of(ListedKind.Services, Service("feed")),
            deployments ?? Of(ListedKind.Deployments, Deployment("feed", 2)),
            Of(ListedKind.Slices, Slice("feed", slices)),
            NotServed(ListedKind.OldSlices),
            Of(ListedKind.Endpoints),
            Of(ListedKind.StatefulSets),
            Of(ListedKind.DaemonSets),
            Of(ListedKind.Leases),
        ],
        Noon);
}
