//! Which path is whose. A node's kind is known by its id, as with Meta.

use std::sync::Arc;

use hyper::Method;

use super::access::{Access, authenticate};
use super::error::GraphError;
use super::{Reply, blocks, media, messages, nodes, profile, receipts, subscriptions, templates};
use crate::http::Call;
use crate::world::{World, lock};

/// What an id stands for.
enum Node {
    Line,
    Waba,
    App,
    Media,
    Template,
}

/// Finds and runs the handler of a call.
pub(crate) async fn handle(world: &Arc<World>, call: &Call) -> Result<Reply, GraphError> {
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    let method = Verb::of(&call.method).ok_or_else(|| unknown(call))?;
    match segments.as_slice() {
        ["debug_token"] => return nodes::debug_token(world, call),
        ["whatsapp_business", "attachments"] if method == Verb::Get => return media::download(world, call),
        ["qr", _] if method == Verb::Get => return Ok(profile::qr_picture()),
        [first, ..] if first.bytes().all(|b| b.is_ascii_digit()) => {}
        _ => return Err(unknown(call)),
    }
    let access = authenticate(world, call)?;
    let id = segments[0];
    let edge = &segments[1..];
    match kind_of(world, &access, id).ok_or_else(|| GraphError::no_such_node(method.word(), id))? {
        Node::Line => line(world, call, method, id, edge).await,
        Node::Waba => waba(world, call, method, id, edge).await,
        Node::App => app(world, call, method, id, edge, &access).await,
        Node::Media => match (method, edge) {
            (Verb::Get, []) => media::address(world, call, id),
            (Verb::Delete, []) => media::delete(world, id),
            _ => Err(unknown(call)),
        },
        Node::Template => match (method, edge) {
            (Verb::Get, []) => templates::read(world, call, id),
            _ => Err(unknown(call)),
        },
    }
}

async fn line(
    world: &Arc<World>,
    call: &Call,
    method: Verb,
    id: &str,
    edge: &[&str],
) -> Result<Reply, GraphError> {
    match (method, edge) {
        (Verb::Post, ["messages"]) => messages::post(world, call, id),
        (Verb::Post, ["media"]) => media::upload(world, call, id),
        (Verb::Get, []) => nodes::line(world, call, id),
        (Verb::Post, []) => subscriptions::configure_line(world, call, id).await,
        (Verb::Get, ["message_history"]) => receipts::history(world, call, id),
        (Verb::Get, ["whatsapp_business_profile"]) => profile::read(world, call, id),
        (Verb::Post, ["whatsapp_business_profile"]) => profile::write(world, call, id),
        (Verb::Get, ["block_users"]) => blocks::list(world, id),
        (Verb::Post, ["block_users"]) => blocks::block(world, call, id),
        (Verb::Delete, ["block_users"]) => blocks::unblock(world, call, id),
        (Verb::Get, ["message_qrdls"]) => profile::short_links(world, id, None),
        (Verb::Get, ["message_qrdls", code]) => profile::short_links(world, id, Some(code)),
        (Verb::Post, ["message_qrdls"]) => profile::write_short_link(world, call, id),
        (Verb::Delete, ["message_qrdls", code]) => profile::delete_short_link(world, id, code),
        (Verb::Post, ["register"]) => nodes::register(world, call, id),
        (Verb::Post, ["deregister"]) => nodes::deregister(world, id),
        _ => Err(unknown(call)),
    }
}

async fn waba(
    world: &Arc<World>,
    call: &Call,
    method: Verb,
    id: &str,
    edge: &[&str],
) -> Result<Reply, GraphError> {
    match (method, edge) {
        (Verb::Get, []) => nodes::waba(world, call, id),
        (Verb::Get, ["phone_numbers"]) => nodes::phone_numbers(world, call, id),
        (Verb::Get, ["message_templates"]) => templates::list(world, call, id),
        (Verb::Get, ["subscribed_apps"]) => subscriptions::list(world, id),
        (Verb::Post, ["subscribed_apps"]) => subscriptions::subscribe(world, call, id).await,
        (Verb::Delete, ["subscribed_apps"]) => subscriptions::unsubscribe(world, id),
        _ => Err(unknown(call)),
    }
}

async fn app(
    world: &Arc<World>,
    call: &Call,
    method: Verb,
    id: &str,
    edge: &[&str],
    access: &Access,
) -> Result<Reply, GraphError> {
    match (method, edge) {
        (Verb::Get, []) => nodes::app(id),
        (_, ["subscriptions"]) if access.waba_id.is_some() => Err(GraphError::graph(
            15,
            None,
            "(#15) This method must be called with an app access_token.".to_owned(),
        )),
        (Verb::Get, ["subscriptions"]) => subscriptions::list_of_app(world, id),
        (Verb::Post, ["subscriptions"]) => subscriptions::subscribe_app(world, call, id).await,
        (Verb::Delete, ["subscriptions"]) => subscriptions::unsubscribe_app(world, id),
        _ => Err(unknown(call)),
    }
}

/// Finds a node that the caller may touch; Meta does not tell the rest from what does not exist.
fn kind_of(world: &World, access: &Access, id: &str) -> Option<Node> {
    let accounts = lock(&world.accounts);
    if id == access.app_id {
        return Some(Node::App);
    }
    let waba_id = access.waba_id.as_deref()?;
    if id == waba_id {
        return Some(Node::Waba);
    }
    if let Some(line) = accounts.lines.get(id) {
        return (line.waba_id == waba_id).then_some(Node::Line);
    }
    if accounts.wabas.get(waba_id).is_some_and(|waba| waba.templates.iter().any(|template| template.id == id))
    {
        return Some(Node::Template);
    }
    drop(accounts);
    let now_ms = world.clock.now_ms();
    lock(&world.media).get(id, now_ms).is_some_and(|media| media.waba_id == waba_id).then_some(Node::Media)
}

fn unknown(call: &Call) -> GraphError {
    GraphError::unknown_path(&format!("/{}", call.segments.join("/")))
}

/// The methods Graph knows.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Verb {
    Get,
    Post,
    Delete,
}

impl Verb {
    fn of(method: &Method) -> Option<Self> {
        match *method {
            Method::GET => Some(Self::Get),
            Method::POST => Some(Self::Post),
            Method::DELETE => Some(Self::Delete),
            _ => None,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Delete => "delete",
        }
    }
}
