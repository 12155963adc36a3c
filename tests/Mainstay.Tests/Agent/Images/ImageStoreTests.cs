using System.Runtime.Versioning;
using Mainstay.Agent.Images;
using Mainstay.Kernel;

namespace Mainstay.Tests.Agent.Images;

[SupportedOSPlatform("linux")]
public sealed class ImageStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mainstay-images").FullName;
    private readonly ImageStore _store;

    public ImageStoreTests() => _store = new ImageStore(Path.Combine(_folder, "store"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void An_imported_image_is_found_with_its_command_and_environment()
    {
        Import("""{"entrypoint": ["./run", "x"], "cmd": ["-v"], "env": {"A": "1"}, "workingDir": "sub"}""");

        var image = _store.Resolve("bank/payments:v1", out var fault);

        Assert.Null(fault);
        Assert.Equal(["./run", "x"], image?.Entrypoint);
        Assert.Equal(["-v"], image?.Cmd);
        Assert.Equal(new KeyValuePair<string, string>("A", "1"), Assert.Single(image?.Env ?? []));
        Assert.Equal(Path.Combine(_store.Folder, "bank/payments/v1/sub"), image?.WorkingDirectory);
        Assert.True(File.Exists(Path.Combine(_store.Folder, "bank/payments/v1/run")));
        Assert.True(File.GetUnixFileMode(Path.Combine(_store.Folder, "bank/payments/v1/run"))
            .HasFlag(UnixFileMode.UserExecute));
    }

    [Fact]
    public void An_import_over_an_image_changes_its_id_and_leaves_nothing_else()
    {
        Import("""{"entrypoint": ["./run"]}""");
        var first = _store.Resolve("bank/payments:v1", out _)?.Id;
        Import("""{"entrypoint": ["./run", "more"]}""");
        var second = _store.Resolve("bank/payments:v1", out _)?.Id;

        Assert.NotEqual(first, second);
        Assert.Single(_store.List());
        Assert.Equal(["bank"], Directory.GetFileSystemEntries(_store.Folder).Select(path => Path.GetFileName(path)));
    }

    [Fact]
    public void A_missing_image_is_named_with_the_way_to_get_it()
    {
        Assert.Null(_store.Resolve("bank/none:v9", out var fault));
        Assert.Equal("ErrImagePull", fault?.Reason);
        Assert.Contains("bank/none:v9", fault?.Message, StringComparison.Ordinal);
        Assert.Contains("mainstay image import", fault?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "is not JSON")]
    [InlineData("[]", "must be an object, is an array")]
    [InlineData("{}", "nothing says what to run")]
    [InlineData("""{"entrypoint": "./run"}""", "field entrypoint must be an array of strings, is a string")]
    [InlineData("""{"entrypoint": ["./run", 5]}""", "field entrypoint[1] must be a string, is a number")]
    [InlineData("""{"entrypoint": ["./run"], "env": {"A": 1}}""", "field env.A must be a string")]
    [InlineData("""{"entrypoint": ["./run"], "env": {"A=B": "1"}}""", "a variable named \"A=B\"")]
    [InlineData("""{"entrypont": ["./run"], "cmd": ["x"]}""", "unknown field entrypont")]
    public void A_faulty_image_json_is_refused_with_the_field(string json, string expected)
    {
        var fault = Assert.Throws<StartException>(() => Import(json));

        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.Empty(_store.List());
    }

    [Fact]
    public void A_removed_image_is_gone_with_its_empty_folders()
    {
        Import("""{"entrypoint": ["./run"]}""");

        Assert.True(_store.Remove(new ImageReference("bank/payments", "v1")));
        Assert.False(_store.Remove(new ImageReference("bank/payments", "v1")));
        Assert.Empty(Directory.GetFileSystemEntries(_store.Folder));
    }

    private void Import(string json)
    {
        var source = Directory.CreateDirectory(Path.Combine(_folder, "source")).FullName;
        File.WriteAllText(Path.Combine(source, "image.json"), json);
        File.WriteAllText(Path.Combine(source, "run"), "#!/bin/sh\n");
        File.SetUnixFileMode(Path.Combine(source, "run"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        _store.Import(source, new ImageReference("bank/payments", "v1"), "1");
    }
}
