using System.CommandLine;

namespace Mainstay.Commands;

/// <summary>Every verb of the command line, in the order of <c>--help</c>.</summary>
internal static class Verbs
{
    public static IEnumerable<Command> All()
    {
        yield return UpCommand.Create();
        yield return DownCommand.Create();
        yield return StatusCommand.Create();
        yield return CheckCommand.Create();
        yield return DoctorCommand.Create();
        yield return WhyCommand.Create();
        yield return RestartCommand.Create();
        yield return NodesCommand.Create();
        yield return FallbackCommand.Create();
        yield return ChangesCommand.Create();
        yield return StoreCommand.Create();
        yield return ApiCommand.Create();
        yield return ControllersCommand.Create();
        yield return NodeCommand.Create();
        yield return RouterCommand.Create();
        yield return ConsoleCommand.Create();
        yield return StatusPageCommand.Create();
        yield return ImageCommand.Create();
        yield return DrillCommand.Create();
        yield return IncidentCommand.Create();
    }
}
