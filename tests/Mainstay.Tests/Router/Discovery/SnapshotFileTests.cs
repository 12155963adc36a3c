using System.Collections.Immutable;
using Mainstay.Kube;
using Mainstay.Router.Discovery;

namespace Mainstay.Tests.Router.Discovery;

public sealed class SnapshotFileTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("mainstay-snapshot-").FullName;

    private string File => Path.Combine(_folder, "table.snapshot");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_written_is_read_back_and_makes_the_same_table()
    {
        var objects = Objects();
        new SnapshotFile(File, "c1").Write(objects, Now);

        var snapshot = new SnapshotFile(File, "c1").Read();

        Assert.NotNull(snapshot);
        Assert.Equal(Now, snapshot.SavedAt);
        Assert.Equal(
            TableBuilder.Build(objects, RouteTable.Empty).Services,
            TableBuilder.Build(snapshot.Objects, RouteTable.Empty).Services);
    }

    [Fact]
    public void A_snapshot_of_another_cluster_is_refused()
    {
        new SnapshotFile(File, "c1").Write(Objects(), Now);

        var refused = Assert.Throws<SnapshotRefusedException>(() => new SnapshotFile(File, "c2").Read());

        Assert.Contains("another cluster", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_at_any_byte_is_refused_and_never_read_in_part()
    {
        new SnapshotFile(File, "c1").Write(Objects(), Now);
        var whole = System.IO.File.ReadAllBytes(File);
        for (var length = 0; length < whole.Length; length++)
        {
            System.IO.File.WriteAllBytes(File, whole[..length]);

            Assert.Throws<SnapshotRefusedException>(() => new SnapshotFile(File, "c1").Read());
        }
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_refused_or_harmless()
    {
        new SnapshotFile(File, "c1").Write(Objects(), Now);
        var whole = System.IO.File.ReadAllBytes(File);
        var good = TableBuilder.Build(Objects(), RouteTable.Empty).Services;
        for (var at = 0; at < whole.Length; at++)
        {
            var flipped = whole.ToArray();
            flipped[at] ^= 1;
            System.IO.File.WriteAllBytes(File, flipped);
            try
            {
                // In the first line only the time of saving can change without being noticed.
                var snapshot = new SnapshotFile(File, "c1").Read();
                Assert.NotNull(snapshot);
                Assert.Equal(good, TableBuilder.Build(snapshot.Objects, RouteTable.Empty).Services);
            }
            catch (SnapshotRefusedException)
            {
                // Refused: good.
            }
        }
    }

    [Fact]
    public void Without_a_file_there_is_no_snapshot()
    {
        Assert.Null(new SnapshotFile(File, "c1").Read());
    }

    private static DiscoveredObjects Objects()
    {
        var service = new ServiceObject(new ObjectKey("bank", "pay"), [new ServicePort("http", 80)]);
        var slice = new SliceObject(new ObjectKey("bank", "pay-1"), "pay")
        {
            Ports = [new ServicePort("http", 8080)],
            Addresses = [new SliceAddress("10.0.0.1", true) { Node = "n", Zone = "z", Pod = "p", Uid = "u" }],
        };
        return new DiscoveredObjects(
            ImmutableDictionary<ObjectKey, ServiceObject>.Empty.Add(service.Key, service),
            ImmutableDictionary<ObjectKey, SliceObject>.Empty.Add(slice.Key, slice));
    }
}
