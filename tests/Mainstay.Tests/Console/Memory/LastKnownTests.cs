using Mainstay.ConsoleSite.Memory;
using Mainstay.Tests.ConsoleSite.Overview;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mainstay.Tests.ConsoleSite.Memory;

public sealed class LastKnownTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("console-").FullName;

    private LastKnown Memory => new(_folder, NullLogger<LastKnown>.Instance);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_saved_is_read_again_as_from_disk()
    {
        Memory.Save(Given.Cluster);

        var view = Memory.Load();

        Assert.True(view.FromDisk);
        Assert.Equal(Given.Cluster.HeardAt, view.HeardAt);
        Assert.Equal(Given.Cluster.Nodes.AsEnumerable(), view.Nodes);
        Assert.Equal(Given.Cluster.Services.AsEnumerable(), view.Services);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"nodes\":7}")]
    [InlineData("{\"heardAt\":\"2026")]
    public void A_file_that_makes_no_sense_is_not_used_and_is_written_over(string content)
    {
        File.WriteAllText(Path.Combine(_folder, "last-known.json"), content);

        Assert.Null(Memory.Load().HeardAt);
        Memory.Save(Given.Cluster);
        Assert.Equal(Given.Cluster.HeardAt, Memory.Load().HeardAt);
    }

    [Fact]
    public void A_file_without_lists_is_read_as_with_empty_ones()
    {
        File.WriteAllText(Path.Combine(_folder, "last-known.json"), """{"heardAt":"2026-01-01T00:00:00Z"}""");

        var view = Memory.Load();

        Assert.Empty(view.Nodes);
        Assert.Empty(view.Services);
        Given.Page(view);
    }

    [Fact]
    public void What_came_from_disk_does_not_go_back_there_as_news()
    {
        Memory.Save(Given.Cluster with { FromDisk = true });

        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_ends_nothing()
    {
        var file = Path.Combine(_folder, "a-file");
        File.WriteAllText(file, "");

        new LastKnown(file, NullLogger<LastKnown>.Instance).Save(Given.Cluster);
    }
}
