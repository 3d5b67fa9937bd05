/// The statements behind ``Ledger/book(_:_:limits:deadline:)``; each runs under the lock.
extension Ledger {
    /// The wishes in `$1`, and every account that each of them weighs on.
    private static let askedSQL = """
        asked as (
            select a.*, v.bot_id || '/' || v.telegram_user_id as person, (now() at time zone 'utc')::date as day
            from jsonb_to_recordset($1::jsonb) as a(
                place int, note bigint, job bigint, operation text, provider text, model text, ceiling bigint,
                "priceVersion" text, seconds float8)
            left join voice_messages v on v.id = a.note
        ), accounts as (
            select place, ceiling, 'month' as scope, '' as subject, date_trunc('month', day)::date as period
            from asked
            union all select place, ceiling, 'provider-day', provider, day from asked
            union all select place, ceiling, 'person-day', person, day from asked where person is not null
        )
        """

    /// Accounts that do not exist yet, which would be seen too late inside the statement that uses them.
    static let accountSQL = """
        with \(askedSQL)
        insert into budgets (scope, subject, period) select distinct scope, subject, period from accounts
        on conflict do nothing
        """

    /// `$2` to `$5`: limits of note, person-day, provider-day and month; `$6` the process.
    ///
    /// A wish fits when everything that was asked for before it in this batch fits too, refused ones included:
    /// too strict by a little, never too generous.
    static let reserveSQL = """
        with \(askedSQL), loads as (
            select a.place, a.scope, a.ceiling,
                   case a.scope when 'month' then $5::bigint when 'provider-day' then $4::bigint
                       else $3::bigint end as cap,
                   b.spent_micro_usd + b.reserved_micro_usd as used,
                   sum(a.ceiling) over (partition by a.scope, a.subject order by a.place) as together
            from accounts a join budgets b using (scope, subject, period)
            union all
            select a.place, 'note', a.ceiling, $2::bigint,
                   (select coalesce(sum(coalesce(r.settled_micro_usd, r.ceiling_micro_usd)), 0)
                    from reservations r where r.voice_message_id = a.note),
                   sum(a.ceiling) over (partition by a.note order by a.place)
            from asked a where a.note is not null
        ), judged as (
            select place, bool_and(cap is null or used + together <= cap) as fits,
                   min(scope) filter (where used + ceiling > cap) as refused_by
            from loads group by place
        ), numbered as materialized (
            select nextval('reservations_id_seq') as id, asked.* from asked join judged using (place) where fits
        ), taken as (
            insert into reservations
                (id, job_id, voice_message_id, person, day, operation, provider, model, price_version,
                 ceiling_micro_usd, made_by, expires_at)
            select id, job, note, person, day, operation, provider, model, "priceVersion", ceiling, $6,
                   now() + make_interval(secs => seconds)
            from numbered
        ), booked as (
            update budgets b set reserved_micro_usd = reserved_micro_usd + d.amount
            from (
                select a.scope, a.subject, a.period, sum(a.ceiling)::bigint as amount
                from accounts a join numbered using (place) group by 1, 2, 3
            ) d
            where b.scope = d.scope and b.subject = d.subject and b.period = d.period
        )
        select judged.place, numbered.id, judged.refused_by
        from judged left join numbered using (place) order by place
        """

    /// `$1`: settlements.
    static let settleSQL = """
        with given as (
            select distinct on (reservation) * from jsonb_to_recordset($1::jsonb) as s(
                reservation bigint, cost bigint, call jsonb)
            order by reservation
        ), closing as (
            select r.*, g.cost, g.call from given g join reservations r on r.id = g.reservation
            where r.settled_at is null or r.settled_by = 'expiry'
        ), \(closedSQL(by: "call")), called as (
            insert into provider_calls
                (job_id, voice_message_id, operation, provider, model, units, cost_micro_usd, price_version,
                 latency_seconds, outcome, failure, reservation_id)
            select (select id from jobs where id = c.job_id),
                   (select id from voice_messages where id = c.voice_message_id), call->>'operation',
                   call->>'provider', call->>'model', call->'units', cost, call->>'priceVersion',
                   (call->>'latencySeconds')::float8, call->>'outcome', call->>'failure', c.id
            from closing c where call is not null
            on conflict (reservation_id) where reservation_id is not null do update set
                units = excluded.units, cost_micro_usd = excluded.cost_micro_usd,
                price_version = excluded.price_version, latency_seconds = excluded.latency_seconds,
                outcome = excluded.outcome, failure = excluded.failure
        )
        select id from closing
        """

    /// `$1`: how many at most.
    static let expireSQL = """
        with closing as (
            select r.*, coalesce(
                (select c.cost_micro_usd from provider_calls c where c.reservation_id = r.id),
                r.ceiling_micro_usd) as cost
            from reservations r where r.settled_at is null and r.expires_at < now()
            order by r.expires_at limit $1
        ), \(closedSQL(by: "expiry")), called as (
            insert into provider_calls
                (job_id, voice_message_id, operation, provider, model, units, cost_micro_usd, price_version,
                 latency_seconds, outcome, failure, reservation_id)
            select (select id from jobs where id = c.job_id),
                   (select id from voice_messages where id = c.voice_message_id), operation, provider, model,
                   '{}', cost, price_version, extract(epoch from expires_at - made_at), 'failedBilled',
                   'unsettled', c.id
            from closing c
            on conflict do nothing
        )
        select id from closing
        """

    /// Ends the reservations of `closing`, and moves their money in every account that they weigh on.
    private static func closedSQL(by cause: String) -> String {
        """
        closed as (
            update reservations r
            set settled_micro_usd = c.cost, settled_at = now(), settled_by = '\(cause)'
            from closing c where r.id = c.id
        ), moves as (
            select person, provider, day, cost - coalesce(settled_micro_usd, 0) as spent,
                   case when settled_at is null then ceiling_micro_usd else 0 end as freed
            from closing
        ), booked as (
            update budgets b set spent_micro_usd = b.spent_micro_usd + d.spent,
                reserved_micro_usd = b.reserved_micro_usd - d.freed
            from (
                select scope, subject, period, sum(spent)::bigint as spent, sum(freed)::bigint as freed
                from (
                    select 'month' as scope, '' as subject, date_trunc('month', day)::date as period, spent, freed
                    from moves
                    union all select 'provider-day', provider, day, spent, freed from moves
                    union all select 'person-day', person, day, spent, freed from moves where person is not null
                ) each group by 1, 2, 3
            ) d
            where b.scope = d.scope and b.subject = d.subject and b.period = d.period
        )
        """
    }
}
