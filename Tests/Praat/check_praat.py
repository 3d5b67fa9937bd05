#!/usr/bin/env python3
"""Compares what the coach measures in sound with Praat, and with what is known by construction.

Praat hears the speech before noise and codec took from it; the coach hears what a phone would
have sent. Prints a table; exits 1 when a limit is passed. Run it through `./dev praat`.
"""

import argparse
import json
import pathlib
import subprocess
import sys

import numpy as np
import parselmouth
from parselmouth.praat import call

import signals

# The limits of docs/measures.md.
MEDIAN_PERCENT = 2.0
SPREAD_SEMITONES = 0.5
BOUNDARY_MS = 50.0
# Shorter than the coach's own limit for a pause plus the tolerance at both ends: either may miss it.
SURE_PAUSE = 0.40
# Less voice than this has no pitch in the coach's report.
LEAST_VOICE = 1.0


def spread(hertz):
    """Median in Hz and spread in semitones of voiced frames, an octave around the median."""
    voiced = hertz[hertz > 0]
    if len(voiced) < LEAST_VOICE * 100:
        return None
    median = np.median(voiced)
    kept = voiced[np.abs(np.log2(voiced / median)) <= 1]
    median = np.median(kept)
    semitones = 12 * np.log2(kept / median)
    return {"median": float(median), "spread": float(np.std(semitones)), "voice": len(kept) / 100}


def heard_by_praat(path, noise):
    samples = signals.load(path)
    sound = parselmouth.Sound(samples, signals.RATE)
    pitch = sound.to_pitch_ac(
        time_step=0.01, pitch_floor=75, pitch_ceiling=500, silence_threshold=0.03, voicing_threshold=0.45,
        octave_cost=0.01, octave_jump_cost=0.35, voiced_unvoiced_cost=0.14)
    return {"pitch": spread(pitch.selected_array["frequency"]), "pauses": pauses_by_praat(sound, noise)}


def pauses_by_praat(sound, noise=None):
    """Silences inside the speech, by Praat's own command.

    Its threshold is relative to the loudest moment; how deep it may be depends on the recording, so it
    lies 10 dB above the background, between 25 dB (Praat's default) and 45 dB below the loudest. Where
    noise is going to be added, what lies below that noise (dB of full scale) is silence: nobody hears it.
    """
    intensity = sound.to_intensity(minimum_pitch=200, time_step=0.005)
    levels = intensity.values[0]
    floor = np.percentile(levels[np.isfinite(levels)], 5)
    threshold = float(np.clip(floor + 10 - levels.max(), -45, -25))
    if noise is not None:
        # Praat's levels are relative to 20 micropascal.
        threshold = max(threshold, noise + 20 * np.log10(1 / 2e-5) + 2 - levels.max())
    grid = call(intensity, "To TextGrid (silences)", threshold, 0.15, 0.01, "silent", "sounding")
    count = call(grid, "Get number of intervals", 1)
    silent = []
    for number in range(1, count + 1):
        if call(grid, "Get label of interval", 1, number) == "silent" and 1 < number < count:
            silent.append((call(grid, "Get start time of interval", 1, number),
                           call(grid, "Get end time of interval", 1, number)))
    return silent


def compare_pauses(ours, theirs):
    """Errors at the borders of matched pauses in ms, and how many sure pauses have no counterpart."""
    errors, missing = [], 0
    for start, end in theirs:
        match = max(ours, key=lambda pause: min(end, pause[1]) - max(start, pause[0]), default=None)
        if match is None or min(end, match[1]) <= max(start, match[0]):
            missing += end - start >= SURE_PAUSE
        elif end - start >= 0.3:
            errors += [(match[0] - start) * 1000, (match[1] - end) * 1000]
    for start, end in ours:
        overlap = any(min(end, other[1]) > max(start, other[0]) for other in theirs)
        missing += not overlap and end - start >= SURE_PAUSE
    return errors, missing


def reports(binary, files):
    unique = list(dict.fromkeys(str(file) for file in files))
    lines = subprocess.run([binary, *unique], check=True, stdout=subprocess.PIPE).stdout.splitlines()
    return {line["file"]: line for line in map(json.loads, lines)}


def judge(case, ours, theirs):
    """One row of the table and whether it passes."""
    row = {"name": case.name, "kind": case.kind, "fails": []}
    pitch = spread(np.array(ours["hertz"])[inside(ours)])
    wanted = case.truth or theirs["pitch"]
    if wanted and pitch:
        row["hertz"] = (pitch["median"], wanted["median"])
        row["percent"] = 100 * (pitch["median"] / wanted["median"] - 1)
        row["spread"] = (pitch["spread"], wanted["spread"])
        if abs(row["percent"]) > MEDIAN_PERCENT:
            row["fails"].append("median")
        if abs(pitch["spread"] - wanted["spread"]) > SPREAD_SEMITONES:
            row["fails"].append("spread")
    elif wanted and wanted["voice"] >= 2 * LEAST_VOICE or pitch and pitch["voice"] >= 2 * LEAST_VOICE:
        # One of the two has heard plenty of voice and the other hardly any.
        row["fails"].append("voice")
    spans = ours["speech"]
    gaps = [(left[1], right[0]) for left, right in zip(spans, spans[1:])]
    errors, row["missing"] = compare_pauses(gaps, case.pauses or theirs["pauses"])
    row["errors"] = errors
    if errors and max(map(abs, errors)) > BOUNDARY_MS:
        row["fails"].append("border")
    if row["missing"]:
        row["fails"].append("pause")
    return row


def inside(report):
    """Frames in speech, as the coach takes its pitch from."""
    mask = np.zeros(len(report["hertz"]), dtype=bool)
    for start, end in report["speech"]:
        mask[round(start * 100):round(end * 100)] = True
    return mask


def show(rows, verbose):
    print(f"{'':44} {'median Hz':>15} {'%':>6} {'spread st':>13} {'pauses':>6} {'border ms':>12}")
    for row in rows:
        if not verbose and not row["fails"] and row["kind"] != "recorded":
            continue
        hertz = "%7.1f %7.1f" % row["hertz"] if "hertz" in row else "-"
        percent = "%+.2f" % row["percent"] if "percent" in row else "-"
        semitones = "%6.2f %6.2f" % row["spread"] if "spread" in row else "-"
        errors = np.abs(row["errors"])
        border = "%3.0f, max %3.0f" % (np.median(errors), errors.max()) if len(errors) else "-"
        verdict = "  MISS: " + ", ".join(row["fails"]) if row["fails"] else ""
        print(f"{row['name'][:44]:44} {hertz:>15} {percent:>6} {semitones:>13} "
              f"{len(errors) // 2:>6} {border:>12}{verdict}")


def summary(rows):
    print(f"\n{'':14} {'files':>5} {'median %':>16} {'spread st':>16} {'borders':>8} {'border ms':>18} {'misses':>6}")
    for kind in ("known", "synthesised", "recorded"):
        some = [row for row in rows if row["kind"] == kind]
        if not some:
            continue
        percents = np.abs([row["percent"] for row in some if "percent" in row])
        spreads = np.abs([row["spread"][0] - row["spread"][1] for row in some if "spread" in row])
        errors = np.abs([error for row in some for error in row["errors"]])

        def stated(values, form):
            if not len(values):
                return "-"
            return form % (np.median(values), np.percentile(values, 95), np.max(values))
        print(f"{kind:14} {len(some):>5} {stated(percents, '%.2f / %.2f / %.2f'):>16} "
              f"{stated(spreads, '%.2f / %.2f / %.2f'):>16} {len(errors):>8} "
              f"{stated(errors, '%.0f / %.0f / %.0f'):>18} {sum(bool(row['fails']) for row in some):>6}")
    print("(median / 95th percentile / largest error)")


def rounded(value):
    """Milliseconds and hundredths of a semitone are more than anybody compares."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(item) for item in value]
    return round(value, 3)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report", required=True, help="the SoundReport program")
    parser.add_argument("--work", required=True, type=pathlib.Path, help="folder for generated sound")
    parser.add_argument("--all", action="store_true", help="print every file, not only misses and recordings")
    parser.add_argument("--reuse", action="store_true", help="keep the sound of the last run")
    parser.add_argument("--golden", type=pathlib.Path, help="write Praat's values of one file there and end",
                        nargs=2, metavar=("SOUND", "JSON"))
    parser.add_argument("folders", nargs="*", type=pathlib.Path, help="recorded speech, files or folders")
    options = parser.parse_args()
    if options.golden:
        sound, golden = options.golden
        golden.write_text(json.dumps(rounded(heard_by_praat(sound, None)), indent=2) + "\n")
        return 0
    made = signals.cases(options.work, options.reuse) + signals.recorded(options.folders, options.work)
    ours = reports(options.report, [case.file for case in made])
    theirs = {}
    rows = []
    for case in made:
        key = (case.reference, case.noise)
        if key not in theirs:
            theirs[key] = heard_by_praat(*key)
        rows.append(judge(case, ours[str(case.file)], theirs[key]))
    show(rows, options.all)
    summary(rows)
    missed = sum(bool(row["fails"]) for row in rows)
    print(f"\n{len(rows)} files, {missed} with a miss"
          f" (limits: median {MEDIAN_PERCENT:g} %, spread {SPREAD_SEMITONES:g} st, borders {BOUNDARY_MS:g} ms)")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
