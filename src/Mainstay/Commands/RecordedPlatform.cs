using System.CommandLine;
using Mainstay.ConsoleSite.Signals;
using Mainstay.Kernel;
using Mainstay.Kube;
using Mainstay.Up;

namespace Mainstay.Commands;

/// <summary>The platform of <c>--data</c>, whether or not any of it still runs.</summary>
internal static class RecordedPlatform
{
    /// <exception cref="StartException">there never was one over this folder, or its files are gone</exception>
    public static (DataFolder Data, RunRecord Record, PlatformMap Map) Of(ParseResult parsed)
    {
        var data = new DataFolder(DataOption.FolderOf(parsed));
        var record = RunRecord.Read(data) ?? throw new StartException(
            $"no platform was ever up over {data.Root}", $"name its folder with --data, or start it by 'mainstay up'",
            ExitCodes.NotWell);
        try
        {
            return (data, record, RecordedMap.Of(record, data));
        }
        catch (KubeconfigException fault)
        {
            throw new StartException(fault.Message, "start the platform again by 'mainstay up'", ExitCodes.NotWell);
        }
    }
}
