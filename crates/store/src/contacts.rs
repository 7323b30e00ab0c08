//! Contacts, their identities and the addresses those are known by.

use centrala_domain::contact::{Address, AddressKind, Contact, Identity, fold};
use centrala_domain::conversation::Conversation;
use centrala_domain::permission::Scope;
use centrala_domain::{ContactId, IdentityId, InboxId, Private, ReceiptId, Timestamp};

use crate::error::Result;
use crate::filter::{self, Select};
use crate::waist::{Reader, Row, Value};
use crate::write::Tx;
use crate::{args, statements};

statements! {
    INSERT = "INSERT INTO contacts (id, workspace, name, name_at, is_name_set_by_agent, folded_name, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    // Names come with every receipt, in any order: the newest stays, and what an agent wrote stays above all.
    SEE_NAME = "UPDATE contacts SET name = $3, folded_name = $4, name_at = $5,
            updated_at = CASE WHEN name = $3 THEN updated_at ELSE $6 END
        WHERE workspace = $1 AND id = $2 AND NOT is_name_set_by_agent
            AND (name_at IS NULL OR name_at < $5 OR (name_at = $5 AND (name IS NULL OR name < $3)))";
    SEE_ADDRESSES = "UPDATE addresses SET last_seen_at = $2 WHERE workspace = $1 AND identity = $3 AND last_seen_at < $2
        AND value IN ($4, $5, $6)";
    SET_NAME = "UPDATE contacts SET name = $3, is_name_set_by_agent = $4, folded_name = $5, updated_at = $6
        WHERE workspace = $1 AND id = $2";
    // What an agent wrote stands above what the customer calls himself; then the newest.
    TAKE_NAME = "UPDATE contacts SET name = f.name, folded_name = f.folded_name, name_at = f.name_at,
            is_name_set_by_agent = f.is_name_set_by_agent
        FROM contacts f
        WHERE contacts.workspace = $1 AND contacts.id = $2 AND f.workspace = $1 AND f.id = $3 AND f.name IS NOT NULL
            AND NOT contacts.is_name_set_by_agent
            AND (f.is_name_set_by_agent OR contacts.name_at IS NULL OR contacts.name_at < f.name_at
                OR (contacts.name_at = f.name_at AND contacts.name < f.name))";
    TOUCH = "UPDATE contacts SET updated_at = $3 WHERE workspace = $1 AND id = $2";
    INSERT_IDENTITY = "INSERT INTO identities (id, workspace, contact, family, created_at) VALUES ($1, $2, $3, $4, $5)";
    // An absent address is asked for as an empty text, which no address is. The lists make SQLite look each pair
    // up in the key; from the alternatives alone it would read every address of the workspace.
    RESOLVE = "SELECT a.kind, a.value, a.identity, a.is_current, a.first_seen_at, a.last_seen_at, i.contact, c.name,
            c.name_at, c.is_name_set_by_agent, v.id AS open_id, v.status AS open_status, v.assignee AS open_assignee,
            v.snoozed_until AS open_snoozed_until, v.unread AS open_unread, v.last_message AS open_last_message,
            v.last_message_at AS open_last_message_at, v.last_inbound_at AS open_last_inbound_at,
            v.created_at AS open_created_at
        FROM addresses a JOIN identities i ON i.id = a.identity JOIN contacts c ON c.id = i.contact
            LEFT JOIN conversations v ON v.inbox = $8 AND v.identity = a.identity AND v.status <> 'resolved'
        WHERE a.workspace = $1 AND a.family = $2 AND a.kind IN ('bsuid', 'phone', 'username')
            AND a.value IN ($3, $4, $5, $6, $7)
            AND ((a.kind = 'bsuid' AND a.value IN ($3, $4)) OR (a.kind = 'phone' AND a.value IN ($5, $6))
                OR (a.kind = 'username' AND a.value = $7))";
    PUT_ADDRESS = "INSERT INTO addresses (workspace, family, kind, value, identity, is_current, first_seen_at,
            last_seen_at, receipt)
        VALUES ($1, $2, $3, $4, $5, TRUE, $6, $6, $7)
        ON CONFLICT (workspace, family, kind, value) DO UPDATE SET identity = excluded.identity, is_current = TRUE,
            last_seen_at = CASE WHEN excluded.last_seen_at > addresses.last_seen_at
                THEN excluded.last_seen_at ELSE addresses.last_seen_at END,
            first_seen_at = CASE WHEN excluded.first_seen_at < addresses.first_seen_at
                THEN excluded.first_seen_at ELSE addresses.first_seen_at END,
            receipt = excluded.receipt";
    PUT_ALIAS = "INSERT INTO addresses (workspace, family, kind, value, identity, is_current, first_seen_at,
            last_seen_at, receipt)
        VALUES ($1, $2, $3, $4, $5, FALSE, $6, $6, $7)
        ON CONFLICT (workspace, family, kind, value) DO UPDATE SET identity = excluded.identity,
            is_current = CASE WHEN excluded.last_seen_at < addresses.last_seen_at
                THEN addresses.is_current ELSE FALSE END,
            last_seen_at = CASE WHEN excluded.last_seen_at > addresses.last_seen_at
                THEN excluded.last_seen_at ELSE addresses.last_seen_at END";
    // Only the address that was seen last is the current one of its kind; the greater of two in one second.
    RETIRE = "UPDATE addresses SET is_current = FALSE WHERE workspace = $1 AND identity = $2 AND kind = $3
        AND value <> $4 AND is_current";
    NEWER = "SELECT CAST(1 AS BIGINT) AS newer FROM addresses WHERE workspace = $1 AND identity = $2 AND kind = $3 AND value <> $4
        AND is_current AND (last_seen_at > $5 OR (last_seen_at = $5 AND value > $4))";
    KEEP_NEWEST = "UPDATE addresses SET is_current = FALSE WHERE workspace = $1 AND identity = $2 AND is_current
        AND EXISTS (SELECT 1 FROM addresses n WHERE n.identity = addresses.identity AND n.kind = addresses.kind
            AND n.is_current AND (n.last_seen_at > addresses.last_seen_at
                OR (n.last_seen_at = addresses.last_seen_at AND n.value > addresses.value)))";
    SET_CURRENT = "UPDATE addresses SET is_current = $5 WHERE workspace = $1 AND identity = $2 AND kind = $3 AND value = $4";
    OF_IDENTITY = "SELECT i.id, i.contact, i.family, a.kind, a.value, a.is_current, a.first_seen_at, a.last_seen_at
        FROM identities i LEFT JOIN addresses a ON a.identity = i.id
        WHERE i.workspace = $1 AND i.id = $2 ORDER BY a.kind, a.last_seen_at DESC";
    OF_CONTACT = "SELECT i.id, i.contact, i.family, a.kind, a.value, a.is_current, a.first_seen_at, a.last_seen_at
        FROM identities i LEFT JOIN addresses a ON a.identity = i.id
        WHERE i.workspace = $1 AND i.contact = $2 AND i.merged_into IS NULL
        ORDER BY i.id, a.kind, a.last_seen_at DESC";
    MOVE_ADDRESSES = "UPDATE addresses SET identity = $3 WHERE workspace = $1 AND identity = $2";
    MARK_MERGED = "UPDATE identities SET merged_into = $3 WHERE workspace = $1 AND id = $2";
}

const INSERT_MANY: &str =
    "INSERT INTO contacts (id, workspace, name, name_at, is_name_set_by_agent, folded_name,
    created_at, updated_at)";
const INSERT_IDENTITIES: &str = "INSERT INTO identities (id, workspace, contact, family, created_at)";
/// Addresses asked for at once.
const ASKED_AT_ONCE: usize = 256;
const SEE_MANY: &str =
    "INSERT INTO addresses (workspace, family, kind, value, identity, is_current, first_seen_at,
    last_seen_at)";
const SEEN_AGAIN: &str = "ON CONFLICT (workspace, family, kind, value)
    DO UPDATE SET last_seen_at = excluded.last_seen_at
    WHERE addresses.identity = excluded.identity AND addresses.last_seen_at < excluded.last_seen_at";
const RESOLVE_MANY: &str = "SELECT a.kind, a.value, a.identity, a.is_current, a.first_seen_at, a.last_seen_at, i.contact, c.name,
            c.name_at, c.is_name_set_by_agent, v.id AS open_id, v.status AS open_status, v.assignee AS open_assignee,
            v.snoozed_until AS open_snoozed_until, v.unread AS open_unread, v.last_message AS open_last_message,
            v.last_message_at AS open_last_message_at, v.last_inbound_at AS open_last_inbound_at,
            v.created_at AS open_created_at
        FROM addresses a JOIN identities i ON i.id = a.identity JOIN contacts c ON c.id = i.contact";
const SELECT: &str =
    "SELECT c.id, c.name, c.is_name_set_by_agent, c.created_at, c.updated_at FROM contacts c";
const SELECT_IDENTITIES: &str =
    "SELECT i.id, i.contact, i.family, a.kind, a.value, a.is_current, a.first_seen_at, a.last_seen_at
    FROM identities i LEFT JOIN addresses a ON a.identity = i.id";
const IS_SOMEBODY: &str =
    "EXISTS (SELECT 1 FROM identities s WHERE s.contact = c.id AND s.merged_into IS NULL)";
const IS_VISIBLE: &str = "EXISTS (SELECT 1 FROM conversations v JOIN inbox_members m ON m.inbox = v.inbox
    WHERE v.contact = c.id AND m.agent = ?)";

/// Adds a contact, whose name was seen at `name_at`.
///
/// # Errors
/// See [`crate::Error`].
pub async fn insert(scope: &Scope, tx: &mut Tx, contact: &Contact, name_at: Timestamp) -> Result<()> {
    tx.run(INSERT, row(scope, contact, name_at)).await.map(drop)
}

/// Adds contacts, whose names were seen when they were made.
///
/// # Errors
/// See [`crate::Error`].
pub async fn insert_many(scope: &Scope, tx: &mut Tx, contacts: &[Contact]) -> Result<()> {
    let rows = contacts.iter().map(|contact| row(scope, contact, contact.created_at)).collect();
    filter::insert_many(tx, INSERT_MANY, rows).await
}

fn row(scope: &Scope, contact: &Contact, name_at: Timestamp) -> Vec<Value> {
    let folded = contact.name.as_ref().map(|name| fold(name.expose()));
    args![
        contact.id,
        scope.workspace,
        contact.name.clone(),
        contact.name.as_ref().map(|_| name_at),
        contact.is_name_set_by_agent,
        folded,
        contact.created_at,
        contact.updated_at
    ]
}

/// Changes a contact's name.
///
/// # Errors
/// See [`crate::Error`].
pub async fn set_name(
    scope: &Scope,
    tx: &mut Tx,
    id: ContactId,
    name: Option<&Private>,
    is_set_by_agent: bool,
    now: Timestamp,
) -> Result<()> {
    let folded = name.map(|name| fold(name.expose()));
    tx.run(SET_NAME, args![scope.workspace, id, name.cloned(), is_set_by_agent, folded, now]).await.map(drop)
}

/// Takes over the name that a customer gave himself at an instant. False when an agent wrote one, or a newer
/// one was seen.
///
/// # Errors
/// See [`crate::Error`].
pub async fn see_name(
    scope: &Scope,
    tx: &mut Tx,
    id: ContactId,
    name: &Private,
    seen_at: Timestamp,
    now: Timestamp,
) -> Result<bool> {
    let args = args![scope.workspace, id, name.clone(), fold(name.expose()), seen_at, now];
    Ok(tx.run(SEE_NAME, args).await? == 1)
}

/// Notes that known addresses of an identity were seen again. At most three.
///
/// # Errors
/// See [`crate::Error`].
pub async fn see_addresses(
    scope: &Scope,
    tx: &mut Tx,
    identity: IdentityId,
    values: &[Private],
    seen_at: Timestamp,
) -> Result<()> {
    let nth = |n: usize| values.get(n).map_or("", |value| value.expose().as_str());
    let args = args![scope.workspace, seen_at, identity, nth(0), nth(1), nth(2)];
    tx.run(SEE_ADDRESSES, args).await.map(drop)
}

/// Marks a contact as changed.
///
/// # Errors
/// See [`crate::Error`].
pub async fn touch(scope: &Scope, tx: &mut Tx, id: ContactId, now: Timestamp) -> Result<()> {
    tx.run(TOUCH, args![scope.workspace, id, now]).await.map(drop)
}

/// Adds an identity of a contact.
///
/// # Errors
/// See [`crate::Error`].
pub async fn insert_identity(
    scope: &Scope,
    tx: &mut Tx,
    id: IdentityId,
    contact: ContactId,
    family: &str,
    now: Timestamp,
) -> Result<()> {
    tx.run(INSERT_IDENTITY, args![id, scope.workspace, contact, family, now]).await.map(drop)
}

/// Adds identities, each of them as its contact's only one of a channel family.
///
/// # Errors
/// See [`crate::Error`].
pub async fn insert_identities(
    scope: &Scope,
    tx: &mut Tx,
    identities: impl IntoIterator<Item = (IdentityId, ContactId, Timestamp)>,
    family: &str,
) -> Result<()> {
    let rows = identities
        .into_iter()
        .map(|(id, contact, at)| args![id, scope.workspace, contact, family, at])
        .collect();
    filter::insert_many(tx, INSERT_IDENTITIES, rows).await
}

/// An address that is known, and whose it is.
#[derive(Debug, Clone)]
pub struct KnownAddress {
    /// The address.
    pub address: Address,
    /// The identity that it belongs to.
    pub identity: IdentityId,
    /// The contact of that identity.
    pub contact: ContactId,
    /// The contact's name.
    pub name: Option<Private>,
    /// When the customer was last seen with that name.
    pub name_at: Option<Timestamp>,
    /// Whether an agent wrote that name.
    pub is_name_set_by_agent: bool,
    /// The open conversation with that identity in the inbox asked for.
    pub open: Option<Conversation>,
}

/// Which of these addresses are known, and the open conversation in an inbox with whom they belong to.
///
/// # Errors
/// See [`crate::Error`].
pub async fn resolve(
    scope: &Scope,
    reader: &mut Reader,
    inbox: InboxId,
    family: &str,
    keys: &[(AddressKind, Private)],
) -> Result<Vec<KnownAddress>> {
    let nth = |kind: AddressKind, n: usize| {
        keys.iter()
            .filter(|(of, _)| *of == kind)
            .nth(n)
            .map_or(String::new(), |(_, value)| value.expose().clone())
    };
    let args = args![
        scope.workspace,
        family,
        nth(AddressKind::Bsuid, 0),
        nth(AddressKind::Bsuid, 1),
        nth(AddressKind::Phone, 0),
        nth(AddressKind::Phone, 1),
        nth(AddressKind::Username, 0),
        inbox
    ];
    reader.all(RESOLVE, args).await?.iter().map(|row| read_known(row, inbox)).collect()
}

/// The same for many addresses at once, kind by kind.
///
/// # Errors
/// See [`crate::Error`].
pub async fn resolve_many(
    scope: &Scope,
    reader: &mut Reader,
    inbox: InboxId,
    family: &str,
    keys: &[(AddressKind, Private)],
) -> Result<Vec<KnownAddress>> {
    let mut known = Vec::new();
    for kind in [AddressKind::Bsuid, AddressKind::Phone, AddressKind::Username] {
        let values: Vec<&Private> =
            keys.iter().filter(|(of, _)| *of == kind).map(|(_, value)| value).collect();
        for values in values.chunks(ASKED_AT_ONCE) {
            let select = Select::new(RESOLVE_MANY)
                .end("LEFT JOIN conversations v ON v.inbox = ? AND v.identity = a.identity AND v.status <> 'resolved'", args![inbox])
                .filter("a.workspace = ?", args![scope.workspace])
                .filter("a.family = ?", args![family])
                .filter("a.kind = ?", args![kind])
                .filter_in("a.value", values.iter().map(|value| (*value).clone()));
            for row in select.all(reader).await? {
                known.push(read_known(&row, inbox)?);
            }
        }
    }
    Ok(known)
}

/// A known address, seen again; or a new one, seen for the first time.
#[derive(Debug, Clone)]
pub struct SeenAgain {
    /// The channel's family.
    pub family: &'static str,
    /// Its kind.
    pub kind: AddressKind,
    /// The address.
    pub value: Private,
    /// Whose it is.
    pub identity: IdentityId,
    /// When it was seen.
    pub at: Timestamp,
}

/// Notes that addresses were seen, each of them once in the list. New ones become current.
///
/// # Errors
/// See [`crate::Error`].
pub async fn see_many(scope: &Scope, tx: &mut Tx, seen: impl IntoIterator<Item = SeenAgain>) -> Result<()> {
    let rows = seen
        .into_iter()
        .map(|it| args![scope.workspace, it.family, it.kind, it.value, it.identity, true, it.at, it.at])
        .collect();
    filter::upsert_many(tx, SEE_MANY, rows, SEEN_AGAIN).await
}

fn read_known(row: &Row, inbox: InboxId) -> Result<KnownAddress> {
    Ok(KnownAddress {
        address: read_address(row)?,
        identity: row.get("identity")?,
        contact: row.get("contact")?,
        name: row.get("name")?,
        name_at: row.get("name_at")?,
        is_name_set_by_agent: row.get("is_name_set_by_agent")?,
        open: read_open(row, inbox)?,
    })
}

fn read_open(row: &Row, inbox: InboxId) -> Result<Option<Conversation>> {
    let Some(id) = row.get("open_id")? else { return Ok(None) };
    Ok(Some(Conversation {
        id,
        inbox,
        contact: row.get("contact")?,
        identity: row.get("identity")?,
        status: row.get("open_status")?,
        assignee: row.get("open_assignee")?,
        snoozed_until: row.get("open_snoozed_until")?,
        unread: row.get("open_unread")?,
        last_message: row.get("open_last_message")?,
        last_message_at: row.get("open_last_message_at")?,
        last_inbound_at: row.get("open_last_inbound_at")?,
        created_at: row.get("open_created_at")?,
        resolved_at: None,
        merged_into: None,
    }))
}

/// Links an address to an identity, as seen at an instant. It becomes the current one of its kind, unless a
/// newer one was seen already: receipts arrive in any order.
///
/// # Errors
/// See [`crate::Error`].
pub async fn put_address(
    scope: &Scope,
    tx: &mut Tx,
    identity: IdentityId,
    family: &str,
    (kind, value): &(AddressKind, Private),
    seen_at: Timestamp,
    receipt: Option<ReceiptId>,
) -> Result<()> {
    let args = args![scope.workspace, family, *kind, value.clone(), identity, seen_at, receipt];
    tx.run(PUT_ADDRESS, args).await?;
    let newer = tx.opt(NEWER, args![scope.workspace, identity, *kind, value.clone(), seen_at]).await?;
    if newer.is_some() {
        tx.run(SET_CURRENT, args![scope.workspace, identity, *kind, value.clone(), false]).await?;
    } else {
        tx.run(RETIRE, args![scope.workspace, identity, *kind, value.clone()]).await?;
    }
    Ok(())
}

/// Links an address to an identity as an old one: at that instant another took its place.
///
/// # Errors
/// See [`crate::Error`].
pub async fn put_alias(
    scope: &Scope,
    tx: &mut Tx,
    identity: IdentityId,
    family: &str,
    (kind, value): &(AddressKind, Private),
    seen_at: Timestamp,
    receipt: Option<ReceiptId>,
) -> Result<()> {
    let args = args![scope.workspace, family, *kind, value.clone(), identity, seen_at, receipt];
    tx.run(PUT_ALIAS, args).await.map(drop)
}

/// Gives the name of one contact to another one (after a merge), unless that has a better one.
///
/// # Errors
/// See [`crate::Error`].
pub async fn take_name(scope: &Scope, tx: &mut Tx, into: ContactId, from: ContactId) -> Result<()> {
    tx.run(TAKE_NAME, args![scope.workspace, into, from]).await.map(drop)
}

/// Moves everything that `from` is known by to `into`, and marks it as merged. Of two current addresses of a
/// kind the one that was seen last stays current.
///
/// # Errors
/// See [`crate::Error`].
pub async fn merge_identity(scope: &Scope, tx: &mut Tx, from: IdentityId, into: IdentityId) -> Result<()> {
    tx.run(MOVE_ADDRESSES, args![scope.workspace, from, into]).await?;
    tx.run(KEEP_NEWEST, args![scope.workspace, into]).await?;
    tx.run(MARK_MERGED, args![scope.workspace, from, into]).await.map(drop)
}

/// One identity with its addresses.
///
/// # Errors
/// See [`crate::Error`].
pub async fn identity(scope: &Scope, reader: &mut Reader, id: IdentityId) -> Result<Option<Identity>> {
    let rows = reader.all(OF_IDENTITY, args![scope.workspace, id]).await?;
    Ok(read_identities(&rows)?.pop())
}

/// The identities of a contact with their addresses.
///
/// # Errors
/// See [`crate::Error`].
pub async fn identities(scope: &Scope, reader: &mut Reader, contact: ContactId) -> Result<Vec<Identity>> {
    let rows = reader.all(OF_CONTACT, args![scope.workspace, contact]).await?;
    read_identities(&rows)
}

/// Several identities at once with their addresses, in no order. Not filtered by visibility: the caller names
/// identities of conversations that the actor may see.
///
/// # Errors
/// See [`crate::Error`].
pub async fn identities_by_id(
    scope: &Scope,
    reader: &mut Reader,
    ids: &[IdentityId],
) -> Result<Vec<Identity>> {
    let select = Select::new(SELECT_IDENTITIES)
        .filter("i.workspace = ?", args![scope.workspace])
        .filter_in("i.id", ids.iter().copied())
        .end("ORDER BY i.id, a.kind, a.last_seen_at DESC", args![]);
    read_identities(&select.all(reader).await?)
}

/// The identities of several contacts with their addresses. Not filtered by visibility: the caller names
/// contacts that the actor may see.
///
/// # Errors
/// See [`crate::Error`].
pub async fn identities_of_contacts(
    scope: &Scope,
    reader: &mut Reader,
    contacts: &[ContactId],
) -> Result<Vec<Identity>> {
    let select = Select::new(SELECT_IDENTITIES)
        .filter("i.workspace = ?", args![scope.workspace])
        .filter("i.merged_into IS NULL", args![])
        .filter_in("i.contact", contacts.iter().copied())
        .end("ORDER BY i.id, a.kind, a.last_seen_at DESC", args![]);
    read_identities(&select.all(reader).await?)
}

/// A contact that the scope may see.
///
/// # Errors
/// See [`crate::Error`].
pub async fn find(scope: &Scope, reader: &mut Reader, id: ContactId) -> Result<Option<Contact>> {
    let select =
        Select::new(SELECT).visible(scope, "c.workspace = ?", IS_VISIBLE).filter("c.id = ?", args![id]);
    select.all(reader).await?.first().map(read).transpose()
}

/// Several contacts at once, in no order; those that the scope may not see are left out.
///
/// # Errors
/// See [`crate::Error`].
pub async fn find_many(scope: &Scope, reader: &mut Reader, ids: &[ContactId]) -> Result<Vec<Contact>> {
    let select = Select::new(SELECT)
        .visible(scope, "c.workspace = ?", IS_VISIBLE)
        .filter_in("c.id", ids.iter().copied());
    select.all(reader).await?.iter().map(read).collect()
}

/// Which contacts to list.
#[derive(Debug, Clone, Default)]
pub struct ContactFilter {
    /// Only those whose name contains this, without regard to case and diacritics, or one of whose addresses
    /// begins with it.
    pub text: Option<String>,
    /// Only those after this one (a cursor: instant of the last change, id).
    pub after: Option<(Timestamp, ContactId)>,
}

/// Contacts, the last changed first. Those whose every identity turned out to be somebody else's are left out.
///
/// # Errors
/// See [`crate::Error`].
pub async fn list(
    scope: &Scope,
    reader: &mut Reader,
    filter: &ContactFilter,
    limit: i64,
) -> Result<Vec<Contact>> {
    let mut select =
        Select::new(SELECT).visible(scope, "c.workspace = ?", IS_VISIBLE).filter(IS_SOMEBODY, args![]);
    if let Some(text) = &filter.text {
        let folded = fold(text).replace(['%', '_', '\\'], " ");
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let address = if digits.len() >= 4 { format!("%{digits}%") } else { format!("{}%", folded.trim()) };
        select = select.filter(
            "(c.folded_name LIKE ? OR EXISTS (SELECT 1 FROM identities i JOIN addresses a ON a.identity = i.id
                WHERE i.contact = c.id AND LOWER(a.value) LIKE ?))",
            args![format!("%{}%", folded.trim()), address],
        );
    }
    if let Some((at, id)) = filter.after {
        select = select.filter("(c.updated_at < ? OR (c.updated_at = ? AND c.id < ?))", args![at, at, id]);
    }
    let rows = select.end("ORDER BY c.updated_at DESC, c.id DESC LIMIT ?", args![limit]).all(reader).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Contact> {
    Ok(Contact {
        id: row.get("id")?,
        name: row.get("name")?,
        is_name_set_by_agent: row.get("is_name_set_by_agent")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

fn read_address(row: &Row) -> Result<Address> {
    Ok(Address {
        kind: row.get("kind")?,
        value: row.get("value")?,
        is_current: row.get("is_current")?,
        first_seen_at: row.get("first_seen_at")?,
        last_seen_at: row.get("last_seen_at")?,
    })
}

fn read_identities(rows: &[Row]) -> Result<Vec<Identity>> {
    let mut identities: Vec<Identity> = Vec::new();
    for row in rows {
        let id: IdentityId = row.get("id")?;
        if identities.last().is_none_or(|last| last.id != id) {
            let (contact, family) = (row.get("contact")?, row.get("family")?);
            identities.push(Identity { id, contact, family, addresses: Vec::new() });
        }
        if row.get::<Option<String>>("kind")?.is_some()
            && let Some(identity) = identities.last_mut()
        {
            identity.addresses.push(read_address(row)?);
        }
    }
    for identity in &mut identities {
        identity.addresses.sort_by_key(|address| !address.is_current);
    }
    Ok(identities)
}
