using System.Runtime.CompilerServices;
using Mainstay.Kernel;
using Mainstay.Router.Proof;
using Microsoft.Extensions.Logging;

namespace Mainstay.Router;

/// <summary>Runs a router until it is told to stop.</summary>
public static class RouterHost
{
    /// <exception cref="StartException">it cannot start, and a person can mend it</exception>
    public static async Task RunAsync(RouterOptions options, CancellationToken cancellationToken)
    {
        var faults = options.Faults();
        if (faults.Count > 0)
        {
            throw new StartException(string.Join("; ", faults), "see mainstay-router --help", ExitCodes.Usage);
        }

        if (options.Prove is { } kind)
        {
            await ThrowAwayInstance.RunAsync(options, kind, cancellationToken);
            return;
        }

        using var loggers = LoggerFactory.Create(logging => logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
        }));
        var logger = loggers.CreateLogger("Router");
        if (options.Protections.Off is { Count: > 0 } off)
        {
            logger.Unprotected(string.Join(", ", off));
        }

        await using var router = await RunningRouter.StartAsync(options, logger, TimeProvider.System);
        if (RuntimeFeature.IsDynamicCodeCompiled)
        {
            logger.RunByJit();
        }

        await router.RunAsync(cancellationToken);
        await router.DrainAsync();
    }
}
