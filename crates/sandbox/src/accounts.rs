//! The business side: apps, WhatsApp Business accounts, numbers and their credentials. What they sent is in `phones`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::graph::templates::{self, Template};
use crate::limits::Bucket;
use crate::phones::Origin;
use crate::random::Stream;

/// Everything a program needs to use one simulated number.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Number {
    /// The app that owns the webhook subscription.
    pub app_id: String,
    /// Signs webhooks.
    pub app_secret: String,
    /// A token for the verification handshake, to be chosen by the receiver.
    pub verify_token: String,
    /// Authorizes calls for the number's account.
    pub access_token: String,
    /// The WhatsApp Business account.
    pub waba_id: String,
    /// The number in paths.
    pub phone_number_id: String,
    /// The number as people write it.
    pub display_phone_number: String,
    /// The business name that customers see.
    pub verified_name: String,
}

/// Where webhooks go.
#[derive(Clone, Debug)]
pub(crate) struct Callback {
    pub(crate) url: String,
    pub(crate) fields: Vec<String>,
}

pub(crate) struct App {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) verify_token: String,
    pub(crate) callback: Option<Callback>,
}

pub(crate) struct Waba {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) app_id: String,
    pub(crate) access_token: String,
    pub(crate) is_subscribed: bool,
    pub(crate) callback: Option<Callback>,
    pub(crate) numbers: Vec<String>,
    pub(crate) templates: Vec<Template>,
}

impl Waba {
    pub(crate) fn template(&self, name: &str, language: &str) -> Option<&Template> {
        self.templates.iter().find(|template| template.name == name && template.language == language)
    }
}

pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) waba_id: String,
    pub(crate) display: String,
    pub(crate) origin: Arc<Origin>,
    pub(crate) verified_name: String,
    pub(crate) callback: Option<Callback>,
    pub(crate) pin: Option<String>,
    pub(crate) is_registered: bool,
    pub(crate) profile: Map<String, Value>,
    /// User ids that the business blocked.
    pub(crate) blocked: BTreeMap<String, String>,
    /// Short links by code.
    pub(crate) short_links: BTreeMap<String, String>,
    pub(crate) throughput: Bucket,
}

/// What a new number looks like.
pub(crate) struct NewLine {
    pub(crate) verified_name: String,
    pub(crate) display: Option<String>,
    /// The account it joins; none makes a new account with its own token.
    pub(crate) waba_id: Option<String>,
    /// True gives a new account its own app too.
    pub(crate) own_app: bool,
}

/// All apps, accounts and numbers.
#[derive(Default)]
pub(crate) struct Accounts {
    pub(crate) apps: BTreeMap<String, App>,
    pub(crate) wabas: BTreeMap<String, Waba>,
    pub(crate) lines: HashMap<String, Line>,
    order: Vec<String>,
    tokens: HashMap<String, String>,
}

impl Accounts {
    /// Adds a number, and the app and account it needs.
    pub(crate) fn add(&mut self, ids: &Stream, new: NewLine, now_ms: i64) -> Option<Number> {
        let waba_id = match new.waba_id {
            Some(id) => self.wabas.contains_key(&id).then_some(id)?,
            None => self.add_waba(ids, &new.verified_name, new.own_app),
        };
        let display = new.display.unwrap_or_else(|| format!("+40 31 {}", ids.text(b"0123456789", 7)));
        let id = ids.decimal_id();
        let line = Line {
            id: id.clone(),
            waba_id: waba_id.clone(),
            origin: Arc::new(Origin {
                phone_number_id: id.clone(),
                waba_id: waba_id.clone(),
                digits: display.chars().filter(char::is_ascii_digit).collect(),
            }),
            display,
            profile: profile(&new.verified_name),
            verified_name: new.verified_name,
            callback: None,
            pin: None,
            is_registered: true,
            blocked: BTreeMap::new(),
            short_links: BTreeMap::new(),
            throughput: Bucket::full(80.0, now_ms),
        };
        self.lines.insert(id.clone(), line);
        self.order.push(id.clone());
        self.wabas.get_mut(&waba_id)?.numbers.push(id.clone());
        self.number(&id)
    }

    fn add_waba(&mut self, ids: &Stream, name: &str, own_app: bool) -> String {
        let app_id = match self.apps.keys().next() {
            Some(first) if !own_app => first.clone(),
            _ => self.add_app(ids),
        };
        let waba = Waba {
            id: ids.decimal_id(),
            name: name.to_owned(),
            app_id,
            access_token: ids.access_token(),
            is_subscribed: true,
            callback: None,
            numbers: Vec::new(),
            templates: templates::seeded(ids),
        };
        let id = waba.id.clone();
        self.tokens.insert(waba.access_token.clone(), id.clone());
        self.wabas.insert(id.clone(), waba);
        id
    }

    fn add_app(&mut self, ids: &Stream) -> String {
        let app = App {
            id: ids.decimal_id(),
            secret: ids.hex_secret(),
            verify_token: ids.text(b"abcdefghijkmnpqrstuvwxyz23456789", 24),
            callback: None,
        };
        let id = app.id.clone();
        self.apps.insert(id.clone(), app);
        id
    }

    /// The account that a token opens.
    pub(crate) fn waba_of_token(&self, token: &str) -> Option<&Waba> {
        self.wabas.get(self.tokens.get(token)?)
    }

    /// The app that an app token (`id|secret`) opens.
    pub(crate) fn app_of_token(&self, token: &str) -> Option<&App> {
        let (id, secret) = token.split_once('|')?;
        self.apps.get(id).filter(|app| crate::crypto::same_secret(&app.secret, secret))
    }

    /// The id of the first number, for calls that name none.
    pub(crate) fn first(&self) -> Option<&str> {
        self.order.first().map(String::as_str)
    }

    /// The credentials of one number.
    pub(crate) fn number(&self, id: &str) -> Option<Number> {
        let line = self.lines.get(id)?;
        let waba = self.wabas.get(&line.waba_id)?;
        let app = self.apps.get(&waba.app_id)?;
        Some(Number {
            app_id: app.id.clone(),
            app_secret: app.secret.clone(),
            verify_token: app.verify_token.clone(),
            access_token: waba.access_token.clone(),
            waba_id: waba.id.clone(),
            phone_number_id: line.id.clone(),
            display_phone_number: line.display.clone(),
            verified_name: line.verified_name.clone(),
        })
    }

    /// The credentials of every number, oldest first.
    pub(crate) fn numbers(&self) -> Vec<Number> {
        self.order.iter().filter_map(|id| self.number(id)).collect()
    }

    /// Where the business's program answers, as far as its callbacks tell: scheme, host and port.
    pub(crate) fn callback_origin(&self) -> Option<String> {
        let mut lines = self.order.iter().filter_map(|id| self.lines.get(id));
        let (url, _) = lines.find_map(|line| self.callback(&line.waba_id, Some(&line.id), "messages"))?;
        let origin = url::Url::parse(&url).ok()?.origin();
        origin.is_tuple().then(|| origin.ascii_serialization())
    }

    /// The address and the secret for an update: number, then account, then app. Only `messages` follows overrides.
    pub(crate) fn callback(
        &self,
        waba_id: &str,
        phone_number_id: Option<&str>,
        field: &str,
    ) -> Option<(String, String)> {
        let waba = self.wabas.get(waba_id).filter(|waba| waba.is_subscribed)?;
        let app = self.apps.get(&waba.app_id)?;
        let of_line =
            phone_number_id.and_then(|id| self.lines.get(id)).and_then(|line| line.callback.as_ref());
        let of_app =
            app.callback.as_ref().filter(|c| c.fields.is_empty() || c.fields.iter().any(|f| f == field));
        let chosen = if field == "messages" { of_line.or(waba.callback.as_ref()).or(of_app) } else { of_app };
        // An account without an app subscription still hears about itself where its messages go.
        let chosen = chosen.or(if app.callback.is_none() { waba.callback.as_ref() } else { None });
        chosen.map(|callback| (callback.url.clone(), app.secret.clone()))
    }
}

fn profile(name: &str) -> Map<String, Value> {
    let value = json!({
        "about": "Pâine caldă în fiecare dimineață",
        "address": "Strada Grâului 7, Cluj-Napoca",
        "description": format!("{name}: pâine, cozonaci și prăjituri"),
        "email": "salut@example.com",
        "websites": ["https://example.com/"],
        "vertical": "RESTAURANT",
    });
    value.as_object().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn callback(url: &str) -> Option<Callback> {
        Some(Callback { url: url.to_owned(), fields: Vec::new() })
    }

    #[test]
    fn a_number_overrides_its_account_which_overrides_the_app() {
        let mut accounts = Accounts::default();
        let new = NewLine { verified_name: "A".into(), display: None, waba_id: None, own_app: true };
        let number = accounts.add(&Stream::new(1, "ids"), new, 0).unwrap();
        let url = |accounts: &Accounts, field: &str| {
            accounts.callback(&number.waba_id, Some(&number.phone_number_id), field).map(|(url, _)| url)
        };
        assert_eq!(url(&accounts, "messages"), None);
        accounts.apps.get_mut(&number.app_id).unwrap().callback = callback("app");
        assert_eq!(url(&accounts, "messages").as_deref(), Some("app"));
        accounts.wabas.get_mut(&number.waba_id).unwrap().callback = callback("waba");
        assert_eq!(url(&accounts, "messages").as_deref(), Some("waba"));
        accounts.lines.get_mut(&number.phone_number_id).unwrap().callback = callback("line");
        assert_eq!(url(&accounts, "messages").as_deref(), Some("line"));
        assert_eq!(url(&accounts, "account_update").as_deref(), Some("app"));
        accounts.wabas.get_mut(&number.waba_id).unwrap().is_subscribed = false;
        assert_eq!(url(&accounts, "messages"), None);
    }
}
