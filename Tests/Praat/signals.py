"""Speech to compare on: vowels with a known pitch, espeak-ng's voices, and what degrades either."""

import dataclasses
import pathlib
import shutil
import subprocess
import wave

import numpy as np

RATE = 48000
# Talks of a few sentences. The breaks are real pauses; commas and full stops add espeak's own.
TALKS = {
    "en": ["Hello everyone, my name is Anna", "today I want to talk about our new project",
           "many people like the result so far", "the next step is to test it with more users"],
    "de": ["Guten Morgen zusammen, mein Name ist Anna", "heute möchte ich über unser Projekt sprechen",
           "viele Leute mögen das Ergebnis", "als nächstes prüfen wir es mit mehr Nutzern"],
    "es": ["Hola a todos, me llamo Ana", "hoy quiero hablar de nuestro nuevo proyecto",
           "a mucha gente le gusta el resultado", "el próximo paso es probarlo con más usuarios"],
    "fr": ["Bonjour à tous, je m'appelle Anne", "aujourd'hui je veux parler de notre nouveau projet",
           "beaucoup de gens aiment le résultat", "la prochaine étape est de le tester"],
    "ru": ["Доброе утро, меня зовут Анна", "сегодня я хочу рассказать о нашем новом проекте",
           "многим людям нравится результат", "следующий шаг это проверить его"],
    "pt": ["Olá a todos, meu nome é Ana", "hoje quero falar sobre o nosso novo projeto",
           "muita gente gosta do resultado", "o próximo passo é testar com mais pessoas"],
}
# Voice, words a minute, pitch 0-99, seconds of the breaks.
SPEAKERS = [
    ("en-us+adam", 150, 50, (0.9, 1.4, 0.6)), ("en-us+f2", 170, 50, (0.5, 1.0, 0.4)),
    ("en-gb+m3", 120, 40, (1.2, 0.7, 2.0)), ("en-gb-scotland+linda", 190, 60, (0.4, 0.5, 0.6)),
    ("en-us+klatt4", 160, 50, (0.8, 0.6, 1.1)), ("de+f3", 150, 55, (0.7, 1.1, 0.5)),
    ("de+max", 180, 45, (0.45, 0.9, 0.6)), ("es+m1", 170, 50, (0.6, 0.8, 1.0)),
    ("fr-fr+f4", 160, 50, (0.9, 0.5, 0.7)), ("ru+m7", 150, 50, (1.0, 0.6, 0.8)),
    ("pt-br+f1", 170, 50, (0.7, 0.5, 1.3)),
]
# What an upload goes through: name, noise (dB below the speech), bit rate of Opus.
PATHS = [("wav", None, None), ("opus32", None, 32), ("opus16", None, 16), ("20dB+opus24", 20, 24)]
ROUGH = ("12dB+opus24", 12, 24)


@dataclasses.dataclass
class Case:
    name: str
    # What our engine hears.
    file: pathlib.Path
    # What Praat hears: the same speech before noise and codec took from it.
    reference: pathlib.Path
    kind: str
    # Semitones, where the pitch is known by construction: {"median": Hz, "spread": semitones}.
    truth: dict | None = None
    # Pauses known by construction, in seconds.
    pauses: list | None = None
    # Level of the added noise in dB of full scale.
    noise: float | None = None


def run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)


def save(path, samples, rate=RATE):
    data = np.clip(np.round(samples * 32767), -32768, 32767).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(data.tobytes())


def load(path):
    """Samples in -1...1 of any file, mono, 48 kHz."""
    raw = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-f", "s16le", "-ac", "1", "-ar", str(RATE), "-"],
        check=True, capture_output=True).stdout
    return np.frombuffer(raw, "<i2") / 32768


def pink(count, random):
    spectrum = np.fft.rfft(random.standard_normal(count))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 20 * count / RATE))
    noise = np.fft.irfft(spectrum, count)
    return noise / np.std(noise)


def noise_level(clean, noise_db):
    """In dB of full scale: so far below the louder half of the samples."""
    samples = np.abs(load(clean))
    loud = np.sort(samples)[len(samples) // 2:]
    return 10 * np.log10(np.mean(loud ** 2)) - noise_db


def degraded(clean, folder, name, noise_db, bitrate, seed=1):
    """The file that a phone would have sent; one that is there already stays."""
    if noise_db is None and bitrate is None:
        return clean
    note = folder / f"{name}.ogg"
    if note.exists():
        return note
    samples = load(clean)
    if noise_db is not None:
        level = 10 ** (noise_level(clean, noise_db) / 20)
        samples = samples + level * pink(len(samples), np.random.default_rng(seed))
        samples *= min(1, 0.98 / np.max(np.abs(samples)))
    wav = folder / f"{name}.wav"
    save(wav, samples)
    run("ffmpeg", "-nostdin", "-v", "error", "-y", "-i", str(wav), "-c:a", "libopus", "-b:a", f"{bitrate}k",
        "-application", "voip", "-frame_duration", "20", str(note))
    wav.unlink()
    return note


def vowels(path, hertz, spread, breaks, seed):
    """A voice with known pitch and pauses: a Rosenberg pulse through three formants, in phrases.

    The pitch moves like a phrase does, in random slow waves, and is scaled to the wanted spread.
    """
    random = np.random.default_rng(seed)
    lengths = [random.uniform(1.4, 2.6) for _ in range(len(breaks) + 1)]
    sound, pitch, pauses, at = [np.zeros(int(0.5 * RATE))], [], [], 0.5
    for index, length in enumerate(lengths):
        count = int(length * RATE)
        time = np.arange(count) / RATE
        wave_ = sum(random.uniform(0.5, 1) * np.sin(2 * np.pi * rate * time + random.uniform(0, 6.28))
                    for rate in (0.4, 0.9, 1.7))
        contour = wave_ - 0.5 * time
        pitch.append(contour)
        sound.append(count)
        at += length
        if index < len(breaks):
            sound.append(np.zeros(int(breaks[index] * RATE)))
            pauses.append((at, at + breaks[index]))
            at += breaks[index]
    together = np.concatenate(pitch)
    scale = spread / np.std(together) if spread else 0
    middle = np.median(together)
    pieces, spoken = [], []
    for piece in sound:
        if isinstance(piece, int):
            semitones = (pitch.pop(0) - middle) * scale
            spoken.append(semitones)
            pieces.append(voiced(hertz * 2 ** (semitones / 12), random))
        else:
            pieces.append(piece)
    pieces.append(np.zeros(int(0.5 * RATE)))
    samples = np.concatenate(pieces)
    save(path, 0.5 * samples / np.max(np.abs(samples)))
    everything = np.concatenate(spoken)
    return {"median": hertz * 2 ** (np.median(everything) / 12), "spread": float(np.std(everything))}, pauses


def voiced(hertz, random):
    # Half a per cent of jitter, as healthy voices have.
    wobble = np.repeat(random.standard_normal(len(hertz) // 240 + 1), 240)[:len(hertz)]
    phase = np.cumsum(hertz * (1 + 0.005 * wobble) / RATE) % 1
    rise, fall = 0.4, 0.16
    flow = np.where(
        phase < rise, 0.5 * (1 - np.cos(np.pi * phase / rise)),
        np.where(phase < rise + fall, np.cos(0.5 * np.pi * (phase - rise) / fall), 0))
    source = np.diff(flow, prepend=0)
    # Vowels change five times a second: five sets of formants, cross-faded.
    sets = [(700, 1220, 2600), (300, 2200, 3000), (320, 850, 2300), (530, 1850, 2500), (570, 900, 2400)]
    filtered = [resonate(source, formants) for formants in sets]
    filtered = [part / np.std(part) for part in filtered]
    slot = np.arange(len(hertz)) / RATE * 5
    order = random.permutation(50) % len(sets)
    first, share = np.floor(slot).astype(int), slot % 1
    weight = np.clip((share - 0.7) / 0.3, 0, 1)
    stack = np.stack(filtered)
    index = np.arange(len(hertz))
    mixed = (1 - weight) * stack[order[first % 50], index] + weight * stack[order[(first + 1) % 50], index]
    edge = int(0.01 * RATE)
    mixed[:edge] *= np.linspace(0, 1, edge)
    mixed[-edge:] *= np.linspace(1, 0, edge)
    return mixed


def resonate(source, formants):
    spectrum = np.fft.rfft(source, 2 * len(source))
    z = np.exp(2j * np.pi * np.arange(len(spectrum)) / (2 * len(source)))
    for formant, width in zip(formants, (80, 100, 140)):
        radius = np.exp(-np.pi * width / RATE)
        pole = radius * np.exp(2j * np.pi * formant / RATE)
        spectrum = spectrum / ((1 - pole / z) * (1 - np.conj(pole) / z))
    return np.fft.irfft(spectrum)[:len(source)]


def spoken(path, voice, rate, pitch, breaks):
    """A talk by espeak-ng with breaks between its sentences."""
    talk = TALKS[voice[:2]]
    parts = []
    for index, sentence in enumerate(talk):
        parts.append(sentence + ".")
        if index < len(breaks):
            parts.append(f'<break time="{int(breaks[index] * 1000)}ms"/>')
    text = "<speak>" + " ".join(parts) + "</speak>"
    run("espeak-ng", "-m", "-v", voice, "-s", str(rate), "-p", str(pitch), "-w", str(path), text)


def cases(folder, reuse=False):
    """All synthesised cases, made in a folder."""
    if not reuse:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    made = []

    def add(name, clean, kind, paths, truth=None, pauses=None):
        for path, noise, bitrate in paths:
            file = degraded(clean, folder, f"{name}-{path}".replace("+", "_").replace(" ", "_"), noise, bitrate)
            level = None if noise is None else noise_level(clean, noise)
            made.append(Case(f"{name} {path}", file, clean, kind, truth, pauses, level))

    for index, (hertz, spread) in enumerate(
            [(95, 1), (110, 2.5), (130, 4), (180, 1.5), (210, 3), (240, 5), (300, 2), (120, 0.3)]):
        clean = folder / f"vowels{index}.wav"
        truth, pauses = vowels(clean, hertz, spread, (0.4, 0.8, 1.5, 0.5), seed=index + 1)
        add(f"vowels {hertz} Hz {spread:g} st", clean, "known", PATHS + [ROUGH], truth, pauses)
    for index, (voice, rate, pitch, breaks) in enumerate(SPEAKERS):
        clean = folder / f"espeak{index}.wav"
        spoken(clean, voice, rate, pitch, breaks)
        add(f"{voice} {rate}", clean, "synthesised", PATHS)
    return made


def recorded(folders, work):
    """Whatever lies in the folders, as it is and through Opus."""
    made = []
    known = {".wav", ".ogg", ".oga", ".opus", ".flac", ".mp3", ".m4a", ".mp4"}
    for folder in folders:
        files = [folder] if folder.is_file() else sorted(folder.rglob("*"))
        for file in files:
            if file.suffix.lower() not in known:
                continue
            name = file.stem[-28:]
            made.append(Case(f"{name} as it is", file, file, "recorded"))
            coded = degraded(file, work, f"recorded{len(made)}", None, 24)
            made.append(Case(f"{name} opus24", coded, file, "recorded"))
    return made
