using System.Globalization;
using System.Net;
using System.Text;
using System.Xml;

namespace Mainstay.ConsoleSite.StatusPage;

/// <summary>
/// The Atom feed, as Statuspage makes it: one entry per incident, revised in place, all updates in it, newest first.
/// Pure.
/// </summary>
internal static class HistoryFeed
{
    private const string Atom = "http://www.w3.org/2005/Atom";

    public static byte[] Atom10(PublicPage page)
    {
        var about = page.Summary.Page;
        var host = new Uri(about.Url).Host;
        var settings = new XmlWriterSettings
        {
            Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            Indent = true,
        };
        using var bytes = new MemoryStream();
        using (var xml = XmlWriter.Create(bytes, settings))
        {
            xml.WriteStartElement("feed", Atom);
            Text(xml, "id", $"tag:{host},2005:/history");
            Link(xml, "alternate", "text/html", about.Url);
            Link(xml, "self", "application/atom+xml", $"{about.Url}/history.atom");
            Text(xml, "title", $"{about.Name} Status - Incident History");
            var updated = page.History.Select(incident => incident.UpdatedAt).Append(page.BegunAt).Max();
            Text(xml, "updated", MillisecondTime.Text(updated));
            xml.WriteStartElement("author", Atom);
            Text(xml, "name", about.Name);
            xml.WriteEndElement();
            foreach (var incident in page.History)
            {
                Entry(xml, incident, host);
            }

            xml.WriteEndElement();
        }

        return bytes.ToArray();
    }

    private static void Entry(XmlWriter xml, IncidentDocument incident, string host)
    {
        xml.WriteStartElement("entry", Atom);
        Text(xml, "id", $"tag:{host},2005:Incident/{incident.Id}");
        Text(xml, "published", MillisecondTime.Text(incident.CreatedAt));
        Text(xml, "updated", MillisecondTime.Text(incident.UpdatedAt));
        Link(xml, "alternate", "text/html", incident.Shortlink);
        Text(xml, "title", Legal(incident.Name));
        xml.WriteStartElement("content", Atom);
        xml.WriteAttributeString("type", "html");
        xml.WriteString(string.Concat(incident.IncidentUpdates.Select(update =>
            $"<p><small>{Date(update.DisplayAt)}</small><br><strong>{Capital(update.Status)}</strong> - "
            + $"{WebUtility.HtmlEncode(Legal(update.Body))}</p>")));
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void Text(XmlWriter xml, string name, string text) => xml.WriteElementString(name, Atom, text);

    private static void Link(XmlWriter xml, string rel, string type, string address)
    {
        xml.WriteStartElement("link", Atom);
        xml.WriteAttributeString("rel", rel);
        xml.WriteAttributeString("type", type);
        xml.WriteAttributeString("href", address);
        xml.WriteEndElement();
    }

    private static string Date(DateTimeOffset at) =>
        at.UtcDateTime.ToString("MMM d, yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];

    /// <summary>Without what XML cannot hold: a control character of a terminal must not end the feed.</summary>
    private static string Legal(string text) => string.Concat(
        text.EnumerateRunes().Where(rune => !rune.IsBmp || XmlConvert.IsXmlChar((char)rune.Value)));
}
