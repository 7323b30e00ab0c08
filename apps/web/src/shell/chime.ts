// Two quiet tones, made here: no file to fetch. Browsers make no sound with notifications on every system.

/** Pitch in hertz, and when it begins in seconds. */
const TONES = [
  [784, 0],
  [1047, 0.12],
] as const;
const LENGTH = 0.35;
const LOUDNESS = 0.12;

let context: AudioContext | undefined;

/** Plays it; answers whether that was allowed. Browsers let a page sound after somebody has used it. */
export async function chime(): Promise<boolean> {
  try {
    context ??= new AudioContext();
    // Where it is not allowed, `resume` waits for a click; nobody waits with it.
    await Promise.race([context.resume(), new Promise((resolve) => setTimeout(resolve, 200))]);
    if (context.state !== 'running') return false;
    for (const [pitch, after] of TONES) play(context, pitch, context.currentTime + after);
    return true;
  } catch {
    return false;
  }
}

function play(to: AudioContext, pitch: number, at: number): void {
  const tone = new OscillatorNode(to, { type: 'sine', frequency: pitch });
  const volume = new GainNode(to, { gain: 0 });
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, at + LENGTH);
  tone.connect(volume).connect(to.destination);
  tone.start(at);
  tone.stop(at + LENGTH);
}
