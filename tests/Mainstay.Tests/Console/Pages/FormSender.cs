using System.Text.RegularExpressions;

namespace Mainstay.Tests.ConsoleSite.Pages;

/// <summary>Sends a form as a browser does: with the token that the console's own page shows.</summary>
/// <param name="http">follows no redirection; its base address is the console's</param>
/// <param name="page">the page that has the form</param>
internal sealed partial class FormSender(HttpClient http, string page)
{
    public async Task<HttpResponseMessage> PostAsync(
        string path, Dictionary<string, string> form, (string Name, string Value)? header, CancellationToken token)
    {
        form["form-token"] = TokenField().Match(await http.GetStringAsync(page, token)).Groups[1].Value;
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(form) };
        if (header is { } extra)
        {
            request.Headers.TryAddWithoutValidation(extra.Name, extra.Value);
        }

        return await http.SendAsync(request, token);
    }

    [GeneratedRegex("name=\"form-token\" value=\"([0-9a-f]{64})\"")]
    private static partial Regex TokenField();
}
