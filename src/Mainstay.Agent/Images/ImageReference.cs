using System.Text.RegularExpressions;

namespace Mainstay.Agent.Images;

/// <summary>
/// <c>bank/payments:v1</c> is repository <c>bank/payments</c>, tag <c>v1</c>. No tag means <c>latest</c>.
/// </summary>
internal sealed partial record ImageReference(string Repository, string Tag)
{
    private const int LengthMax = 255;

    public override string ToString() => $"{Repository}:{Tag}";

    /// <returns>null and what is wrong with the text, in words</returns>
    public static ImageReference? Parse(string text, out string? fault)
    {
        var slash = text.LastIndexOf('/');
        var colon = text.LastIndexOf(':');
        var (repository, tag) = colon > slash ? (text[..colon], text[(colon + 1)..]) : (text, "latest");
        fault = text.Length > LengthMax ? $"image \"{text[..40]}...\" is longer than {LengthMax} characters"
            : !RepositoryForm().IsMatch(repository)
                ? $"image \"{text}\" has no good name: words of a-z, 0-9, '.', '_' and '-', "
                    + "divided by '/', such as bank/payments:v1"
            : !TagForm().IsMatch(tag)
                ? $"image \"{text}\" has no good tag: up to 128 letters, digits, '.', '_' and '-', such as v1"
            : null;
        return fault is null ? new ImageReference(repository, tag) : null;
    }

    /// <summary>A word neither starts nor ends with a dot, so that no name leaves the store's folder.</summary>
    [GeneratedRegex(@"^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(:[0-9]+)?(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*\z")]
    private static partial Regex RepositoryForm();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\z")]
    private static partial Regex TagForm();
}
