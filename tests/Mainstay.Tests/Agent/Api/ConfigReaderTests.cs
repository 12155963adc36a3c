using Mainstay.Agent.Api;
using Mainstay.Agent.Environments;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mainstay.Tests.Agent.Api;

public sealed class ConfigReaderTests : IDisposable
{
    private static readonly ConfigKey Key = new(ConfigKind.Secret, "bank", "keys");
    private readonly string _folder = Directory.CreateTempSubdirectory("mainstay-configs").FullName;
    private readonly ApiConnection _connection = new(null, TimeProvider.System, NullLogger.Instance);
    private readonly ConfigReader _configs;

    public ConfigReaderTests() => _configs = new ConfigReader(_connection, _folder, NullLogger.Instance);

    public void Dispose()
    {
        _connection.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Without_an_API_server_the_copy_on_disk_is_taken()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "Secret_bank_keys.json"),
            """{"a":"aGVsbG8="}""",
            TestContext.Current.CancellationToken);

        var entries = await _configs.FindAsync(Key, TestContext.Current.CancellationToken);

        Assert.Equal("hello"u8.ToArray(), entries?.Entries["a"]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{")]
    [InlineData("""{"a": "not base64!"}""")]
    public async Task Without_a_good_copy_the_object_is_named(string? text)
    {
        if (text is not null)
        {
            await File.WriteAllTextAsync(
                Path.Combine(_folder, "Secret_bank_keys.json"), text, TestContext.Current.CancellationToken);
        }

        var fault = await Assert.ThrowsAsync<ContainerStartException>(
            () => _configs.FindAsync(Key, TestContext.Current.CancellationToken));

        Assert.Equal("CreateContainerConfigError", fault.Reason);
        Assert.StartsWith("Secret bank/keys cannot be read", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copies_that_no_pod_names_go()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "Secret_bank_keys.json"), "{}", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "Secret_bank_old.json"), "{}", TestContext.Current.CancellationToken);

        _configs.KeepOnly([Key]);

        Assert.Equal("Secret_bank_keys.json", Path.GetFileName(Assert.Single(Directory.GetFiles(_folder))));
    }
}
