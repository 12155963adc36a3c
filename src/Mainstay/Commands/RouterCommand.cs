using System.CommandLine;
using Mainstay.Router;

namespace Mainstay.Commands;

/// <summary>
/// `mainstay router`: the code of `mainstay-router`, run by the JIT. Its words are read by the router itself.
/// </summary>
internal static class RouterCommand
{
    public static Command Create()
    {
        const string Purpose =
            "Carry the calls between services (run by the JIT; mainstay-router is the same, compiled).";
        var command = new Command("router", $"{Purpose}\n{RouterArguments.Usage}")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.SetAction((parsed, cancellationToken) =>
            RouterHost.RunAsync(RouterArguments.Parse([.. parsed.UnmatchedTokens]), cancellationToken));
        return command;
    }
}
