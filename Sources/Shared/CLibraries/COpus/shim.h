#pragma once
#include <opus/opus.h>
#include <opus/opus_multistream.h>

// Swift cannot import variadic functions, and these controls are reached by no other way.

static inline int coach_opus_encoder_set(OpusEncoder *encoder, int request, opus_int32 value) {
    return opus_encoder_ctl(encoder, request, value);
}

static inline int coach_opus_encoder_get(OpusEncoder *encoder, int request, opus_int32 *value) {
    return opus_encoder_ctl(encoder, request, value);
}

static inline int coach_opus_decoder_set(OpusDecoder *decoder, int request, opus_int32 value) {
    return opus_decoder_ctl(decoder, request, value);
}

static inline int coach_opus_multistream_decoder_set(
    OpusMSDecoder *decoder, int request, opus_int32 value) {
    return opus_multistream_decoder_ctl(decoder, request, value);
}
