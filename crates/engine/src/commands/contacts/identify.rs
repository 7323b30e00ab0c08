//! Recognising a customer by what a receipt says of him. Part of the commands that apply receipts.
//!
//! The business-scoped id decides where there is one; then the phone; a username alone is taken as evidence
//! only when nothing better is there (`cloud-api.md` section 4). Two identities that one receipt joins are
//! merged; a phone that shows up with another business-scoped id has changed hands.

use centrala_domain::contact::{AddressKind, Contact, Sighting};
use centrala_domain::conversation::{Conversation, Status};
use centrala_domain::event::Event;
use centrala_domain::{ChannelKind, ContactId, IdentityId, InboxId, Private, ReceiptId, Timestamp};
use centrala_store::contacts::KnownAddress;
use centrala_store::{Ctx, Error, Tx, contacts, conversations, drafts, messages};

/// Who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identified {
    pub(crate) identity: IdentityId,
    pub(crate) contact: ContactId,
}

/// When and where a sighting was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) inbox: InboxId,
    pub(crate) channel: ChannelKind,
    pub(crate) at: Timestamp,
    pub(crate) receipt: Option<ReceiptId>,
}

/// Finds or makes the identity of a sighting, and keeps what is new about it. Gives its open conversation, if
/// that was found on the way.
pub(crate) async fn identify(
    ctx: &Ctx,
    tx: &mut Tx,
    sighting: &Sighting,
    seen: Seen,
    events: &mut Vec<Event>,
) -> Result<(Identified, Option<Conversation>), Error> {
    let keys = sighting.keys();
    let known = contacts::resolve(&ctx.scope, tx, seen.inbox, seen.channel.family(), &keys).await?;
    let before = events.len();
    let who = match decide(ctx, tx, sighting, &known).await? {
        Some(who) => who,
        None => create(ctx, tx, sighting, seen, events).await?,
    };
    link(ctx, tx, who, sighting, &known, seen, events).await?;
    if let Some(name) = &sighting.name {
        see_name(ctx, tx, who, name, &known, seen.at, events).await?;
    }
    // A merge may have brought another conversation along, or closed this one.
    let is_merged = events[before..].iter().any(|event| matches!(event, Event::IdentitiesMerged { .. }));
    let open = known.into_iter().filter(|known| known.identity == who.identity && !is_merged);
    Ok((who, open.filter_map(|known| known.open).next()))
}

fn of(known: &KnownAddress) -> Identified {
    Identified { identity: known.identity, contact: known.contact }
}

fn by<'a>(known: &'a [KnownAddress], kind: AddressKind, value: Option<&str>) -> Option<&'a KnownAddress> {
    let value = value?;
    known.iter().find(|known| known.address.kind == kind && known.address.value.expose() == value)
}

async fn decide(
    ctx: &Ctx,
    tx: &mut Tx,
    sighting: &Sighting,
    known: &[KnownAddress],
) -> Result<Option<Identified>, Error> {
    let text = |value: &Option<Private>| value.as_ref().map(|value| value.expose().clone());
    let bsuids = [text(&sighting.bsuid), text(&sighting.previous_bsuid)];
    for bsuid in bsuids.iter().flatten() {
        if let Some(known) = by(known, AddressKind::Bsuid, Some(bsuid)) {
            return Ok(Some(of(known)));
        }
    }
    for phone in [&sighting.phone, &sighting.previous_phone].into_iter().flatten() {
        if let Some(known) = by(known, AddressKind::Phone, Some(phone.as_str())) {
            let is_somebody_else = sighting.bsuid.is_some() && has_bsuid(ctx, tx, known.identity).await?;
            return Ok((!is_somebody_else).then(|| of(known)));
        }
    }
    if sighting.bsuid.is_none() && sighting.phone.is_none() {
        let username = text(&sighting.username);
        return Ok(by(known, AddressKind::Username, username.as_deref()).map(of));
    }
    Ok(None)
}

async fn has_bsuid(ctx: &Ctx, tx: &mut Tx, identity: IdentityId) -> Result<bool, Error> {
    let found = contacts::identity(&ctx.scope, tx, identity).await?;
    Ok(found.is_some_and(|it| it.addresses.iter().any(|address| address.kind == AddressKind::Bsuid)))
}

async fn create(
    ctx: &Ctx,
    tx: &mut Tx,
    sighting: &Sighting,
    seen: Seen,
    events: &mut Vec<Event>,
) -> Result<Identified, Error> {
    let contact = Contact {
        id: ctx.new_id(),
        name: sighting.name.clone(),
        is_name_set_by_agent: false,
        created_at: ctx.now,
        updated_at: ctx.now,
    };
    contacts::insert(&ctx.scope, tx, &contact, seen.at).await?;
    let identity = ctx.new_id();
    contacts::insert_identity(&ctx.scope, tx, identity, contact.id, seen.channel.family(), ctx.now).await?;
    events.push(Event::ContactCreated { contact: contact.id });
    Ok(Identified { identity, contact: contact.id })
}

/// Links what the sighting shows to the identity: merges, takes over, keeps, retires.
async fn link(
    ctx: &Ctx,
    tx: &mut Tx,
    who: Identified,
    sighting: &Sighting,
    known: &[KnownAddress],
    seen: Seen,
    events: &mut Vec<Event>,
) -> Result<(), Error> {
    let family = seen.channel.family();
    let previous = previous(sighting);
    let mut merged = Vec::new();
    let mut again = Vec::new();
    let mut is_changed = false;
    for key in sighting.keys() {
        let is_previous = previous.contains(&key);
        let holder = by(known, key.0, Some(key.1.expose()));
        let mut is_moved = holder.is_none();
        if let Some(holder) = holder.filter(|holder| holder.identity != who.identity) {
            is_moved = true;
            if !merged.contains(&holder.identity) {
                if is_same_person(ctx, tx, key.0, is_previous, holder.identity).await? {
                    merge(ctx, tx, of(holder), who, events).await?;
                    merged.push(holder.identity);
                } else if holder.address.last_seen_at > seen.at {
                    // Somebody else had it since.
                    continue;
                }
            }
        }
        let is_current = holder.is_some_and(|holder| holder.address.is_current);
        if is_previous {
            contacts::put_alias(&ctx.scope, tx, who.identity, family, &key, seen.at, seen.receipt).await?;
            is_changed |= is_moved || is_current;
            continue;
        }
        let is_ours = holder.is_some_and(|it| it.identity == who.identity || merged.contains(&it.identity));
        // An older sighting does not make an old address current again.
        if is_ours && holder.is_some_and(|holder| holder.address.last_seen_at >= seen.at) {
            continue;
        }
        if !is_moved && is_current {
            again.push(key.1.clone());
            continue;
        }
        contacts::put_address(&ctx.scope, tx, who.identity, family, &key, seen.at, seen.receipt).await?;
        is_changed = true;
    }
    if !again.is_empty() {
        contacts::see_addresses(&ctx.scope, tx, who.identity, &again, seen.at).await?;
    }
    let is_new = events.contains(&Event::ContactCreated { contact: who.contact });
    if (is_changed || !merged.is_empty()) && !is_new {
        contacts::touch(&ctx.scope, tx, who.contact, ctx.now).await?;
        events.push(Event::ContactChanged { contact: who.contact });
    }
    Ok(())
}

/// The addresses that the sighting says are replaced.
fn previous(sighting: &Sighting) -> Vec<(AddressKind, Private)> {
    let phone = sighting.previous_phone.as_ref().map(|phone| Private::from(phone.as_str()));
    [(AddressKind::Bsuid, sighting.previous_bsuid.clone()), (AddressKind::Phone, phone)]
        .into_iter()
        .filter_map(|(kind, value)| value.map(|value| (kind, value)))
        .collect()
}

/// Whether an address that a sighting shows together with another identity's proves that both are one. A
/// replaced business-scoped id does. A phone does not where its holder has a business-scoped id, nor a username
/// where its holder is known by anything better: those change hands.
async fn is_same_person(
    ctx: &Ctx,
    tx: &mut Tx,
    kind: AddressKind,
    is_previous: bool,
    holder: IdentityId,
) -> Result<bool, Error> {
    let found = contacts::identity(&ctx.scope, tx, holder).await?;
    let has = |kind| found.iter().flat_map(|it| &it.addresses).any(|address| address.kind == kind);
    Ok(match kind {
        AddressKind::Bsuid => is_previous,
        AddressKind::Phone => !has(AddressKind::Bsuid),
        AddressKind::Username => !has(AddressKind::Bsuid) && !has(AddressKind::Phone),
    })
}

async fn see_name(
    ctx: &Ctx,
    tx: &mut Tx,
    who: Identified,
    name: &Private,
    known: &[KnownAddress],
    at: Timestamp,
    events: &mut Vec<Event>,
) -> Result<(), Error> {
    let Some(known) = known.iter().find(|known| known.contact == who.contact) else { return Ok(()) };
    let is_known = known.name.as_ref() == Some(name);
    if known.is_name_set_by_agent || (is_known && known.name_at >= Some(at)) {
        return Ok(());
    }
    // A name that is known is noted too: an older one that arrives later must not replace it.
    if contacts::see_name(&ctx.scope, tx, who.contact, name, at, ctx.now).await? && !is_known {
        let changed = Event::ContactChanged { contact: who.contact };
        if !events.contains(&changed) {
            events.push(changed);
        }
    }
    Ok(())
}

/// Everything of `from` becomes part of `into`. Where both have an open conversation in an inbox, the messages
/// move into that of `into`, and the other one is closed.
async fn merge(
    ctx: &Ctx,
    tx: &mut Tx,
    from: Identified,
    into: Identified,
    events: &mut Vec<Event>,
) -> Result<(), Error> {
    let scope = &ctx.scope;
    for mut theirs in conversations::of_identity(scope, tx, from.identity).await? {
        let ours = conversations::latest(scope, tx, theirs.inbox, into.identity).await?;
        let open = ours.filter(|ours| ours.resolved_at.is_none() && theirs.resolved_at.is_none());
        if let Some(mut ours) = open {
            messages::move_all(scope, tx, theirs.id, ours.id).await?;
            drafts::move_all(scope, tx, theirs.id, ours.id).await?;
            ours.unread += theirs.unread;
            ours.last_inbound_at = ours.last_inbound_at.max(theirs.last_inbound_at);
            if let Some(newest) = theirs.last_message {
                ours.note_newest(newest, theirs.last_message_at);
            }
            if ours.assignee.is_none()
                && let Some(owner) = theirs.assignee
            {
                events.extend(ours.assign(owner));
            }
            // What waited for an answer there waits here.
            if theirs.status == Status::Open {
                events.extend(ours.reopen());
            }
            events.extend(theirs.resolve(ctx.now));
            theirs.merged_into = Some(ours.id);
            conversations::save(scope, tx, &theirs).await?;
            conversations::save(scope, tx, &ours).await?;
            events.push(Event::ConversationMerged { conversation: theirs.id, into: ours.id });
        }
        conversations::move_to_identity(scope, tx, theirs.id, into.identity, into.contact).await?;
    }
    contacts::merge_identity(scope, tx, from.identity, into.identity).await?;
    contacts::take_name(scope, tx, into.contact, from.contact).await?;
    events.push(Event::IdentitiesMerged { into: into.identity, from: from.identity, contact: into.contact });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::conversations::claim::ClaimConversation;
    use crate::commands::drafts::save::SaveDraft;
    use crate::commands::receipts::apply::ApplyReceipts;
    use crate::testing::{Scene, inbound, text};
    use centrala_domain::draft::DraftMode;
    use centrala_domain::inbound::Item;

    fn from(id: &str, change: impl FnOnce(&mut Sighting), at: Timestamp) -> Item {
        let mut item = inbound(id, text("hi"), at);
        if let Item::Message(message) = &mut item {
            change(&mut message.from);
        }
        item
    }

    #[tokio::test]
    async fn two_identities_that_one_message_joins_become_one_with_everything_they_had() {
        let scene = Scene::new().await;
        let by_id = |sighting: &mut Sighting| {
            sighting.bsuid = Some(Private::from("RO.1"));
            sighting.phone = None;
        };
        let by_both = |sighting: &mut Sighting| sighting.bsuid = Some(Private::from("RO.1"));
        let gone = scene.customer_writes("wamid.phone").await;
        let claim = ClaimConversation { conversation: gone.id, by: scene.agent.id };
        scene.store.execute(scene.origin(), claim).await.unwrap();
        scene.receive([from("wamid.id", by_id, scene.now())]).await;
        let stays = scene.message_of("wamid.id").await.conversation;
        let begun = SaveDraft {
            conversation: gone.id,
            mode: DraftMode::Reply,
            text: Private::from("Bun"),
            reply_to: None,
            media: Vec::new(),
        };
        scene.store.execute(scene.origin(), begun).await.unwrap();
        let delivery = scene.delivery([from("wamid.both", by_both, scene.now())]).await;
        let join = ApplyReceipts { deliveries: vec![delivery], is_part: false };
        let (_, events) = scene.folds("conversation_merged", gone.id, join).await;
        let kinds: Vec<_> = events.iter().map(Event::kind).collect();
        assert_eq!(
            kinds,
            [
                "conversation_assigned",
                "conversation_resolved",
                "conversation_merged",
                "identities_merged",
                "contact_changed",
                "message_received"
            ]
        );
        let it = scene.conversation(stays).await;
        assert_eq!((it.unread, it.assignee), (3, Some(scene.agent.id)));
        for id in ["wamid.phone", "wamid.id", "wamid.both"] {
            assert_eq!(scene.message_of(id).await.conversation, stays);
        }
        let mut reader = scene.store.read().await.unwrap();
        let listed = contacts::list(&scene.scope(), &mut reader, &Default::default(), 10).await.unwrap();
        assert_eq!(listed.iter().map(|contact| contact.id).collect::<Vec<_>>(), [it.contact]);
        let begun = drafts::find(&scene.scope(), &mut reader, scene.agent.id, stays).await.unwrap();
        assert_eq!(begun.unwrap().text.expose(), "Bun");
    }

    #[tokio::test]
    async fn number_that_shows_up_with_another_id_has_changed_hands() {
        let scene = Scene::new().await;
        let named =
            |bsuid: &'static str| move |sighting: &mut Sighting| sighting.bsuid = Some(Private::from(bsuid));
        scene.receive([from("wamid.1", named("RO.1"), scene.now())]).await;
        let later = scene.now().plus(std::time::Duration::from_secs(60));
        scene.receive([from("wamid.2", named("RO.2"), later)]).await;
        // What the first owner wrote before, and arrives only now, does not give him the number back.
        scene.receive([from("wamid.3", named("RO.1"), scene.now())]).await;
        let (first, second) = (scene.message_of("wamid.1").await, scene.message_of("wamid.2").await);
        assert_ne!(first.conversation, second.conversation);
        assert_eq!(scene.message_of("wamid.3").await.conversation, first.conversation);
        let holder = scene.conversation(second.conversation).await.identity;
        let mut reader = scene.store.read().await.unwrap();
        let found = contacts::identity(&scene.scope(), &mut reader, holder).await.unwrap().unwrap();
        assert!(found.current(AddressKind::Phone).is_some());
    }
}
