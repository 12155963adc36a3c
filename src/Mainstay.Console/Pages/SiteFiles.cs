using System.Collections.Frozen;
using System.Security.Cryptography;

namespace Mainstay.ConsoleSite.Pages;

/// <summary>Style, script and icon, from inside the program. Their address changes with their content.</summary>
internal static class SiteFiles
{
    private static readonly FrozenDictionary<string, SiteFile> All = new[]
    {
        Load("console.css", "text/css; charset=utf-8"),
        Load("console.js", "text/javascript; charset=utf-8"),
        Load("icon.svg", "image/svg+xml"),
        Load("status-page.css", "text/css; charset=utf-8"),
    }.ToFrozenDictionary(asset => asset.Name, StringComparer.Ordinal);

    public static string Url(string name) => $"/assets/{All[name].Version}/{name}";

    public static byte[] Content(string name) => All[name].Content;

    public static SiteFile? Find(string name) => All.GetValueOrDefault(name);

    private static SiteFile Load(string name, string contentType)
    {
        using var stream = typeof(SiteFiles).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        var content = copy.ToArray();
        return new SiteFile(name, contentType, content, Convert.ToHexStringLower(SHA256.HashData(content))[..12]);
    }
}

internal sealed record SiteFile(string Name, string ContentType, byte[] Content, string Version);
