using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Mainstay.Agent.Images;

/// <summary>An image as its image.json says it; see docs/images.md.</summary>
/// <param name="Folder">where its files are, absolute</param>
/// <param name="Id">changes when a file of the image changes</param>
/// <param name="WorkingDirectory">absolute</param>
internal sealed record Image(
    string Folder,
    string Id,
    ImmutableArray<string> Entrypoint,
    ImmutableArray<string> Cmd,
    ImmutableArray<KeyValuePair<string, string>> Env,
    string WorkingDirectory);

/// <summary>
/// Reads image.json strictly: a misspelt field would otherwise show as a program that starts wrongly.
/// </summary>
internal static partial class ImageJson
{
    public const string FileName = "image.json";

    /// <returns>the image, or null with every fault of the file</returns>
    public static Image? Read(string folder, string id, ReadOnlyMemory<byte> json, out ImmutableArray<string> faults)
    {
        var found = new List<string>();
        Image? image = null;
        try
        {
            using var document = JsonDocument.Parse(json);
            image = ReadDocument(folder, id, document.RootElement, found);
        }
        catch (JsonException e)
        {
            found.Add($"is not JSON: {e.Message}");
        }

        faults = [.. found.Select(fault => $"{Path.Combine(folder, FileName)}: {fault}")];
        return faults.IsEmpty ? image : null;
    }

    private static Image? ReadDocument(string folder, string id, JsonElement root, List<string> faults)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            faults.Add($"must be an object, is {Kind(root)}");
            return null;
        }

        ImmutableArray<string> entrypoint = [], cmd = [];
        ImmutableArray<KeyValuePair<string, string>> env = [];
        var workingDirectory = ".";
        foreach (var field in root.EnumerateObject())
        {
            switch (field.Name)
            {
                case "entrypoint": entrypoint = ReadWords(field, faults); break;
                case "cmd": cmd = ReadWords(field, faults); break;
                case "env": env = ReadEnv(field, faults); break;
                case "workingDir" when field.Value.ValueKind == JsonValueKind.String:
                    workingDirectory = field.Value.GetString() ?? ".";
                    break;
                case "workingDir": faults.Add($"field workingDir must be a string, is {Kind(field.Value)}"); break;
                default: faults.Add($"unknown field {field.Name}: there are entrypoint, cmd, env, workingDir"); break;
            }
        }

        if (faults.Count == 0 && entrypoint.IsEmpty && cmd.IsEmpty)
        {
            faults.Add("needs an entrypoint or a cmd: nothing says what to run");
        }

        return new Image(folder, id, entrypoint, cmd, env, Path.GetFullPath(workingDirectory, folder));
    }

    private static ImmutableArray<string> ReadWords(JsonProperty field, List<string> faults)
    {
        if (field.Value.ValueKind != JsonValueKind.Array)
        {
            faults.Add($"field {field.Name} must be an array of strings, is {Kind(field.Value)}");
            return [];
        }

        var words = ImmutableArray.CreateBuilder<string>();
        var index = 0;
        foreach (var item in field.Value.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.String)
            {
                words.Add(item.GetString() ?? "");
            }
            else
            {
                faults.Add($"field {field.Name}[{index}] must be a string, is {Kind(item)}");
            }

            index++;
        }

        return words.ToImmutable();
    }

    private static ImmutableArray<KeyValuePair<string, string>> ReadEnv(JsonProperty field, List<string> faults)
    {
        if (field.Value.ValueKind != JsonValueKind.Object)
        {
            faults.Add($"field env must be an object of strings, is {Kind(field.Value)}");
            return [];
        }

        var pairs = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (var pair in field.Value.EnumerateObject())
        {
            if (!VariableName().IsMatch(pair.Name))
            {
                faults.Add(
                    $"field env has a variable named \"{pair.Name}\": "
                    + "letters, digits, '_', '.' and '-', not first a digit");
            }
            else if (pair.Value.ValueKind != JsonValueKind.String)
            {
                faults.Add($"field env.{pair.Name} must be a string, is {Kind(pair.Value)}");
            }
            else
            {
                pairs.Add(new(pair.Name, pair.Value.GetString() ?? ""));
            }
        }

        return pairs.ToImmutable();
    }

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        var kind => $"a {kind.ToString().ToLowerInvariant()}",
    };

    [GeneratedRegex(@"^[-._a-zA-Z][-._a-zA-Z0-9]*\z")]
    private static partial Regex VariableName();
}
