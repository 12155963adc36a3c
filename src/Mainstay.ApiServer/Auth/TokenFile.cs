using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Mainstay.Kernel;

namespace Mainstay.ApiServer.Auth;

/// <summary>Who a request comes from.</summary>
internal sealed record ApiUser(string Name, string Uid, ImmutableArray<string> Groups)
{
    public static readonly ApiUser Anonymous = new("system:anonymous", "", ["system:unauthenticated"]);

    public bool IsAnonymous => ReferenceEquals(this, Anonymous);
}

/// <summary>
/// The static tokens, in kube-apiserver's form, a line each: <c>token,user,uid,"group1,group2"</c>. A token is looked
/// up
/// by its SHA-256, so that the time of a look-up tells nothing about a token that is almost right.
/// </summary>
internal sealed class TokenFile
{
    private readonly FrozenDictionary<string, ApiUser> _userByTokenHash;

    private TokenFile(IEnumerable<KeyValuePair<string, ApiUser>> users) =>
        _userByTokenHash = users.ToFrozenDictionary(StringComparer.Ordinal);

    public static async Task<TokenFile> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return Parse(await File.ReadAllTextAsync(path, cancellationToken), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"the token file {path} cannot be read: {e.Message}", "check --token-auth-file");
        }
    }

    /// <param name="text">the whole file</param>
    /// <param name="name">how an error names the file</param>
    public static TokenFile Parse(string text, string name)
    {
        var users = new Dictionary<string, ApiUser>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            var fields = SplitCsv(line.TrimEnd('\r'));
            if (fields is not [{ Length: > 0 } token, { Length: > 0 } user, var uid, ..])
            {
                throw new StartException(
                    $"line {number} of {name} is not token,user,uid[,\"group1,group2\"]", "correct that line");
            }

            ImmutableArray<string> groups =
            [
                .. fields.Count > 3 ? fields[3].Split(',', StringSplitOptions.RemoveEmptyEntries) : [],
                "system:authenticated",
            ];
            if (!users.TryAdd(Hash(token), new ApiUser(user, uid, groups)))
            {
                throw new StartException($"line {number} of {name} repeats a token", "give each user its own token");
            }
        }

        return new TokenFile(users);
    }

    public ApiUser? Find(string token) => _userByTokenHash.GetValueOrDefault(Hash(token));

    private static string Hash(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private static List<string> SplitCsv(string line)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        foreach (var c in line)
        {
            switch (c)
            {
                case '"':
                    quoted = !quoted;
                    break;
                case ',' when !quoted:
                    fields.Add(field.ToString().Trim());
                    field.Clear();
                    break;
                default:
                    field.Append(c);
                    break;
            }
        }

        fields.Add(field.ToString().Trim());
        return fields;
    }
}
