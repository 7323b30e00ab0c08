//! When scripted customers do what: new stories at a slow pace, and the next part once somebody answered.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::lines::{ENGLISH, ENGLISH_CLOSING, Part, ROMANIAN, ROMANIAN_CLOSING, Story};
use super::people::PEOPLE;
use crate::phones::writing;
use crate::random::Stream;
use crate::world::{World, lock};

/// Between two new stories, in real milliseconds.
const PAUSE_MS: (u64, u64) = (4_000, 60_000);
/// Between an answer and what the customer says next.
const REPLY_MS: (u64, u64) = (2_500, 12_000);

/// Where a customer is in their story.
struct Progress {
    story: Story,
    next: usize,
}

/// Plays until the sandbox stops.
pub(crate) async fn play(world: Arc<World>, mut arrived: mpsc::UnboundedReceiver<usize>, seed: u64) {
    let dice = Stream::new(seed, "town");
    let mut progress: HashMap<usize, Progress> = HashMap::new();
    let mut replies = tokio::task::JoinSet::new();
    // The first customer comes soon, so that a new town does not look empty.
    let mut pause_ms = dice.between(800, 2_000);
    loop {
        tokio::select! {
            () = world.pause(pause_ms) => {
                pause_ms = dice.between(PAUSE_MS.0, PAUSE_MS.1);
                let index = pick(&dice, PEOPLE.len());
                let stories = if PEOPLE[index].is_english { ENGLISH } else { ROMANIAN };
                progress.insert(index, Progress { story: stories[pick(&dice, stories.len())], next: 0 });
                speak(&world, &dice, index, progress.get_mut(&index));
            }
            Some(index) = arrived.recv() => {
                // Several messages in a row get one reply.
                let is_scripted = index < PEOPLE.len() && progress.contains_key(&index);
                if is_scripted && replies.len() < PEOPLE.len() {
                    let (owned, delay_ms) = (world.clone(), dice.between(REPLY_MS.0, REPLY_MS.1));
                    replies.spawn(async move {
                        owned.pause(delay_ms).await;
                        index
                    });
                }
            }
            Some(Ok(index)) = replies.join_next() => speak(&world, &dice, index, progress.get_mut(&index)),
        }
    }
}

/// The next part of a customer's story, or a friendly word once after it.
fn speak(world: &Arc<World>, dice: &Stream, index: usize, progress: Option<&mut Progress>) {
    let Some(progress) = progress else { return };
    let position = progress.next;
    progress.next += 1;
    let body = match progress.story.get(position) {
        Some(part) => body_of(world, index, part),
        None if position == progress.story.len() => {
            let words = if PEOPLE[index].is_english { ENGLISH_CLOSING } else { ROMANIAN_CLOSING };
            Some(json!({"type": "text", "text": {"body": words[pick(dice, words.len())]}}))
        }
        None => None,
    };
    if let Some(body) = body
        && let Err(error) = writing::write(world, index, &body)
    {
        tracing::warn!(error = %error, "A scripted customer could not write");
    }
}

fn body_of(world: &World, index: usize, part: &Part) -> Option<Value> {
    Some(match part {
        Part::Say(words) => json!({"type": "text", "text": {"body": words}}),
        Part::Photo(caption) => json!({"type": "image", "image": {"caption": caption}}),
        Part::Voice => json!({"type": "audio", "audio": {"voice": true}}),
        Part::Sticker => json!({"type": "sticker", "sticker": {}}),
        Part::Place(latitude, longitude, name) => {
            json!({"type": "location", "location": {"latitude": latitude, "longitude": longitude, "name": name}})
        }
        Part::React(emoji) => {
            let message_id = newest_of_business(world, index)?;
            json!({"type": "reaction", "reaction": {"message_id": message_id, "emoji": emoji}})
        }
    })
}

fn newest_of_business(world: &World, index: usize) -> Option<String> {
    let phones = lock(&world.phones);
    let mut newest = phones.customer(index).transcript.iter().rev();
    newest
        .find(|wamid| phones.message(wamid).is_some_and(|message| message.from_business))
        .map(ToString::to_string)
}

fn pick(dice: &Stream, count: usize) -> usize {
    let last = u64::try_from(count.saturating_sub(1)).unwrap_or(0);
    usize::try_from(dice.between(0, last)).unwrap_or(0)
}
