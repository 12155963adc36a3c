using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mainstay.Kernel;

namespace Mainstay.ConsoleSite.Incidents.Voices;

/// <summary>Whose format a webhook takes.</summary>
public enum WebhookKind
{
    /// <summary>Slack's incoming webhook: text and blocks; for those inside.</summary>
    Slack,

    /// <summary>The whole incident as JSON of ours; for machines of those inside.</summary>
    Generic,

    /// <summary>
    /// What Statuspage sends its subscribers; for those outside, so that it carries public posts only.
    /// </summary>
    Statuspage,
}

/// <summary>Where to tell of incidents. The address is a secret: it is never printed, logged or exported.</summary>
/// <param name="Name">unique; lower case letters, digits and dashes</param>
public sealed record Webhook(string Name, WebhookKind Kind, Uri Address)
{
    /// <summary>All that may be shown of the address.</summary>
    public string Host => Address.IsDefaultPort ? Address.Host : $"{Address.Host}:{Address.Port}";

    /// <summary>Without the address: a record would print it.</summary>
    public override string ToString() => $"{Name} ({KindWord} {Host})";

    public string KindWord => Kind.ToString().ToLowerInvariant();
}

/// <summary>
/// The webhooks, in <c>notify.json</c> of the console's folder, for its owner only:
/// <c>{"webhooks":[{"name":"team","kind":"slack","url":"https://..."}]}</c>. Read anew for each act, so that a change
/// counts at once.
/// </summary>
public sealed class WebhookFile(string folder)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public string Path { get; } = System.IO.Path.Combine(folder, "notify.json");

    /// <exception cref="StartException">the file is there and makes no sense</exception>
    public ImmutableArray<Webhook> Read()
    {
        NotifyFile? file;
        try
        {
            file = JsonSerializer.Deserialize(File.ReadAllBytes(Path), NotifyJson.Default.NotifyFile);
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception fault) when (fault is JsonException or IOException or UnauthorizedAccessException)
        {
            // The message of a parser may quote the file, whose addresses are secrets.
            var why = fault is JsonException json
                ? $"line {json.LineNumber + 1} is no JSON of webhooks"
                : fault.Message;
            throw new StartException($"{Path}: {why}", "mend it, or remove it and add the webhooks again");
        }

        var entries = file?.Webhooks ?? [];
        return [.. entries.Select((entry, index) => Check(entry, $"{Path}: webhook {index + 1}"))];
    }

    public void Add(string name, string kind, string address)
    {
        var webhook = Check(new NotifyEntry(name, kind, address), "the webhook");
        var others = Read();
        if (others.Any(other => other.Name == webhook.Name))
        {
            throw IncidentWords.Refused(
                $"there is a webhook '{name}' already", "remove it first, or take another name");
        }

        if (others.Length >= VoiceLimits.WebhooksMax)
        {
            throw IncidentWords.Refused(
                $"there are {others.Length} webhooks already, which is the most", "remove one first");
        }

        Write(others.Add(webhook));
    }

    public void Remove(string name)
    {
        var others = Read();
        if (others.All(other => other.Name != name))
        {
            throw IncidentWords.Refused(
                $"there is no webhook '{name}'", "'mainstay incident webhooks list' shows them");
        }

        Write(others.RemoveAll(other => other.Name == name));
    }

    private static Webhook Check(NotifyEntry entry, string where)
    {
        if (entry.Name is not { Length: > 0 and <= 40 } name
            || name.Any(letter => !char.IsAsciiLetterLower(letter) && !char.IsAsciiDigit(letter) && letter != '-'))
        {
            throw IncidentWords.Refused(
                $"{where}: the name '{entry.Name}' is not 1 to 40 lower case letters, digits and dashes", "rename it");
        }

        if (!Enum.TryParse<WebhookKind>(entry.Kind, ignoreCase: true, out var kind) || !Enum.IsDefined(kind))
        {
            throw IncidentWords.Refused(
                $"{where}: '{entry.Kind}' is no kind of webhook", "use slack, generic or statuspage");
        }

        var usable = Uri.TryCreate(entry.Url, UriKind.Absolute, out var address)
            && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp);
        return usable && address is not null
            ? new Webhook(name, kind, address)
            : throw IncidentWords.Refused(
                $"{where}: the url of '{name}' is no http or https address", "give the whole address");
    }

    private void Write(IEnumerable<Webhook> webhooks)
    {
        var file = new NotifyFile(
            [.. webhooks.Select(one => new NotifyEntry(one.Name, one.KindWord, one.Address.AbsoluteUri))]);
        Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        var next = $"{Path}.new";
        File.Delete(next);
        using (var stream = new FileStream(next, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        }))
        {
            JsonSerializer.Serialize(stream, file, NotifyJson.Default.NotifyFile);
            stream.Flush(flushToDisk: true);
        }

        File.Move(next, Path, overwrite: true);
    }
}

internal sealed record NotifyFile(NotifyEntry[]? Webhooks);

internal sealed record NotifyEntry(string? Name, string? Kind, string? Url);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(NotifyFile))]
internal sealed partial class NotifyJson : JsonSerializerContext;
