using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Mainstay.ConsoleSite.Pages;

/// <summary>
/// Lets a form through only if one of our own pages sent it. The console listens on loopback and knows no users, so
/// that any page in the same browser could post to it: a form must bear the token that only our pages show, come from
/// our own origin where the browser tells, and be addressed to a name that is no one else's (DNS rebinding). The key
/// outlives the process, so that a page that is open while the console starts anew still works. Thread safe.
/// </summary>
internal sealed class FormGuard(string folder)
{
    public const string Field = "form-token";

    private readonly Lazy<string> _token = new(() => Convert.ToHexStringLower(SHA256.HashData(Key(folder))));

    public string Token => _token.Value;

    /// <returns>why it is refused; null: it is ours</returns>
    public string? Refusal(HttpRequest request, string? token)
    {
        var origin = request.Headers.Origin.ToString();
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (!IsOurName(request.Host))
        {
            return $"this console is not called '{request.Host.Host}'; use its address";
        }

        if (origin.Length > 0 && origin != $"{request.Scheme}://{request.Host}")
        {
            return "the form came from another site";
        }

        if (site.Length > 0 && site is not ("same-origin" or "none"))
        {
            return "the form came from another site";
        }

        var given = Encoding.UTF8.GetBytes(token ?? "");
        return CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes(Token))
            ? null
            : "the form does not bear this console's token; load the page again";
    }

    /// <summary>An address, or this machine: a name that somebody else may point at us is none.</summary>
    private static bool IsOurName(HostString host) =>
        System.Net.IPAddress.TryParse(host.Host.Trim('[', ']'), out _)
        || host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    private static byte[] Key(string folder)
    {
        var file = Path.Combine(folder, "form-key");
        try
        {
            if (File.Exists(file) && File.ReadAllBytes(file) is { Length: 32 } kept)
            {
                return kept;
            }

            var made = RandomNumberGenerator.GetBytes(32);
            Directory.CreateDirectory(folder);
            using var stream = new FileStream(file, new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            stream.Write(made);
            return made;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // A full disk must not take the forms away: the key then lives as long as the process.
            return RandomNumberGenerator.GetBytes(32);
        }
    }
}
