using System.Runtime.CompilerServices;
using Mainstay.Kernel;
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

        var logger = new ConsoleLogger(Console.Out, TimeProvider.System);
        await using var router = await RunningRouter.StartAsync(options, logger, TimeProvider.System);
        if (RuntimeFeature.IsDynamicCodeCompiled)
        {
            logger.RunByJit();
        }

        await router.RunAsync(cancellationToken);
        await router.DrainAsync();
    }
}
