using System.Text;
using System.Text.Json;
using Mainstay.ConsoleSite.Incidents;
using Mainstay.ConsoleSite.Memory;
using Mainstay.Kernel;
using Microsoft.Data.Sqlite;

namespace Mainstay.Tests.ConsoleSite.Incidents;

public sealed class IncidentDeskTests : IDisposable
{
    private readonly GivenIncident _given = new();

    [Fact]
    public void An_incident_outlives_the_process_that_declared_it()
    {
        var declared = _given.Desk.Declare(GivenIncident.Ask).Incident;
        _given.Desk.Note("current", new IncidentAsk { By = "ben", Message = "the null object is found" });

        using var later = new IncidentDesk(_given.Folder, _given.Clock, new Random(1));

        var found = Assert.Single(later.All());
        Assert.Equal((declared.Id, "Card payments fail", 2), (found.Id, found.Title, found.Entries.Length));
        Assert.Equal("Ana", found.Roles["lead"]);
    }

    [Theory]
    [InlineData("SEV9", null, null, "'SEV9' is no severity")]
    [InlineData("SEV1", "captain=Ana", null, "'captain' is no role")]
    [InlineData("SEV1", "lead", null, "'lead' is no role")]
    [InlineData("SEV1", null, "Cards=broken", "'broken' is no component status")]
    [InlineData("SEV1", null, "Cards=operational,cards=operational", "given twice")]
    [InlineData(null, null, null, "needs a severity")]
    public void A_wrong_word_is_refused_with_what_to_use(
        string? severity, string? roles, string? components, string why)
    {
        var ask = GivenIncident.Ask with { Severity = severity, Roles = roles, Components = components };

        var fault = Assert.Throws<StartException>(() => _given.Desk.Declare(ask));

        Assert.Contains(why, fault.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Usage, fault.ExitCode);
        Assert.Empty(_given.Desk.All());
    }

    [Fact]
    public void Current_is_the_newest_open_one_and_a_beginning_is_enough_for_a_name()
    {
        var first = _given.Desk.Declare(GivenIncident.Ask).Incident;
        _given.Clock.Advance(TimeSpan.FromMinutes(1));
        var second = _given.Desk.Declare(GivenIncident.Ask with { Title = "Transfers fail" }).Incident;

        Assert.Equal(second.Id, _given.Book.Find("current").Id);
        Assert.Equal(first.Id, _given.Book.Find(first.Id[..6]).Id);
        _given.Desk.Resolve("current", new IncidentAsk());
        Assert.Equal(first.Id, _given.Book.Find("current").Id);
        _given.Desk.Resolve("current", new IncidentAsk());
        Assert.Throws<StartException>(() => _given.Book.Find("current"));
        Assert.Throws<StartException>(() => _given.Book.Find("zzzz"));
    }

    [Fact]
    public void What_is_over_is_not_resolved_twice()
    {
        var over = _given.Whole();

        var fault = Assert.Throws<StartException>(() => _given.Desk.Resolve(over.Id, new IncidentAsk()));

        Assert.Contains("was resolved at 2017-10-27 15:31:00 UTC", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_update_that_says_nothing_is_refused()
    {
        _given.Desk.Declare(GivenIncident.Ask);

        Assert.Throws<StartException>(() => _given.Desk.Update("current", new IncidentAsk { By = "ana" }));
    }

    [Fact]
    public void A_broken_file_is_told_by_its_name_with_what_to_do()
    {
        _given.Desk.Declare(GivenIncident.Ask);
        SqliteConnection.ClearAllPools();
        File.WriteAllText(Path.Combine(_given.Folder, "memory.db"), new string('x', 20_000));

        var fault = Assert.Throws<StartException>(() => _given.Desk.All());

        Assert.Contains("memory.db cannot be used", fault.Message, StringComparison.Ordinal);
        Assert.Contains("move it away", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_of_a_newer_version_harms_only_itself()
    {
        _given.Desk.Declare(GivenIncident.Ask);
        using (var connection = new ConsoleDatabase(_given.Folder).Open())
        using (var command = connection.CreateCommand())
        {
            command.CommandText =
                "INSERT INTO incident_entry (incident, at, body) SELECT incident, at, '{\"act\":\"Escalated\"}' "
                + "FROM incident_entry";
            command.ExecuteNonQuery();
        }

        Assert.Single(Assert.Single(_given.Desk.All()).Entries);
    }

    [Fact]
    public void Acts_side_by_side_are_all_kept_in_one_order()
    {
        _given.Desk.Declare(GivenIncident.Ask);

        Parallel.For(0, 20, number =>
            _given.Desk.Update("current", new IncidentAsk { By = "ana", Message = $"message {number}" }));

        var entries = Assert.Single(_given.Desk.All()).Entries;
        Assert.Equal(21, entries.Length);
        Assert.Equal(21, entries.Select(entry => entry.Number).Distinct().Count());
    }

    [Fact]
    public void The_list_as_JSON_has_the_clock_of_each()
    {
        _given.Desk.Declare(GivenIncident.Ask);
        _given.Clock.Advance(TimeSpan.FromMinutes(6));

        using var list = JsonDocument.Parse(_given.Desk.ListJson());

        var incident = list.RootElement.GetProperty("incidents")[0];
        Assert.Equal("SEV2", incident.GetProperty("severity").GetString());
        Assert.Equal(60, incident.GetProperty("comms").GetProperty("overdueSeconds").GetInt32());
        var due = incident.GetProperty("comms").GetProperty("nextPublicPostDue").GetString();
        Assert.Equal("2017-10-27T14:21:00.000Z", due);
    }

    [Fact]
    public void The_post_mortem_has_every_heading_and_bears_date_and_time()
    {
        var incident = _given.Whole();

        var text = Encoding.UTF8.GetString(_given.Desk.Export(incident.Id, "md", forPublic: false));

        Assert.Equal(
            [
                "Date", "Authors", "Status", "Summary", "Impact", "Background", "Contributing factors", "Trigger",
                "Detection", "Resolution", "Timeline", "Responders", "What went well", "What went badly",
                "Where we got lucky", "Action items", "Messaging sent", "Supporting data",
            ],
            text.Split('\n').Where(line => line.StartsWith("## ", StringComparison.Ordinal)).Select(line => line[3..]));
        foreach (var line in (string[])
            [
                "| 2017-10-27 15:13:00 UTC | **incident** SEV1, identified, deputy is Ben,",
                "| minutes at SEV1 | 18.0 |\n| minutes at SEV2 | 63.0 |",
                "The public post due 2017-10-27 14:36:00 UTC came 37 min late.",
            ])
        {
            Assert.Contains(line, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_public_cut_tells_what_was_told_and_nothing_else()
    {
        var incident = _given.Whole();

        var text = Encoding.UTF8.GetString(_given.Desk.Export(incident.Id, "md", forPublic: true));

        Assert.Equal(
            ["What you may have noticed", "Some background", "Timeline", "Root cause", "What we are changing"],
            text.Split('\n').Where(line => line.StartsWith("## ", StringComparison.Ordinal)).Select(line => line[3..]));
        Assert.Contains("The app does not load either.", text, StringComparison.Ordinal);
        foreach (var inside in (string[])["linkerd", "Ana", "Ben", "SEV", "empty service"])
        {
            Assert.DoesNotContain(inside, text, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _given.Dispose();
}
