-- What people ask of the bot besides coaching, how they want to be coached, and what it shows them.

-- A command, a written message or the press of a button; answered by the converse stage.
create table requests (
    id                  bigint      generated always as identity primary key,
    bot_id              bigint      not null,
    telegram_user_id    bigint      not null,
    chat_id             bigint      not null,
    update_id           bigint      not null,
    -- The message that asked, or the one under which the button is.
    message_id          bigint      not null,
    callback_query_id   text,
    language_code       text,
    -- CoachDomain.SpeakerRequest.
    body                jsonb       not null,
    received_at         timestamptz not null default now(),
    unique (bot_id, update_id),
    foreign key (bot_id, telegram_user_id) references users
);
create index requests_of_user on requests (bot_id, telegram_user_id);

alter table jobs add column request_id bigint references requests on delete cascade;
alter table jobs drop constraint jobs_stage_check;
alter table jobs add constraint jobs_stage_check
    check (stage in ('transcribe', 'coach', 'deliver', 'converse'));
alter table jobs drop constraint jobs_check1;
alter table jobs add constraint jobs_subject
    check ((stage = 'converse') = (request_id is not null)
       and (stage in ('deliver', 'converse') or voice_message_id is not null));
create unique index jobs_one_per_request on jobs (request_id) where request_id is not null;
drop index jobs_troubled;
create index jobs_troubled on jobs (retry_since)
    where last_error_code is not null and stage in ('transcribe', 'coach')
      and state in ('ready', 'leased', 'retrying');
alter table stage_pauses drop constraint stage_pauses_stage_check;
alter table stage_pauses add constraint stage_pauses_stage_check
    check (stage in ('transcribe', 'coach', 'deliver', 'converse'));

-- Shown in the note's one message: 'heard' (words and numbers), until the coaching replaces them. Sent as messages of
-- their own: 'answer', 'extra' (what follows the coaching, such as the picture), 'reminder', and 'farewell', the
-- last word to somebody who was erased; it is erased itself when it is delivered.
alter table outbound_messages drop constraint outbound_messages_kind_check;
alter table outbound_messages add constraint outbound_messages_kind_check
    check (kind in ('heard', 'feedback', 'advice', 'answer', 'notice', 'extra', 'reminder', 'farewell'));
create unique index outbound_messages_one_heard on outbound_messages (voice_message_id) where kind = 'heard';
-- Requests carry the update's number now, for one may have several answers.
alter table outbound_messages drop column update_id;
alter table outbound_messages
    -- [[CoachDomain.MessageButton]].
    add column buttons          jsonb,
    -- CoachDomain.Attachment; made when it is sent, from what the ledger holds.
    add column attachment       jsonb,
    -- A long answer goes out in several messages; this many have been sent.
    add column parts_sent       integer not null default 0,
    -- The message of ours that this one replaces; null for a new one.
    add column edits_message_id bigint,
    -- CoachDomain.OutgoingMessage that follows when this one is delivered.
    add column follow_up        jsonb;
create index outbound_messages_of_user on outbound_messages (bot_id, telegram_user_id);
create index outbound_messages_age on outbound_messages (created_at);

alter table users
    -- "Say it again": the note that the next one is compared with, and until when.
    add column rehearsing_note  bigint references voice_messages on delete set null,
    add column rehearsing_until timestamptz,
    add column reminded_at      timestamptz;
create index users_rehearsing on users (rehearsing_note) where rehearsing_note is not null;
create index users_with_reminder on users (bot_id, telegram_user_id)
    where settings ? 'reminderMinute';

alter table voice_messages
    add column rehearses    bigint references voice_messages on delete set null,
    -- The speaker says that the words are wrong: the note counts in no trend.
    add column disputed_at  timestamptz;
create index voice_messages_rehearsing on voice_messages (rehearses) where rehearses is not null;
create index voice_messages_age on voice_messages (received_at);

-- Prompts that a person has been given.
create table topics_given (
    bot_id              bigint      not null,
    telegram_user_id    bigint      not null,
    topic               text        not null,
    given_at            timestamptz not null default now(),
    primary key (bot_id, telegram_user_id, topic),
    foreign key (bot_id, telegram_user_id) references users
);

-- Sentences that were spoken once and paid for once; gone with the last person who heard them.
create table spoken_texts (
    -- Hash of text, voice and settings.
    key             text        primary key,
    -- Ogg/Opus.
    audio           bytea       not null,
    seconds         double precision not null,
    created_at      timestamptz not null default now()
);
create table spoken_text_uses (
    key                 text    not null references spoken_texts on delete cascade,
    voice_message_id    bigint  not null references voice_messages on delete cascade,
    primary key (voice_message_id, key)
);
create index spoken_text_uses_key on spoken_text_uses (key);

-- Erasing a note finds what belongs to it by an index.
create index provider_calls_note on provider_calls (voice_message_id) where voice_message_id is not null;
drop index jobs_delivery_of_note;
create index jobs_note on jobs (voice_message_id) where voice_message_id is not null;
drop index jobs_one_per_delivery;
create unique index jobs_one_per_delivery on jobs (outbound_message_id) where outbound_message_id is not null;
