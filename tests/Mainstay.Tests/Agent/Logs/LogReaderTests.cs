using System.Text;
using Mainstay.Agent;
using Mainstay.Agent.Logs;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Agent.Logs;

public sealed class LogReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mainstay-logs").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private string Log => Path.Combine(_folder, "0.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(null, null, "one\ntwo\nthree\n")]
    [InlineData(2L, null, "two\nthree\n")]
    [InlineData(0L, null, "")]
    [InlineData(9L, null, "one\ntwo\nthree\n")]
    [InlineData(null, 5L, "one\nt")]
    [InlineData(1L, 2L, "th")]
    public async Task Tail_and_limit_bound_what_is_read(long? tail, long? bytes, string expected)
    {
        await File.WriteAllTextAsync(Log, "one\ntwo\nthree\n", TestContext.Current.CancellationToken);

        Assert.Equal(expected, await ReadAsync(new LogRequest(tail, null, bytes, Timestamps: false, Follow: false)));
    }

    [Fact]
    public async Task A_last_line_without_an_end_is_a_line()
    {
        await File.WriteAllTextAsync(Log, "one\ntwo", TestContext.Current.CancellationToken);

        Assert.Equal("two", await ReadAsync(new LogRequest(1, null, null, Timestamps: false, Follow: false)));
    }

    [Fact]
    public async Task Since_and_timestamps_follow_the_times_that_were_noted()
    {
        await File.AppendAllTextAsync(Log, "old\n", TestContext.Current.CancellationToken);
        LogFiles.Check(Log, _time.GetUtcNow());
        var noted = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromMinutes(1));
        await File.AppendAllTextAsync(Log, "new\n", TestContext.Current.CancellationToken);
        LogFiles.Check(Log, _time.GetUtcNow());

        var since = await ReadAsync(new LogRequest(null, noted.AddSeconds(30), null, Timestamps: true, Follow: false));
        var all = await ReadAsync(new LogRequest(null, null, null, Timestamps: true, Follow: false));

        Assert.Equal("2026-01-01T00:01:00.0000000Z new\n", since);
        Assert.StartsWith("2026-01-01T00:00:00.0000000Z old\n", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_follower_gets_what_is_written_later_until_the_process_has_ended()
    {
        await File.WriteAllTextAsync(Log, "first\n", TestContext.Current.CancellationToken);
        using var output = new MemoryStream();
        var isEnded = false;
        var reading = new LogReader(Log, new LogRequest(null, null, null, Timestamps: false, Follow: true), _time)
            .CopyAsync(output, () => isEnded, TestContext.Current.CancellationToken);
        await File.AppendAllTextAsync(Log, "second\n", TestContext.Current.CancellationToken);
        isEnded = true;
        while (!reading.IsCompleted)
        {
            _time.Advance(Limits.LogFollow);
            await Task.Yield();
        }

        await reading;
        Assert.Equal("first\nsecond\n", Encoding.UTF8.GetString(output.ToArray()));
    }

    [Fact]
    public void A_log_that_is_too_long_is_turned_and_its_writer_goes_on_at_the_beginning()
    {
        using var writer = new FileStream(Log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        writer.Write(new byte[Limits.LogBytesMax]);
        writer.Flush();

        LogFiles.Check(Log, _time.GetUtcNow());

        Assert.Equal(0, new FileInfo(Log).Length);
        Assert.Equal(Limits.LogBytesMax, new FileInfo(Log + ".1").Length);
    }

    private async Task<string> ReadAsync(LogRequest request)
    {
        using var output = new MemoryStream();
        await new LogReader(Log, request, _time).CopyAsync(output, () => true, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
