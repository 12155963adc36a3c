using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mainstay.Conformance.Platform;

/// <summary>
/// <c>mainstay store members</c> as an operator types it, on a platform over three members of Debian's etcd in three
/// zones, with the bank under load: what is said before and after, what is refused, and whether every client followed.
/// </summary>
[Collection(ThreeMemberBankShare.Name)]
public sealed class StoreMembersTests(ThreeMemberBank fixture)
{
    private const string NoBake = "a test has no time to bake";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly RunningPlatform _platform = fixture.Platform;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_members_grow_to_nine_and_the_first_three_go_while_the_bank_pays()
    {
        Assert.Contains(
            "3 of 3 members well, quorum 2: can lose any one zone, or any one member",
            (await VerbAsync("list")).Succeeded().Output, StringComparison.Ordinal);
        await NoSpareIsTakenAwayAsync();
        await APlanChangesNothingAsync();
        var load = new BankLoad(_platform);
        await load.RateAsync(30);
        var before = await load.CountAsync();

        for (var added = 3; added < 9; added++)
        {
            Assert.Contains($"store/etcd-{added}", await DoneAsync("add"), StringComparison.Ordinal);
        }

        Assert.Contains(
            "9 of 9 members well, quorum 5: can lose any one zone plus one member, or any 4 members",
            (await VerbAsync()).Succeeded().Output, StringComparison.Ordinal);
        await WithAZoneAndOneMorePausedAsync();
        foreach (var first in new[] { "etcd-0", "etcd-1", "etcd-2" })
        {
            Assert.Contains("every API server followed", await DoneAsync("remove", first), StringComparison.Ordinal);
        }

        var replaced = await DoneAsync("replace", "etcd-3");
        Assert.Contains("etcd-9 joins first, then etcd-3 leaves", replaced, StringComparison.Ordinal);
        Assert.Contains("before: 6 of 6 members well", replaced, StringComparison.Ordinal);
        await ClientsHaveAsync("etcd-4", "etcd-5", "etcd-6", "etcd-7", "etcd-8", "etcd-9");
        await AnApiServerThatStartsAnewFindsTheStoreAsync();
        await TheLedgerTellsAllOfItAsync();

        var after = await load.CountAsync();
        Assert.True(after.Succeeded > before.Succeeded, "there was load");
        Assert.Equal(before.FailedAttempts, after.FailedAttempts);
        await load.NothingIsLostOrDoubledAsync();
    }

    [Theory]
    [InlineData("Required argument 'member' missing", "remove")]
    [InlineData("Required argument 'member' missing", "replace")]
    [InlineData("there is no member etcd-99; the members are ", "remove", "etcd-99", "--yes")]
    [InlineData("there is no member etcd-99; the members are ", "replace", "etcd-99", "--plan")]
    [InlineData("there is no node node-9; the nodes are node-1, node-2, node-3", "add", "--node", "node-9", "--yes")]
    public async Task What_makes_no_sense_is_told_in_one_line_and_nothing_is_done(string told, params string[] words)
    {
        var members = await MembersAsync();

        var answer = await VerbAsync(words);

        Assert.Equal(2, answer.ExitCode);
        Assert.Contains(told, answer.Error, StringComparison.Ordinal);
        Assert.Equal(members, await MembersAsync());
    }

    [Fact]
    public async Task Etcdctl_and_kubectl_see_the_members_as_the_store()
    {
        var urls = string.Join(',', (await StoreAsync(1)).GetProperty("endpoints").EnumerateArray());
        var listed = await Command.Etcdctl($"--endpoints={urls}", "member", "list").RunAsync(Cancel);
        Assert.Equal((await MembersAsync()).Count, listed.Succeeded().Output.Trim().Split('\n').Length);

        (await _platform.KubectlAsync(Cancel, "create", "configmap", "probe", "--from-literal=a=b")).Succeeded();
        var read = await _platform.KubectlAsync(Cancel, "get", "configmap", "probe", "-o", "jsonpath={.data.a}");
        Assert.Equal("b", read.Succeeded().Output.Trim());
    }

    /// <summary>Two of three can lose nothing: the removal is refused, with the reason.</summary>
    private async Task NoSpareIsTakenAwayAsync()
    {
        var refused = await VerbAsync("remove", "etcd-1", "--yes");

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("after: 2 of 2 members well, quorum 2: can lose nothing", refused.Output,
            StringComparison.Ordinal);
        Assert.Contains(
            "REFUSED: what it needs is not well: one failure more after it: would stop all writes", refused.Output,
            StringComparison.Ordinal);
        Assert.Equal(["etcd-0", "etcd-1", "etcd-2"], await MembersAsync());
    }

    private async Task APlanChangesNothingAsync()
    {
        var plan = (await VerbAsync("add", "--plan")).Succeeded();

        Assert.Contains("before: 3 of 3 members well", plan.Output, StringComparison.Ordinal);
        Assert.Contains("after: 4 of 4 members well, quorum 3", plan.Output, StringComparison.Ordinal);
        Assert.EndsWith("it would go", plan.Output.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(3, (await MembersAsync()).Count);
    }

    /// <summary>Four of nine stopped: writes go on, and no removal may take one of the five that must agree.</summary>
    private async Task WithAZoneAndOneMorePausedAsync()
    {
        var doomed = new[] { "etcd-0", "etcd-3", "etcd-6", "etcd-1" };
        var paused = _platform.Processes()
            .Where(process => doomed.Any(name =>
                process.CommandLine.Contains($"--name {name} ", StringComparison.Ordinal))).ToList();
        Assert.Equal(doomed.Length, paused.Count);
        try
        {
            await PlatformProcess.SignalAsync("-STOP", paused, Cancel);
            var refused = await Eventually.GetAsync("the removal is refused for want of a quorum", Patience, async () =>
            {
                var answer = await VerbAsync("remove", "etcd-4", "--yes");
                Assert.True(answer.ExitCode == 1, answer.Output);
                return answer.Output.Contains("not well: quorum after it", StringComparison.Ordinal) ? answer : null;
            }, Cancel);
            Assert.Contains("has no quorum: 4 of 8 members are well and 5 must agree", refused.Output,
                StringComparison.Ordinal);
            Assert.Contains("5 of 9 members well, quorum 5: can lose nothing", (await VerbAsync()).Failed().Output,
                StringComparison.Ordinal);
            (await _platform.KubectlAsync(Cancel, "create", "configmap", "while-paused")).Succeeded();
        }
        finally
        {
            await PlatformProcess.SignalAsync("-CONT", paused, CancellationToken.None);
        }

        await Eventually.TrueAsync("all nine are well again", Patience, async () =>
            (await VerbAsync()).ExitCode == 0, Cancel);
    }

    private async Task ClientsHaveAsync(params string[] members)
    {
        Assert.Equal(members, await MembersAsync());
        foreach (var node in new[] { 1, 2 })
        {
            var store = await StoreAsync(node);
            var known = store.GetProperty("members").EnumerateArray().ToList();
            Assert.Equal(
                members.Order(StringComparer.Ordinal),
                known.Select(member => member.GetProperty("name").GetString()).Order(StringComparer.Ordinal));
            Assert.Contains(
                store.GetProperty("currentEndpoint").GetString()?.TrimEnd('/'),
                known.SelectMany(member => member.GetProperty("clientUrls").EnumerateArray())
                    .Select(url => url.GetString()?.TrimEnd('/')));
        }

        (await _platform.StatusAsync(Cancel)).Succeeded();
    }

    /// <summary>None of the members that its command line was written with is left.</summary>
    private async Task AnApiServerThatStartsAnewFindsTheStoreAsync()
    {
        var servers = _platform.Processes()
            .Where(process => process.CommandLine.Contains("mainstay api ", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, servers.Count);
        await Task.WhenAll(servers.Select(server => server.KillAsync(Cancel)));

        await Eventually.TrueAsync("both API servers are back", Patience, async () =>
            (await _platform.StatusAsync(Cancel)).ExitCode == 0, Cancel);
        (await _platform.KubectlAsync(Cancel, "create", "configmap", "after-a-new-start")).Succeeded();
        var signals = await _platform.KubectlAsync(Cancel, "get", "--raw", "/signals.json");
        Assert.DoesNotContain("store-member-removed", signals.Succeeded().Output, StringComparison.Ordinal);
    }

    private async Task TheLedgerTellsAllOfItAsync()
    {
        var words = Array.Empty<string>();
        await Eventually.TrueAsync("the console has seen the last change of the members", Patience, async () =>
        {
            var answer = await _platform.VerbAsync(Cancel, "changes", "--since", "1h", "-o", "json");
            words = [.. JsonNode.Parse(answer.Succeeded().Output)!["changes"]!.AsArray() // It is what it prints.
                .Select(change => $"{change!["what"]} {change["name"]} {change["detail"]}")];
            return words.Any(line => line.StartsWith("member-removed etcd-3", StringComparison.Ordinal));
        }, Cancel);
        foreach (var number in Enumerable.Range(3, 7))
        {
            Assert.Contains(words, line => line.StartsWith(
                string.Create(CultureInfo.InvariantCulture, $"member-added etcd-{number} "), StringComparison.Ordinal));
        }

        Assert.Contains(words, line => line.Contains("store members add etcd-8 done", StringComparison.Ordinal));
        Assert.Contains(words, line => line.Contains("store members remove etcd-0 done", StringComparison.Ordinal));
        Assert.Contains(words, line => line.Contains(
            "store members replace etcd-3 by etcd-9 done", StringComparison.Ordinal));
        Assert.Contains(words, line => line.Contains(
            "store members remove etcd-1 refused", StringComparison.Ordinal));
    }

    /// <summary>A change that is done: what was said of it.</summary>
    private async Task<string> DoneAsync(params string[] words)
    {
        var done = await _platform.OnceItGoesAsync(
            Cancel, ["store", "members", .. words, "--yes", "--override", NoBake]);
        return done.Succeeded().Output;
    }

    private Task<CommandResult> VerbAsync(params string[] words) =>
        _platform.VerbAsync(Cancel, ["store", "members", .. words]);

    private async Task<List<string>> MembersAsync()
    {
        var list = await VerbAsync("list", "-o", "json");
        return
        [
            .. JsonNode.Parse(list.Output)!["members"]!.AsArray() // It is what it prints.
                .Select(member => (string?)member!["name"] ?? "").Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>The store as one API server sees it.</summary>
    private async Task<JsonElement> StoreAsync(int node)
    {
        var answer = await _platform.KubectlAsync(
            Cancel, "--server", _platform.ApiServer(node), "get", "--raw", "/mainstay/store.json");
        using var document = JsonDocument.Parse(answer.Succeeded().Output);
        return document.RootElement.Clone();
    }
}
