using System.Runtime.InteropServices;
using Mainstay.Kernel;
using Mainstay.Router;

if (args is ["--help"] or ["-h"] or ["help"])
{
    Console.WriteLine(RouterArguments.Usage);
    return ExitCodes.Ok;
}

using var stop = new CancellationTokenSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
try
{
    await RouterHost.RunAsync(RouterArguments.Parse(args), stop.Token);
    return ExitCodes.Ok;
}
catch (StartException cannot)
{
    Console.Error.WriteLine($"mainstay-router: {cannot.Message}");
    return cannot.ExitCode;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
