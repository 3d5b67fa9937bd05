import CoachDomain
import Postgres

/// One person's thousand notes must not stand in front of fifty people's one.
///
/// Of each person one note is announced; the others are ready but not admitted, so that they keep their order
/// whatever happens to a hint. When it leaves the transcribe stage, the statement that ends it admits that
/// person's next. What falls between two statements (a note that is written while the last one in hand ends) is
/// repaired by the sweeper.
extension Ledger {
    /// Notes of one person that may be in the stream or in work at a time; with more of them a late hint would
    /// let later notes overtake.
    package static let notesInHand = 1

    /// Counts one person's admitted notes that wait for a worker or are with one; retries do not count, so that
    /// one note in trouble does not block the others.
    static func inHandSQL(bot: String, user: String) -> String {
        """
        select count(*) from jobs h
        where h.bot_id = \(bot) and h.telegram_user_id = \(user) and h.stage = 'transcribe' and h.admitted
          and h.state in ('ready', 'leased')
        """
    }

    /// Admits the next note of whoever's transcribe job just ended; ends with a comma's worth of CTE `promoted`.
    ///
    /// - Parameter source: A CTE with `stage`, `bot_id` and `telegram_user_id`; the ended job still counts as in
    ///   hand in this statement's snapshot.
    static func promotedSQL(from source: String) -> String {
        """
        next_waiting as (
            select w.id from \(source) d cross join lateral (
                select j.id from jobs j
                where j.bot_id = d.bot_id and j.telegram_user_id = d.telegram_user_id
                  and j.state = 'ready' and not j.admitted
                order by j.id limit 1 for update skip locked
            ) w
            where d.stage = 'transcribe'
              and (\(inHandSQL(bot: "d.bot_id", user: "d.telegram_user_id"))) <= \(notesInHand)
        ), promoted as (
            update jobs j set admitted = true, announced_at = now()
            from next_waiting n where j.id = n.id
            returning j.id
        )
        """
    }

    /// Admits what should have been admitted: people who have notes waiting and too few in hand.
    package func admitWaiting(limit: Int) async throws(StoreError) -> [JobHint] {
        try hints(
            in: try await run(
                """
                with people as (
                    select bot_id, telegram_user_id,
                        \(Self.notesInHand) - (\(Self.inHandSQL(bot: "p.bot_id", user: "p.telegram_user_id")))
                            as free
                    from (select distinct bot_id, telegram_user_id from jobs
                          where state = 'ready' and not admitted) p
                ), next as (
                    select w.id from people p cross join lateral (
                        select j.id from jobs j
                        where j.bot_id = p.bot_id and j.telegram_user_id = p.telegram_user_id
                          and j.state = 'ready' and not j.admitted
                        order by j.id limit greatest(p.free, 0) for update skip locked
                    ) w
                    limit $1
                )
                update jobs j set admitted = true, announced_at = now() from next where j.id = next.id
                returning j.id, j.stage
                """, [.integer(Int64(limit))]))
    }
}
