using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Mainstay.Kernel;
using Mainstay.Router;

namespace Mainstay.Commands;

/// <summary>
/// `mainstay router`: the code of `mainstay-router`, run by the JIT. Its words are read by the router itself, and its
/// help is the router's.
/// </summary>
internal static class RouterCommand
{
    private const string Purpose =
        "Carry the calls between services (run by the JIT; mainstay-router is the same, compiled)";

    public static Command Create()
    {
        var command = new Command("router", Purpose)
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.Options.Add(new HelpOption { Action = new RouterHelp() });
        command.SetAction((parsed, cancellationToken) =>
            RouterHost.RunAsync(RouterArguments.Parse([.. parsed.UnmatchedTokens]), cancellationToken));
        return command;
    }

    private sealed class RouterHelp : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine($"{Purpose}.\n{RouterArguments.Usage}");
            return ExitCodes.Ok;
        }
    }
}
