using System.Collections.Immutable;
using System.Net;
using Mainstay.ConsoleSite;
using Mainstay.ConsoleSite.Actions;
using Mainstay.ConsoleSite.Memory;
using Mainstay.Kernel.Signals;
using Mainstay.Tests.ConsoleSite.Actions;
using Microsoft.Data.Sqlite;

namespace Mainstay.Tests.ConsoleSite.Pages;

/// <summary>Guarded actions by forms alone: the plan, the start, the halt, and what is refused.</summary>
public sealed class ActionPagesTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mainstay-").FullName;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    private readonly FakeFleet _fleet = new(3, 3) { Traits = Quick(TimeSpan.Zero) };
    private readonly FakeWorld _world = new(TimeProvider.System);
    private FakeSource _source = null!; // set by InitializeAsync, before any test, as is the console
    private RunningConsole _console = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ActionLedger Ledger => new(new ConsoleDatabase(_folder));

    public async ValueTask InitializeAsync()
    {
        _source = new FakeSource(_fleet, _world);
        _console = await RunningConsole.StartAsync(new ConsoleOptions
        {
            Kubeconfig = Path.Combine(_folder, "none"),
            DataFolder = _folder,
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            Actions = _source,
        });
        _http.BaseAddress = _console.Address;
    }

    public async ValueTask DisposeAsync()
    {
        await _console.DisposeAsync();
        _http.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_plan_is_shown_and_changes_nothing()
    {
        var (_, page) = await PlannedAsync();

        Assert.Contains("would go", page, StringComparison.Ordinal);
        Assert.Contains("Each router is replaced by a new one.", page, StringComparison.Ordinal);
        Assert.Contains("3 of 3", page, StringComparison.Ordinal);
        Assert.Empty(_fleet.Acted);
        Assert.Empty(All());
    }

    [Fact]
    public async Task A_plan_that_would_go_is_started_by_a_form_with_a_name_and_every_unit_is_done()
    {
        var (plan, _) = await PlannedAsync();

        var job = await SentToAsync($"{plan}/start", new() { ["by"] = "Ana" });

        var page = await UntilAsync(job, text => !text.Contains("http-equiv", StringComparison.Ordinal));
        Assert.Contains("3 of 3 done", page, StringComparison.Ordinal);
        Assert.Equal(3, _fleet.Acted.Count);
        var action = Assert.Single(All());
        Assert.Equal((ActionState.Done, "Ana, on the console"), (action.State, action.Actor));
        Assert.Equal("", action.Reason);
        Assert.Equal(2, _source.Opened);
    }

    [Fact]
    public async Task A_refused_plan_names_hop_and_object_and_cannot_be_started()
    {
        _fleet.Proofs["router/node-2"] = new UnitProof(
            ProofResult.Unsafe, "null in a list", "api/https://x:1", new ObjectReference("EndpointSlice", "bank", "y"));
        var (plan, page) = await PlannedAsync();

        using var answer = await PostAsync($"{plan}/start", new() { ["by"] = "Ana" });

        Assert.Contains("api/https://x:1", page, StringComparison.Ordinal);
        Assert.Contains("object EndpointSlice bank/y", page, StringComparison.Ordinal);
        Assert.DoesNotContain($"action=\"{plan}/start\"", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty(_fleet.Acted);
    }

    [Fact]
    public async Task What_was_proven_for_the_plan_and_is_no_longer_is_refused_at_the_start_and_kept()
    {
        var (plan, _) = await PlannedAsync();
        _fleet.Proofs["router/node-1"] = UnitProof.Unproven("the proof is 700 s old");

        var job = await SentToAsync($"{plan}/start", new() { ["by"] = "Ana" });

        var page = await UntilAsync(job, text => !text.Contains("http-equiv", StringComparison.Ordinal));
        Assert.Contains("the proof is 700 s old", page, StringComparison.Ordinal);
        Assert.Empty(_fleet.Acted);
        Assert.Equal(ActionState.Refused, Assert.Single(All()).State);
    }

    [Fact]
    public async Task An_action_on_its_way_halts_after_the_units_in_hand_when_it_is_asked_to()
    {
        _fleet.Traits = Quick(TimeSpan.FromMinutes(5));
        var (plan, _) = await PlannedAsync();
        var job = await SentToAsync($"{plan}/start", new() { ["by"] = "Ana" });
        await UntilAsync(job, text => text.Contains("well", StringComparison.Ordinal) && !_fleet.Acted.IsEmpty);

        using var halted = await PostAsync($"{job}/halt", []);

        Assert.Equal(HttpStatusCode.SeeOther, halted.StatusCode);
        await UntilAsync(job, text => text.Contains("halted after 1 of 3", StringComparison.Ordinal));
        Assert.Single(_fleet.Acted);
    }

    [Theory]
    [InlineData("what", "teapots")]
    [InlineData("by", " ")]
    public async Task An_unknown_action_and_a_start_by_nobody_are_refused(string field, string value)
    {
        var (plan, _) = await PlannedAsync();
        var path = field == "what" ? "/actions/plan" : $"{plan}/start";

        using var answer = await PostAsync(path, new() { [field] = value });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty(_fleet.Acted);
    }

    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Host", "evil.example")]
    public async Task A_start_from_another_site_is_refused(string header, string value)
    {
        var (plan, _) = await PlannedAsync();

        using var answer = await PostAsync($"{plan}/start", new() { ["by"] = "Ana" }, (header, value));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Empty(All());
    }

    [Fact]
    public async Task A_platform_that_is_gone_is_told_on_the_page_of_the_job()
    {
        _source.Fault = "no platform is up over /x";

        var job = await SentToAsync("/actions/plan", new() { ["what"] = "routers" });

        await UntilAsync(job, text => text.Contains("No platform is up over /x", StringComparison.Ordinal));
        Assert.Contains("not done", await _http.GetStringAsync(job, Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_of_a_job_that_nobody_knows_says_so_with_the_way_back()
    {
        using var answer = await _http.GetAsync("/actions/jobs/0", Token);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("Back", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    private static TargetTraits Quick(TimeSpan bake) => new()
    {
        Kind = "routers",
        Effect = "each router is replaced by a new one.",
        UnitDeadline = TimeSpan.FromSeconds(30),
        Bake = bake,
    };

    private ImmutableArray<ActionRecord> All() => Ledger.Between(DateTimeOffset.MinValue, DateTimeOffset.MaxValue);

    private async Task<(string Path, string Page)> PlannedAsync()
    {
        var job = await SentToAsync("/actions/plan", new() { ["what"] = "routers" });
        return (job, await UntilAsync(job, page => page.Contains("What it would do", StringComparison.Ordinal)));
    }

    private async Task<string> UntilAsync(string path, Func<string, bool> reached)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(TimeSpan.FromSeconds(40));
        while (true)
        {
            var page = await _http.GetStringAsync(path, deadline.Token);
            if (reached(page))
            {
                return page;
            }
        }
    }

    private async Task<string> SentToAsync(string path, Dictionary<string, string> form)
    {
        using var answer = await PostAsync(path, form);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        return answer.Headers.Location!.ToString();
    }

    private Task<HttpResponseMessage> PostAsync(
        string path, Dictionary<string, string> form, (string Name, string Value)? header = null) =>
        new FormSender(_http, "/actions").PostAsync(path, form, header, Token);
}
