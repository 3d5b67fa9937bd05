-- Fairness among speakers, word of delays, pauses of a stage, and the audit of the operator's hand.

-- Of one speaker's notes only a few may be in the stream at a time; the others wait here, in order.
alter table jobs add column admitted boolean not null default true;

drop index jobs_ready;
create index jobs_ready on jobs (stage, announced_at) where state = 'ready' and admitted;
create index jobs_waiting on jobs (bot_id, telegram_user_id, id) where state = 'ready' and not admitted;
create index jobs_in_flight on jobs (bot_id, telegram_user_id)
    where stage = 'transcribe' and admitted and state in ('ready', 'leased');

-- Jobs in trouble, for word to their speakers; a healthy job never enters.
create index jobs_troubled on jobs (retry_since)
    where last_error_code is not null and stage <> 'deliver' and state in ('ready', 'leased', 'retrying');

-- For the daily quota.
create index voice_messages_of_user on voice_messages (bot_id, telegram_user_id, received_at);

-- 'notice': "this takes longer than usual", shown until the answer replaces it.
alter table outbound_messages drop constraint outbound_messages_kind_check;
alter table outbound_messages add constraint outbound_messages_kind_check
    check (kind in ('feedback', 'advice', 'answer', 'notice'));
create unique index outbound_messages_one_notice on outbound_messages (voice_message_id)
    where kind = 'notice';

-- A paused stage starts no job; what runs goes on.
create table stage_pauses (
    stage       text        primary key check (stage in ('transcribe', 'coach', 'deliver')),
    reason      text,
    paused_by   text        not null,
    paused_at   timestamptz not null default now(),
    -- Null: until somebody resumes it.
    expires_at  timestamptz
);

-- What operators did to more than one job at a time; append-only.
create table operator_actions (
    id      bigint      generated always as identity primary key,
    at      timestamptz not null default clock_timestamp(),
    action  text        not null,
    actor   text        not null,
    detail  jsonb       not null
);
