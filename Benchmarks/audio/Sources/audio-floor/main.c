// The floor: what one note costs when nothing is measured, checked or reported.
//
// Ogg/Opus is decoded to 16 kHz by libopus, pauses are cut by a plain energy threshold, Sonic speeds
// the rest up, libFLAC encodes it. Memory holds the whole note; damage, limits and times are ignored.
//
//   audio-floor IN.ogg OUT.flac SPEED
#include <FLAC/stream_encoder.h>
#include <math.h>
#include <ogg/ogg.h>
#include <opus/opus.h>
#include <sonic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static opus_int16 *note;
static size_t length, capacity;

static void decode(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) exit(1);
    ogg_sync_state sync;
    ogg_stream_state stream;
    ogg_page page;
    ogg_packet packet;
    int opened = 0, status, packets = 0;
    ogg_sync_init(&sync);
    OpusDecoder *decoder = opus_decoder_create(16000, 1, &status);
    for (;;) {
        char *room = ogg_sync_buffer(&sync, 65536);
        size_t count = fread(room, 1, 65536, file);
        if (!count) break;
        ogg_sync_wrote(&sync, (long)count);
        while (ogg_sync_pageout(&sync, &page) == 1) {
            if (!opened) {
                ogg_stream_init(&stream, ogg_page_serialno(&page));
                opened = 1;
            }
            ogg_stream_pagein(&stream, &page);
            while (ogg_stream_packetout(&stream, &packet) == 1) {
                if (packets++ < 2) continue;
                if (length + 1920 > capacity) {
                    capacity = capacity ? capacity * 2 : 1 << 20;
                    note = realloc(note, capacity * sizeof *note);
                }
                int made = opus_decode(decoder, packet.packet, (opus_int32)packet.bytes, note + length, 1920, 0);
                if (made > 0) length += (size_t)made;
            }
        }
    }
    fclose(file);
}

// Keeps frames within 0.25 s of one whose energy lies 30 dB under the loudest.
static size_t cut(void) {
    size_t frames = length / 160, kept = 0;
    float *energy = malloc((frames + 1) * sizeof *energy), loudest = 0;
    char *keep = calloc(frames + 1, 1);
    for (size_t frame = 0; frame < frames; frame++) {
        float sum = 0;
        for (int index = 0; index < 160; index++) {
            float sample = note[frame * 160 + index];
            sum += sample * sample;
        }
        energy[frame] = sum;
        if (sum > loudest) loudest = sum;
    }
    for (size_t frame = 0; frame < frames; frame++) {
        if (energy[frame] < loudest / 1000) continue;
        size_t first = frame > 25 ? frame - 25 : 0, last = frame + 25 < frames ? frame + 25 : frames - 1;
        memset(keep + first, 1, last - first + 1);
    }
    for (size_t frame = 0; frame < frames; frame++) {
        if (!keep[frame]) continue;
        memmove(note + kept, note + frame * 160, 160 * sizeof *note);
        kept += 160;
    }
    free(energy);
    free(keep);
    return kept;
}

int main(int count, char **arguments) {
    if (count != 4) return 2;
    decode(arguments[1]);
    size_t kept = cut();
    float speed = (float)atof(arguments[3]);
    sonicStream tempo = sonicCreateStream(16000, 1);
    sonicSetSpeed(tempo, speed);
    FLAC__StreamEncoder *encoder = FLAC__stream_encoder_new();
    FLAC__stream_encoder_set_channels(encoder, 1);
    FLAC__stream_encoder_set_bits_per_sample(encoder, 16);
    FLAC__stream_encoder_set_sample_rate(encoder, 16000);
    FLAC__stream_encoder_set_compression_level(encoder, 1);
    if (FLAC__stream_encoder_init_file(encoder, arguments[2], NULL, NULL)) return 1;
    static short fast[8192];
    static FLAC__int32 wide[8192];
    for (size_t start = 0;; start += 16000) {
        int isLast = start + 16000 >= kept;
        if (start < kept) sonicWriteShortToStream(tempo, note + start, (int)(isLast ? kept - start : 16000));
        if (isLast) sonicFlushStream(tempo);
        int made;
        while ((made = sonicReadShortFromStream(tempo, fast, 8192)) > 0) {
            for (int index = 0; index < made; index++) wide[index] = fast[index];
            FLAC__stream_encoder_process_interleaved(encoder, wide, (unsigned)made);
        }
        if (isLast) break;
    }
    FLAC__stream_encoder_finish(encoder);
    return 0;
}
