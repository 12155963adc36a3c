using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Mainstay.Router;

/// <summary>
/// A line per message on standard output, with UTC time: what the other parts get from the console logger, without its
/// options, configuration and queue, which would be most of this process's start.
///     2026-01-02T03:04:05.678Z warn: Router[5011] discovery of Service ...
/// Thread safe.
/// </summary>
internal sealed class ConsoleLogger(TextWriter output, TimeProvider time) : ILogger
{
    private readonly Lock _lock = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        var word = logLevel switch
        {
            LogLevel.Information => "info",
            LogLevel.Warning => "warn",
            LogLevel.Error => "fail",
            _ => "crit",
        };
        var at = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var text = formatter(state, exception).ReplaceLineEndings(" ");
        var line = string.Create(CultureInfo.InvariantCulture, $"{at} {word}: Router[{eventId.Id}] {text}");
        lock (_lock)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }
}
