-- The ledger: what was accepted, what became of it, and what the user was told.
-- Times are timestamptz; money is integer micro-USD; nothing here is a cache.

create table users (
    bot_id              bigint      not null,
    telegram_user_id    bigint      not null,
    language_code       text,
    settings            jsonb       not null default '{}',
    consented_at        timestamptz,
    -- Set when Telegram says that the user blocked the bot; cleared by the next message.
    unreachable_since   timestamptz,
    erased_at           timestamptz,
    created_at          timestamptz not null default now(),
    primary key (bot_id, telegram_user_id)
);

create table voice_messages (
    id                      bigint      generated always as identity primary key,
    bot_id                  bigint      not null,
    telegram_user_id        bigint      not null,
    chat_id                 bigint      not null,
    update_id               bigint      not null,
    message_id              bigint      not null,
    kind                    text        not null check (kind in ('voice', 'audio', 'video_note', 'video', 'document')),
    file_id                 text        not null,
    file_unique_id          text,
    file_bytes              bigint,
    mime_type               text,
    declared_seconds        double precision,
    language_code           text,
    received_at             timestamptz not null default now(),

    -- The one message that results reach the user by. 'sending' with no id is an unknown outcome.
    placeholder_state       text        not null default 'none'
                            check (placeholder_state in ('none', 'sending', 'sent')),
    placeholder_message_id  bigint,
    placeholder_at          timestamptz,

    -- What preparation found (CoachDomain.AudioSummary); null until transcribed.
    audio                   jsonb,

    unique (bot_id, update_id),
    unique (bot_id, chat_id, message_id),
    foreign key (bot_id, telegram_user_id) references users
);

-- What a user is to be told, stored before it is sent. With a voice message it is an edit of that
-- message's placeholder; without one it is a short answer to a text.
create table outbound_messages (
    id                  bigint      generated always as identity primary key,
    bot_id              bigint      not null,
    telegram_user_id    bigint      not null,
    chat_id             bigint      not null,
    voice_message_id    bigint      references voice_messages on delete cascade,
    update_id           bigint,
    reply_to_message_id bigint,
    kind                text        not null check (kind in ('feedback', 'advice', 'answer')),
    -- CoachDomain.RichText.
    body                jsonb       not null,
    state               text        not null default 'pending'
                        check (state in ('pending', 'sending', 'delivered', 'undeliverable', 'superseded')),
    telegram_message_id bigint,
    created_at          timestamptz not null default now(),
    delivered_at        timestamptz,
    unique (bot_id, update_id),
    foreign key (bot_id, telegram_user_id) references users
);
create index outbound_messages_voice on outbound_messages (voice_message_id) where voice_message_id is not null;
-- A note has one coaching reply, whoever writes it first.
create unique index outbound_messages_one_feedback on outbound_messages (voice_message_id)
    where kind = 'feedback';

create table jobs (
    id                  bigint      generated always as identity primary key,
    stage               text        not null check (stage in ('transcribe', 'coach', 'deliver')),
    state               text        not null default 'ready'
                        check (state in ('ready', 'leased', 'retrying', 'succeeded', 'dead', 'cancelled')),
    voice_message_id    bigint      references voice_messages on delete cascade,
    outbound_message_id bigint      references outbound_messages on delete cascade,
    bot_id              bigint      not null,
    telegram_user_id    bigint      not null,
    attempts            integer     not null default 0,
    crashes             integer     not null default 0,
    -- Raised by every claim; a write that carries an older one is refused.
    lease_token         bigint      not null default 0,
    lease_expires_at    timestamptz,
    leased_by           text,
    run_at              timestamptz not null default now(),
    -- When the answer has to be there; calls take what is left of it.
    deadline            timestamptz,
    -- Since when retries count: creation, or an operator's fresh start.
    retry_since         timestamptz not null default now(),
    -- When a hint for this job last went to Redis.
    announced_at        timestamptz not null default now(),
    last_error_code     text,
    last_error          text,
    created_at          timestamptz not null default now(),
    finished_at         timestamptz,
    check ((stage = 'deliver') = (outbound_message_id is not null)),
    check (stage = 'deliver' or voice_message_id is not null),
    check ((state = 'leased') = (lease_expires_at is not null))
);
create unique index jobs_one_per_stage on jobs (voice_message_id, stage) where stage <> 'deliver';
create unique index jobs_one_per_delivery on jobs (outbound_message_id) where stage = 'deliver';
create index jobs_delivery_of_note on jobs (voice_message_id) where stage = 'deliver';
-- The sweeper's three questions, each answered from an index that holds open jobs only.
create index jobs_ready on jobs (stage, announced_at) where state = 'ready';
create index jobs_retrying on jobs (run_at) where state = 'retrying';
create index jobs_leased on jobs (lease_expires_at) where state = 'leased';
create index jobs_dead on jobs (stage, id) where state = 'dead';
create index jobs_user on jobs (bot_id, telegram_user_id, id);

-- Append-only history of a job.
create table job_events (
    id      bigint      generated always as identity primary key,
    job_id  bigint      not null references jobs on delete cascade,
    at      timestamptz not null default clock_timestamp(),
    event   text        not null,
    -- Process name, or operator.
    actor   text        not null,
    detail  jsonb
);
create index job_events_job on job_events (job_id, id);

create table transcripts (
    voice_message_id    bigint      primary key references voice_messages on delete cascade,
    provider            text        not null,
    model               text        not null,
    language            text,
    text                text        not null,
    -- [CoachDomain.Word] on the original clock.
    words               jsonb       not null,
    capabilities        jsonb       not null,
    pipeline_version    text        not null,
    created_at          timestamptz not null default now()
);

create table speech_metrics (
    voice_message_id    bigint      primary key references voice_messages on delete cascade,
    definition_version  integer     not null,
    -- CoachDomain.SpeechMetrics.
    body                jsonb       not null,
    created_at          timestamptz not null default now()
);

create table feedback (
    voice_message_id    bigint      primary key references voice_messages on delete cascade,
    provider            text        not null,
    model               text        not null,
    prompt_version      text        not null,
    -- CoachDomain.Feedback, validated.
    body                jsonb       not null,
    created_at          timestamptz not null default now()
);

-- Every call that may cost money, kept even when the note is erased: it holds no speech.
create table provider_calls (
    id                  bigint      generated always as identity primary key,
    job_id              bigint      references jobs on delete set null,
    voice_message_id    bigint      references voice_messages on delete set null,
    operation           text        not null check (operation in ('speech', 'coaching', 'voice')),
    provider            text        not null,
    model               text        not null,
    units               jsonb       not null,
    cost_micro_usd      bigint      not null check (cost_micro_usd >= 0),
    price_version       text        not null,
    latency_seconds     double precision not null,
    outcome             text        not null check (outcome in ('success', 'failedBilled', 'failedFree')),
    failure             text,
    at                  timestamptz not null default now()
);
create index provider_calls_at on provider_calls (at);
create index provider_calls_job on provider_calls (job_id);
