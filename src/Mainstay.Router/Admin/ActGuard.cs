using System.Text;
using Mainstay.Router.Http1;

namespace Mainstay.Router.Admin;

/// <summary>
/// Who may act by the admin port, which knows no users: programs of this machine. Another machine may look. A page in a
/// browser of this machine may not act either: browsers tell with Origin or Sec-Fetch-Site that a page sent something.
/// </summary>
internal static class ActGuard
{
    /// <returns>why it is refused; null: it may act</returns>
    public static string? Refusal(bool isPeerLoopback, HeaderBlock headers, ReadOnlySpan<byte> message)
    {
        if (!isPeerLoopback)
        {
            return "only this machine may act by this port; ask from there\n";
        }

        foreach (ref readonly var line in headers.Lines)
        {
            var name = line.Name(message);
            if (Ascii.EqualsIgnoreCase(name, "origin"u8) || Ascii.EqualsIgnoreCase(name, "sec-fetch-site"u8))
            {
                return "a page in a browser may not act by this port; use mainstay\n";
            }
        }

        return null;
    }
}
