#!/usr/bin/env bash
# Makes voice-note.ogg: a short synthesised talk with real pauses and a hesitation, encoded as
# Telegram's desktop client does (Ogg/Opus, 48 kHz mono, 32 kb/s, 20 ms). The words are in
# voice-note.txt.
#
# Needs espeak-ng and ffmpeg. Voice and pace were chosen because PocketSphinx understands them.
set -euo pipefail
cd "$(dirname "$0")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/talk.ssml" <<'SSML'
<speak>Hello everyone, my name is Anna. <break time="900ms"/>
Today I want to talk about our new project. <break time="1400ms"/>
Um <break time="700ms"/> you know, many people like the result.
<break time="1000ms"/> The next step is to test it with more users.</speak>
SSML

espeak-ng -m -v en-us+adam -s 150 -f "$work/talk.ssml" -w "$work/talk.wav"
ffmpeg -nostdin -v error -y -i "$work/talk.wav" -map_metadata -1 -ar 48000 -ac 1 \
    -c:a libopus -b:a 32k -frame_duration 20 -application audio -bitexact voice-note.ogg
