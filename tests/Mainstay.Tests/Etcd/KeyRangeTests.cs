using Google.Protobuf;
using Mainstay.Etcd;

namespace Mainstay.Tests.Etcd;

public sealed class KeyRangeTests
{
    [Fact]
    public void A_prefix_ends_before_the_next_prefix()
    {
        Assert.Equal("/a0", KeyRange.Prefix("/a/").End.ToStringUtf8());
    }

    [Fact]
    public void A_prefix_that_ends_in_ff_ends_where_the_byte_before_grows()
    {
        Assert.Equal([2], KeyRange.Prefix(ByteString.CopyFrom(1, 0xff, 0xff)).End.ToByteArray());
    }

    [Fact]
    public void The_empty_prefix_and_one_of_ff_only_are_everything_from_there()
    {
        Assert.Equal((ByteString.CopyFrom(0), ByteString.CopyFrom(0)), Parts(KeyRange.Prefix("")));
        var last = ByteString.CopyFrom(0xff);
        Assert.Equal((last, ByteString.CopyFrom(0)), Parts(KeyRange.Prefix(last)));
    }

    [Fact]
    public void Endpoints_are_read_with_and_without_scheme_and_a_bad_one_is_named()
    {
        Assert.Equal(
            ["http://127.0.0.1:2379/", "https://etcd-2:2379/"],
            EtcdClientOptions.ParseEndpoints("127.0.0.1:2379, https://etcd-2:2379").Select(uri => uri.ToString()));
        var fault = Assert.Throws<FormatException>(() => EtcdClientOptions.ParseEndpoints("http://a:1,ftp://b:2"));
        Assert.Contains("ftp://b:2", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_error_of_the_table_is_found_by_its_text()
    {
        var errors = typeof(EtcdErrors).GetFields().Select(field => field.GetValue(null)).OfType<EtcdError>().ToList();

        Assert.True(errors.Count > 20);
        Assert.All(errors, error => Assert.Same(error, EtcdErrors.Find(error.Text)));
    }

    private static (ByteString, ByteString) Parts(KeyRange range) => (range.Key, range.End);
}
