using System.Net;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kernel.Signals;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mainstay.Tests.ConsoleSite.Signals;

public sealed class PartClientTests : IAsyncLifetime
{
    private readonly PartClient _client = new(TimeSpan.FromMilliseconds(500), TimeProvider.System);
    private RequestDelegate _answer = context => context.Response.WriteAsync("{}");
    private WebApplication? _app;

    [Fact]
    public async Task A_report_is_read_as_the_part_wrote_it()
    {
        var signal = Raised.At(SignalCatalog.CrashLoop, "pod/bank/feed-x", 1);
        _answer = context => context.Response.Body.WriteAsync(
            SignalsJson.Write(new SignalsReport("agent", "node-1", Raised.Noon, [signal], []))).AsTask();

        var answer = await AskAsync(PartKind.Agent);

        Assert.Equal(AnswerKind.Answered, answer.Kind);
        Assert.Equal("pod/bank/feed-x", Assert.Single(answer.Report!.Signals).Subject);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("no json")]
    [InlineData("")]
    [InlineData("""{"part":"router","signals":[]}""")]
    public async Task An_answer_that_does_not_say_that_the_part_speaks_is_no_health(string text)
    {
        _answer = context => context.Response.WriteAsync(text);

        Assert.Equal(AnswerKind.Garbled, (await AskAsync(PartKind.Agent)).Kind);
    }

    [Fact]
    public async Task A_server_error_and_a_missing_page_are_no_health()
    {
        foreach (var code in new[] { 404, 500 })
        {
            _answer = context => Code(context, code);
            Assert.Equal(AnswerKind.Garbled, (await AskAsync(PartKind.Router)).Kind);
        }
    }

    [Fact]
    public async Task A_part_that_says_nothing_is_mute_after_the_deadline()
    {
        _answer = context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);

        var answer = await AskAsync(PartKind.Controllers);

        Assert.Equal((AnswerKind.Mute, "no answer within 0.5 s"), (answer.Kind, answer.Detail));
    }

    [Fact]
    public async Task Nobody_there_is_a_refusal()
    {
        var address = Address;
        await _app!.StopAsync(TestContext.Current.CancellationToken);

        var answer = await _client.AskAsync(
            new PlatformPart(PartKind.Router, "node-1", address), null, TestContext.Current.CancellationToken);

        Assert.Equal(AnswerKind.Refused, answer.Kind);
    }

    [Theory]
    [InlineData(200, 404, AnswerKind.Answered)]
    [InlineData(500, 404, AnswerKind.NotReady)]
    [InlineData(401, 401, AnswerKind.Denied)]
    [InlineData(200, 403, AnswerKind.Denied)]
    public async Task An_api_server_is_judged_by_its_readiness_and_may_know_of_no_signals(
        int ready, int signals, AnswerKind expected)
    {
        _answer = context => Code(context, context.Request.Path == "/readyz" ? ready : signals);

        var answer = await AskAsync(PartKind.Api);

        Assert.Equal(expected, answer.Kind);
        Assert.Null(answer.Report);
    }

    [Theory]
    [InlineData(200, AnswerKind.Answered)]
    [InlineData(503, AnswerKind.NotReady)]
    public async Task A_member_of_the_store_is_judged_by_its_health(int code, AnswerKind expected)
    {
        _answer = context => Code(context, context.Request.Path == "/health" ? code : 404);

        Assert.Equal(expected, (await AskAsync(PartKind.Store)).Kind);
    }

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(context => _answer(context));
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app!.DisposeAsync();
    }

    private Uri Address => new(_app!.Urls.First());

    private Task<PartAnswer> AskAsync(PartKind kind) =>
        _client.AskAsync(new PlatformPart(kind, "node-1", Address), null, TestContext.Current.CancellationToken);

    private static async Task Code(HttpContext context, int code)
    {
        context.Response.StatusCode = code;
        await context.Response.WriteAsync("{}");
    }
}
