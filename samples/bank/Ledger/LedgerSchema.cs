namespace Bank.Ledger;

/// <summary>
/// The file. A decision is final: booked (two entries) or refused (a reason), kept under the payment's id. Worked
/// example: "p1" takes 500 from acc-alice for acc-bob:
///
///     decision  7 | p1 | transfer | acc-alice | acc-bob | 500 | lunch | 1760000000000 | NULL
///     entry     7 | acc-alice | -500
///     entry     7 | acc-bob   |  500
///     account   acc-alice 99500, acc-bob 100500
/// </summary>
internal static class LedgerSchema
{
    public const string Create = """
        CREATE TABLE IF NOT EXISTS account(
          id TEXT NOT NULL PRIMARY KEY,
          may_go_below_zero INTEGER NOT NULL,
          balance INTEGER NOT NULL,
          CHECK (may_go_below_zero = 1 OR balance >= 0)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS decision(
          sequence INTEGER PRIMARY KEY,
          id TEXT NOT NULL UNIQUE,
          kind TEXT NOT NULL,
          debit TEXT NOT NULL REFERENCES account(id),
          credit TEXT NOT NULL REFERENCES account(id),
          amount INTEGER NOT NULL CHECK (amount > 0),
          reference TEXT,
          decided_at_ms INTEGER NOT NULL,
          refusal TEXT
        ) STRICT;
        CREATE TABLE IF NOT EXISTS entry(
          sequence INTEGER NOT NULL REFERENCES decision(sequence),
          account TEXT NOT NULL REFERENCES account(id),
          amount INTEGER NOT NULL CHECK (amount <> 0),
          PRIMARY KEY (sequence, account)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS entry_of_account ON entry(account, sequence);
        """;

    // An acknowledged booking survives a power cut: the log is synced at each commit.
    public const string Writer = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA foreign_keys = ON;
        PRAGMA busy_timeout = 5000;
        """;

    public const string Reader = "PRAGMA query_only = ON; PRAGMA busy_timeout = 5000;";

    public const string Audit = """
        SELECT
          (SELECT count(*) FROM decision WHERE refusal IS NULL),
          (SELECT coalesce(sum(amount), 0) FROM entry),
          (SELECT count(*) FROM (SELECT 1 FROM decision GROUP BY id HAVING count(*) > 1)),
          (SELECT count(*) FROM (
             SELECT 1 FROM decision LEFT JOIN entry USING (sequence)
             GROUP BY decision.sequence
             HAVING CASE WHEN refusal IS NULL
               THEN count(entry.amount) <> 2 OR sum(entry.amount) <> 0 OR max(entry.amount) <> decision.amount
               ELSE count(entry.amount) <> 0 END)),
          (SELECT count(*) FROM account WHERE balance <>
             (SELECT coalesce(sum(amount), 0) FROM entry WHERE entry.account = account.id)),
          (SELECT count(*) FROM account WHERE balance < 0 AND may_go_below_zero = 0),
          (SELECT coalesce(max(sequence), 0) FROM decision);
        """;
}
