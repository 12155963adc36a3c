using Google.Protobuf;
using Mainstay.ApiServer.Http;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Storage;
using Mainstay.Etcd.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mainstay.Tests.ApiServer.Storage;

public sealed class ObjectCodecTests
{
    private readonly ObjectCodec _codec = new(NullLogger<ObjectCodec>.Instance);

    [Theory]
    [InlineData("""{"apiVersion":"v1","kind":"Endpoints","metadata":{"name":"e","namespace":"n"},"subsets":null}""")]
    [InlineData("""{"apiVersion":"v1","kind":"Endpoints","metadata":{"name":"e","namespace":"n"}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"Endpoints","metadata":{"name":"e","namespace":"n"},"subsets":[]}""")]
    public void Endpoints_without_addresses_are_always_an_empty_list(string stored)
    {
        var read = _codec.ReadOrReport(Fakes.Type("", "endpoints"), At("/registry/services/endpoints/n/e", stored));

        var json = Fakes.Text(Assert.IsType<StoredObject>(read).Json);
        Assert.Contains("\"subsets\":[]", json, StringComparison.Ordinal);
        Assert.DoesNotContain("null", json, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slice_without_endpoints_is_always_an_empty_list()
    {
        const string stored =
            """
            {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"e","namespace":"n"},
             "addressType":"IPv4","endpoints":null,"ports":null}
            """;

        var read = _codec.ReadOrReport(
            Fakes.Type("discovery.k8s.io", "endpointslices"), At("/registry/endpointslices/n/e", stored));

        var json = Fakes.Text(Assert.IsType<StoredObject>(read).Json);
        Assert.Contains("\"endpoints\":[]", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("rubbish")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x","namespace":"n"}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"y","namespace":"n"}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","namespace":"n"},"data":5}""")]
    public void A_document_that_is_no_such_object_is_left_out_and_named(string stored)
    {
        var kv = At(Fakes.Key("x"), stored);

        Assert.Null(_codec.ReadOrReport(Fakes.ConfigMaps, kv));

        var named = Assert.Single(_codec.Unreadable);
        Assert.Equal(("configmaps", "n", "x"), (named.Resource, named.Namespace, named.Name));
        var refusal = Assert.Throws<RefusedException>(() => ObjectCodec.ReadOrRefuse(Fakes.ConfigMaps, kv));
        Assert.Equal(500, refusal.Status.Code);
        Assert.Contains("/registry/configmaps/n/x", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mended_document_is_no_longer_named()
    {
        _codec.ReadOrReport(Fakes.ConfigMaps, At(Fakes.Key("x"), "rubbish"));

        _codec.ReadOrReport(
            Fakes.ConfigMaps,
            At(Fakes.Key("x"), """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","namespace":"n"}}"""));

        Assert.Empty(_codec.Unreadable);
    }

    [Fact]
    public void What_is_written_reads_back_with_the_same_bytes()
    {
        foreach (var type in ResourceTable.All)
        {
            var tree = Fakes.Tree(
                $$$"""{"apiVersion":"{{{type.GroupVersion}}}","kind":"{{{type.Kind}}}","metadata":{"name":"x"}}""");
            if (type.IsNamespaced)
            {
                tree["metadata"]!["namespace"] = "n";
            }

            Mainstay.ApiServer.Schema.Defaults.Apply(type.Schema, tree);
            var key = type.StorageKey("n", "x");
            var stored = ObjectCodec.Write(type, tree);
            var written = StoredObject.From(type, key, 5, tree);

            var read = _codec.ReadOrReport(type, At(key, System.Text.Encoding.UTF8.GetString(stored)));

            Assert.Equal(Fakes.Text(written.Json), Fakes.Text(Assert.IsType<StoredObject>(read).Json));
        }
    }

    private static KeyValue At(string key, string value) => new()
    {
        Key = ByteString.CopyFromUtf8(key), Value = ByteString.CopyFromUtf8(value), ModRevision = 5,
    };
}
