//! What happened in the bakery before we looked: customers wrote, and people answered, took, noted and put away. All
//! of it went through the town and the API, so that everything that is shown is true on the phones as well.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context as _, bail};
use centrala_domain::{LabelId, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use super::demo::Api;

/// One thing that somebody did. People are named by their place in the list of the demo.
#[derive(Clone, Copy)]
enum Step {
    /// The customer writes.
    Says(&'static str),
    /// The customer sends a picture with words.
    Photo(&'static str),
    /// The customer records a voice note.
    Voice,
    /// The customer sends a place: latitude, longitude, name.
    Place(f64, f64, &'static str),
    /// An agent takes the conversation.
    Takes(usize),
    /// An agent answers, and the customer reads it.
    Answers(usize, &'static str),
    /// An agent leaves a note.
    Notes(usize, &'static str),
    /// The owner of the bakery puts a label on it.
    Label(&'static str),
    /// An agent puts it away for some hours.
    Snoozes(usize, u64),
    /// An agent is done with it.
    Resolves(usize),
}

use Step::{Answers, Label, Notes, Photo, Place, Resolves, Says, Snoozes, Takes, Voice};

const MARIA: usize = 0;
const ANDREI: usize = 1;
const IOANA: usize = 2;
const MIHAI: usize = 3;

/// By customer, in the order in which they wrote. Two of the town have not written yet; four still wait.
const MORNING: [(&str, &[Step]); 10] = [
    (
        "stefan",
        &[
            Says("Bună ziua, la ce oră deschideți mâine?"),
            Takes(IOANA),
            Answers(IOANA, "Bună ziua! Mâine deschidem la 7:00, iar pâinea caldă iese la 7:30."),
            Says("Perfect, mulțumesc!"),
            Resolves(IOANA),
        ],
    ),
    (
        "oliver",
        &[
            Says("Could I pick up the sourdough on Thursday instead?"),
            Takes(MARIA),
            Answers(MARIA, "Sure, we keep it for you until Thursday evening."),
            Snoozes(MARIA, 20),
        ],
    ),
    (
        "vlad",
        &[
            Voice,
            Says("Scuze, conduceam. Întrebam dacă livrați și în Florești."),
            Place(46.7475, 23.4908, "Florești, Cluj"),
            Takes(MIHAI),
            Answers(MIHAI, "Da, livrăm. Mâine la 8 v-ar conveni?"),
        ],
    ),
    (
        "sophie",
        &[
            Says("Hello! Could you make a cake for 20 people for Friday?"),
            Takes(MARIA),
            Label("VIP"),
            Answers(MARIA, "Hello Sophie! Of course. Would you like it with chocolate or with berries?"),
            Notes(MARIA, "She ordered twice last month: the second layer is on us."),
            Says("Berries, please. And a candle shaped like a 5 🎂"),
            Answers(MARIA, "Berries and a candle it is. *240 lei*, ready on Friday from 10:00."),
        ],
    ),
    (
        "carmen",
        &[
            Photo("Pâinea de ieri era arsă dedesubt, uitați."),
            Takes(ANDREI),
            Label("refund"),
            Answers(ANDREI, "Ne pare foarte rău! O schimbăm sau vă dăm banii înapoi, cum preferați."),
            Says("Aș vrea banii înapoi, dacă se poate. Am bonul."),
            Notes(ANDREI, "Maria, e în regulă să returnăm 18 lei?"),
        ],
    ),
    (
        "elena",
        &[
            Says("Unde este comanda mea? Trebuia să ajungă la 9."),
            Takes(MARIA),
            Label("urgent"),
            Says("E 1043, pe numele Dumitrescu."),
        ],
    ),
    ("radu", &[Says("Good morning, can I order a cake for 20 people?")]),
    ("mihai", &[Says("Hi! Do you have gluten-free bread today?")]),
    ("ioana", &[Says("Comanda de ieri a venit fără plăcinte."), Says("Cum procedăm?")]),
    (
        "ana",
        &[Says("Bună ziua! Mai aveți cozonac cu nucă pentru sâmbătă?"), Says("Aș vrea doi, dacă se poate.")],
    ),
];

/// How long a message may take from the town to the list, or from us to a phone.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(15);

/// The bakery, and the ways to it.
pub(super) struct Bakery<'a> {
    /// The API as each of the people uses it.
    pub(super) people: Vec<Api>,
    /// Where the town is told what its customers do.
    pub(super) town: Api,
    /// Id of the number that customers write to.
    pub(super) number: &'a str,
    /// Names of the town's customers by id.
    pub(super) customers: HashMap<&'a str, &'a str>,
    /// The server's time.
    pub(super) now: Timestamp,
    /// Labels by name.
    pub(super) labels: HashMap<&'static str, LabelId>,
}

impl Bakery<'_> {
    /// Lets it all happen, one customer after the other; where nobody is at work yet, customers write and nobody
    /// answers.
    pub(super) async fn has_its_morning(&self, is_at_work: bool) -> anyhow::Result<()> {
        let happens = |steps: &[Step]| is_at_work || steps.iter().all(|step| message_of(*step).is_some());
        for (customer, steps) in MORNING.into_iter().filter(|(_, steps)| happens(steps)) {
            let mut conversation = None;
            for (n, step) in steps.iter().enumerate() {
                self.does(customer, &mut conversation, (n, *step)).await?;
            }
            self.conversation(customer, &mut conversation).await?;
        }
        Ok(())
    }

    async fn does(
        &self,
        customer: &str,
        known: &mut Option<String>,
        (n, step): (usize, Step),
    ) -> anyhow::Result<()> {
        if let Some(message) = message_of(step) {
            self.writes(customer, message).await?;
            return match known {
                // What an agent does next is done in sight of it.
                Some(conversation) => self.is_seen(conversation).await,
                None => Ok(()),
            };
        }
        let conversation = self.conversation(customer, known).await?;
        let path = |deed: &str| format!("/conversations/{conversation}/{deed}");
        let (who, method, path, body) = match step {
            Takes(who) => (who, Method::POST, path("claim"), json!({})),
            Notes(who, body) => (who, Method::POST, path("notes"), json!({ "body": body })),
            Resolves(who) => (who, Method::POST, path("resolve"), json!({})),
            Snoozes(who, hours) => {
                let until = self.now.plus(Duration::from_secs(hours * 3600));
                (who, Method::POST, path("snooze"), json!({ "until": until }))
            }
            Label(name) => {
                let label = self.labels.get(name).context("a label that the bakery does not have")?;
                (MARIA, Method::PUT, path(&format!("labels/{label}")), json!({}))
            }
            Answers(who, body) => {
                let client_id = format!("morning-{customer}-{n}");
                return self.answers(who, &conversation, &client_id, body).await;
            }
            Says(_) | Photo(_) | Voice | Place(..) => return Ok(()),
        };
        self.people[who].send(method, &path, &body).await.map(drop)
    }

    async fn writes(&self, customer: &str, mut message: Value) -> anyhow::Result<()> {
        message["phone_number_id"] = self.number.into();
        self.town.send(Method::POST, &format!("/customers/{customer}/messages"), &message).await.map(drop)
    }

    /// The conversation that a customer's words began, once it is listed.
    async fn conversation(&self, customer: &str, known: &mut Option<String>) -> anyhow::Result<String> {
        if let Some(known) = known {
            return Ok(known.clone());
        }
        let name = self.customers.get(customer).context("a customer whom the town does not have")?;
        let found = self
            .until(async || {
                let list = self.people[MARIA].get("/conversations?limit=100").await?;
                let items = list["items"].as_array().into_iter().flatten();
                let found = items.into_iter().find(|it| it["contact"]["name"] == *name);
                Ok(found.and_then(|it| it["id"].as_str()).map(ToOwned::to_owned))
            })
            .await
            .with_context(|| format!("{name} wrote, and is not listed"))?;
        Ok(known.insert(found).clone())
    }

    /// Waits until a conversation has something unread. Whose message is the newest does not tell: customers' clocks
    /// count whole seconds, ours does not.
    async fn is_seen(&self, conversation: &str) -> anyhow::Result<()> {
        let path = format!("/conversations/{conversation}");
        self.until(async || {
            let now = self.people[MARIA].get(&path).await?;
            Ok(now["unread"].as_i64().is_some_and(|unread| unread > 0).then_some(()))
        })
        .await
        .context("a customer wrote, and it did not arrive")
    }

    /// The next words of the customer come when he has read this.
    async fn answers(
        &self,
        who: usize,
        conversation: &str,
        client_id: &str,
        body: &str,
    ) -> anyhow::Result<()> {
        let read = format!("/conversations/{conversation}/read");
        self.people[who].send(Method::POST, &read, &Value::Null).await?;
        let path = format!("/conversations/{conversation}/messages");
        let content = json!({ "client_id": client_id, "content": { "type": "text", "body": body } });
        let sent = self.people[who].send(Method::POST, &path, &content).await?;
        let message = format!("/messages/{}", sent["id"].as_str().unwrap_or_default());
        self.until(async || {
            let now = self.people[who].get(&message).await?;
            Ok(matches!(now["status"].as_str(), Some("delivered" | "read")).then_some(()))
        })
        .await
        .context("an answer did not reach its phone")
    }

    async fn until<T>(&self, look: impl AsyncFn() -> anyhow::Result<Option<T>>) -> anyhow::Result<T> {
        let end = tokio::time::Instant::now() + PATIENCE;
        while tokio::time::Instant::now() < end {
            if let Some(seen) = look().await? {
                return Ok(seen);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        bail!("it took longer than {PATIENCE:?}")
    }
}

/// What the customer's phone sends.
fn message_of(step: Step) -> Option<Value> {
    Some(match step {
        Says(body) => json!({ "type": "text", "text": { "body": body } }),
        Photo(caption) => json!({ "type": "image", "image": { "caption": caption } }),
        Voice => json!({ "type": "audio", "audio": { "voice": true } }),
        Place(latitude, longitude, name) => {
            let place = json!({ "latitude": latitude, "longitude": longitude, "name": name });
            json!({ "type": "location", "location": place })
        }
        _ => return None,
    })
}
