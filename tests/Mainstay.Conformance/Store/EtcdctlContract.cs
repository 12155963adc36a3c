using Mainstay.Conformance.Platform;

namespace Mainstay.Conformance.Store;

public sealed class EtcdctlOnOurStoreTests(OurStoreFixture fixture)
    : EtcdctlContract(fixture), IClassFixture<OurStoreFixture>;

public sealed class EtcdctlOnDebianEtcdTests(DebianEtcdFixture fixture)
    : EtcdctlContract(fixture), IClassFixture<DebianEtcdFixture>;

/// <summary>What a person at etcdctl sees: the same on either server. Each test has keys of its own.</summary>
public abstract class EtcdctlContract(EtcdFixture fixture)
{
    private EtcdServer Server => fixture.Server;

    [Fact]
    public async Task Put_get_and_del_answer_as_etcd_answers()
    {
        Assert.Equal("OK", await Server.EtcdctlAsync("put", "pgd/a", "1"));
        Assert.Equal("OK\npgd/a\n1", await Server.EtcdctlAsync("put", "--prev-kv", "pgd/a", "2"));
        Assert.Equal("pgd/a\n2", await Server.EtcdctlAsync("get", "pgd/a"));
        Assert.Equal("OK", await Server.EtcdctlAsync("put", "pgd/b", "3"));
        Assert.Equal("2\npgd/a\n2\npgd/b\n3", await Server.EtcdctlAsync("del", "--prefix", "--prev-kv", "pgd/"));
        Assert.Equal("0", await Server.EtcdctlAsync("del", "pgd/a"));
        Assert.Equal("", await Server.EtcdctlAsync("get", "pgd/a"));
    }

    [Fact]
    public async Task Get_takes_ranges_limits_orders_and_old_revisions()
    {
        foreach (var (key, value) in new[] { ("g/a", "3"), ("g/b", "1"), ("g/c", "2") })
        {
            await Server.EtcdctlAsync("put", key, value);
        }

        Assert.Equal("g/a\ng/b", Keys(await Server.EtcdctlAsync("get", "g/a", "g/c", "--keys-only")));
        Assert.Equal("g/a", Keys(await Server.EtcdctlAsync("get", "g/", "--prefix", "--limit=1", "--keys-only")));
        Assert.Equal(
            "g/b\ng/c\ng/a",
            Keys(await Server.EtcdctlAsync(
                "get", "g/", "--prefix", "--sort-by=VALUE", "--order=ASCEND", "--keys-only")));
        Assert.Equal(
            "g/c\ng/b\ng/a",
            Keys(await Server.EtcdctlAsync("get", "g/", "--prefix", "--order=DESCEND", "--keys-only")));
        Assert.Contains(
            "\"Count\" : 3",
            await Server.EtcdctlAsync("get", "g/", "--prefix", "--limit=1", "--write-out=fields"),
            StringComparison.Ordinal);

        var before = await RevisionAsync();
        await Server.EtcdctlAsync("put", "g/a", "later");
        Assert.Equal("g/a\n3", await Server.EtcdctlAsync("get", "g/a", $"--rev={before}"));
        var future = await Server.TryEtcdctlAsync("get", "g/a", "--rev=999999");
        Assert.Contains("required revision is a future revision", future.Failed().Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transaction_runs_one_branch_and_answers_it()
    {
        await Server.EtcdctlAsync("put", "t/a", "1");
        var transaction = Command.Etcdctl("--endpoints", Server.Url, "txn") with
        {
            Input = "value(\"t/a\") = \"1\"\n\nput t/b yes\nget t/a\n\nput t/b no\n\n",
        };

        var output = (await transaction.RunAsync(TestContext.Current.CancellationToken)).Said;

        Assert.Equal("SUCCESS\n\nOK\n\nt/a\n1", output);
        Assert.Equal("t/b\nyes", await Server.EtcdctlAsync("get", "t/b"));
    }

    [Fact]
    public async Task A_watch_tells_what_happened_and_what_happens()
    {
        await Server.EtcdctlAsync("put", "w/a", "1");
        var from = await RevisionAsync();
        using var watch = Child.Start(
            "etcdctl", "--endpoints", Server.Url, "watch", "--prefix", "w/", "--prev-kv", $"--rev={from}");

        await Server.EtcdctlAsync("put", "w/b", "2");
        await Server.EtcdctlAsync("put", "w/b", "3");
        await Server.EtcdctlAsync("del", "w/a");

        const string Told = "PUT\nw/a\n1\nPUT\nw/b\n2\nPUT\nw/b\n2\nw/b\n3\nDELETE\nw/a\n1\nw/a";
        await Eventually.HoldsAsync(() => watch.Said.Split('\n').Length >= Told.Split('\n').Length);
        Assert.Equal(Told, watch.Said.TrimEnd());
    }

    [Fact]
    public async Task A_lease_is_granted_kept_alive_listed_and_revoked_with_its_keys()
    {
        var granted = await Server.EtcdctlAsync("lease", "grant", "60");
        var id = granted.Split(' ')[1];
        Assert.Equal($"lease {id} granted with TTL(60s)", granted);
        await Server.EtcdctlAsync("put", "l/a", "1", $"--lease={id}");

        Assert.Equal(
            $"lease {id} keepalived with TTL(60)", await Server.EtcdctlAsync("lease", "keep-alive", "--once", id));
        Assert.Contains(
            "attached keys([l/a])",
            await Server.EtcdctlAsync("lease", "timetolive", "--keys", id),
            StringComparison.Ordinal);
        Assert.Contains(id, await Server.EtcdctlAsync("lease", "list"), StringComparison.Ordinal);
        Assert.Equal($"lease {id} revoked", await Server.EtcdctlAsync("lease", "revoke", id));
        Assert.Equal("", await Server.EtcdctlAsync("get", "l/a"));
        Assert.Equal($"lease {id} already expired", await Server.EtcdctlAsync("lease", "timetolive", id));
    }

    [Fact]
    public async Task A_lease_that_nobody_renews_takes_its_keys_with_it()
    {
        var granted = await Server.EtcdctlAsync("lease", "grant", "1");
        var id = granted.Split(' ')[1];
        // The shortest lease there is: etcd lengthens it.
        Assert.Equal($"lease {id} granted with TTL(2s)", granted);
        using var watch = Child.Start("etcdctl", "--endpoints", Server.Url, "watch", "e/a");
        await Server.EtcdctlAsync("put", "e/a", "1", $"--lease={id}");

        await Eventually.HoldsAsync(() => watch.Said.EndsWith("DELETE\ne/a\n", StringComparison.Ordinal)
            || watch.Said.EndsWith("DELETE\ne/a", StringComparison.Ordinal));

        Assert.Equal("", await Server.EtcdctlAsync("get", "e/a"));
    }

    [Fact]
    public async Task Status_and_members_name_one_server_that_leads()
    {
        var status = await Server.EtcdctlAsync("endpoint", "status");
        var members = await Server.EtcdctlAsync("member", "list");

        Assert.StartsWith($"{Server.Url}, ", status, StringComparison.Ordinal);
        Assert.Contains(", true, false, ", status, StringComparison.Ordinal);
        Assert.Contains(", started, ", members, StringComparison.Ordinal);
        Assert.Contains("is healthy", await Server.EtcdctlAsync("endpoint", "health"), StringComparison.Ordinal);
    }

    private static string Keys(string output) =>
        string.Join('\n', output.Split('\n', StringSplitOptions.RemoveEmptyEntries));

    private async Task<long> RevisionAsync() =>
        (await Server.Client.RangeAsync(
            new Etcd.Protocol.RangeRequest { Key = Google.Protobuf.ByteString.CopyFromUtf8("x"), CountOnly = true },
            TestContext.Current.CancellationToken)).Header.Revision;
}
