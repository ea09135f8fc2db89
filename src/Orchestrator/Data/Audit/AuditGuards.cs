using Microsoft.EntityFrameworkCore;

namespace Orchestrator.Data.Audit;

/// <summary>Triggers by which the databases themselves keep the audit trail append-only. They are looked for, and made, after the schema
/// is brought up to date: SQLite drops a table's triggers whenever it rebuilds the table.</summary>
/// <remarks>An entry goes only when the anchor has passed it, and the anchor and the head only move forward: that is what retention does,
/// and nothing else in this program can.</remarks>
internal static class AuditGuards
{
    private const string FirstChain = """INSERT INTO "AuditChains" ("Id", "Head", "HeadHash", "Anchor", "AnchorHash") VALUES ({0}, 0, {1}, 0, {1}) ON CONFLICT DO NOTHING""";

    private const string SqliteGuards = """
        CREATE TRIGGER IF NOT EXISTS "AuditEntries_NeverChanged" BEFORE UPDATE ON "AuditEntries"
            BEGIN SELECT RAISE(ABORT, 'An audit entry is never changed.'); END;
        CREATE TRIGGER IF NOT EXISTS "AuditEntries_NeverReplaced" BEFORE INSERT ON "AuditEntries"
            WHEN EXISTS (SELECT 1 FROM "AuditEntries" WHERE "Sequence" = NEW."Sequence")
            BEGIN SELECT RAISE(ABORT, 'An audit entry is never replaced.'); END;
        CREATE TRIGGER IF NOT EXISTS "AuditEntries_KeptUntilTrimmed" BEFORE DELETE ON "AuditEntries"
            WHEN OLD."Sequence" > COALESCE((SELECT "Anchor" FROM "AuditChains" WHERE "Id" = 1), 0)
            BEGIN SELECT RAISE(ABORT, 'An audit entry goes only when its time is over.'); END;
        CREATE TRIGGER IF NOT EXISTS "AuditChains_OnlyForward" BEFORE UPDATE ON "AuditChains"
            WHEN NEW."Head" < OLD."Head" OR NEW."Anchor" < OLD."Anchor" OR NEW."Anchor" > NEW."Head"
            BEGIN SELECT RAISE(ABORT, 'The audit trail only grows.'); END;
        CREATE TRIGGER IF NOT EXISTS "AuditChains_Kept" BEFORE DELETE ON "AuditChains"
            BEGIN SELECT RAISE(ABORT, 'The audit trail is not begun anew.'); END;
        """;

    private const string PostgreSqlGuards = """
        CREATE OR REPLACE FUNCTION audit_entries_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$
        BEGIN
            IF TG_OP = 'DELETE' AND OLD."Sequence" <= COALESCE((SELECT "Anchor" FROM "AuditChains" WHERE "Id" = 1), 0) THEN RETURN OLD; END IF;
            RAISE EXCEPTION 'An audit entry is never changed, and goes only when its time is over.';
        END $guard$;
        CREATE OR REPLACE FUNCTION audit_chains_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$
        BEGIN
            IF TG_OP = 'UPDATE' AND NEW."Head" >= OLD."Head" AND NEW."Anchor" >= OLD."Anchor" AND NEW."Anchor" <= NEW."Head" THEN RETURN NEW; END IF;
            RAISE EXCEPTION 'The audit trail only grows.';
        END $guard$;
        CREATE OR REPLACE TRIGGER audit_entries_kept BEFORE UPDATE OR DELETE ON "AuditEntries" FOR EACH ROW EXECUTE FUNCTION audit_entries_guard();
        CREATE OR REPLACE TRIGGER audit_entries_whole BEFORE TRUNCATE ON "AuditEntries" FOR EACH STATEMENT EXECUTE FUNCTION audit_chains_guard();
        CREATE OR REPLACE TRIGGER audit_chains_forward BEFORE UPDATE OR DELETE ON "AuditChains" FOR EACH ROW EXECUTE FUNCTION audit_chains_guard();
        CREATE OR REPLACE TRIGGER audit_chains_whole BEFORE TRUNCATE ON "AuditChains" FOR EACH STATEMENT EXECUTE FUNCTION audit_chains_guard();
        """;

    // The last one that is made: where it is, the others are.
    private const string IsGuarded = "SELECT COUNT(*) AS \"Value\" FROM pg_trigger WHERE tgname = 'audit_chains_whole'";

    public static void Install(DbContext db)
    {
        if (!db.Database.IsNpgsql() || db.Database.SqlQueryRaw<int>(IsGuarded).Single() == 0)
        {
            db.Database.ExecuteSqlRaw(GuardsOf(db));
        }
        db.Database.ExecuteSqlRaw(FirstChain, AuditChain.OnlyId, AuditHash.Genesis);
    }

    public static async Task InstallAsync(DbContext db, CancellationToken cancellationToken)
    {
        if (!db.Database.IsNpgsql() || await db.Database.SqlQueryRaw<int>(IsGuarded).SingleAsync(cancellationToken) == 0)
        {
            // Nobody else holds the tables for long; the schema itself is being guarded by the migrations' own lock.
            await db.Database.ExecuteSqlRawAsync(GuardsOf(db), cancellationToken);
        }
        await db.Database.ExecuteSqlRawAsync(FirstChain, [AuditChain.OnlyId, AuditHash.Genesis], cancellationToken);
    }

    private static string GuardsOf(DbContext db) => db.Database.IsNpgsql() ? PostgreSqlGuards : SqliteGuards;
}
