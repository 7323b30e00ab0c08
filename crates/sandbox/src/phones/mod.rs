//! Customers and their phones: who they are, what they see, which message is in which state.
//!
//! Nothing here talks HTTP. `life` moves messages on, `writing` is a customer who sends, `view` is what a phone shows.

mod customer;
pub(crate) mod life;
mod message;
pub(crate) mod pricing;
pub(crate) mod view;
pub(crate) mod writing;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

pub use customer::CustomerInfo;
pub(crate) use customer::{Chat, Customer, NewCustomer};
pub(crate) use message::{Failure, Message, Origin, Status};

use crate::faults::plain;
use crate::magic::Magic;
use crate::random::Stream;

/// Messages kept with their bodies. Older ones are forgotten; the ledger remembers longer.
const MESSAGE_CAPACITY: usize = 300_000;
const CUSTOMER_CAPACITY: usize = 200_000;

/// All customers and all messages.
#[derive(Default)]
pub(crate) struct Phones {
    customers: Vec<Customer>,
    by_id: HashMap<String, usize>,
    /// Phone digits and user ids, old and new.
    by_address: HashMap<String, usize>,
    messages: HashMap<Arc<str>, Message>,
    order: VecDeque<Arc<str>>,
    /// Counts changes, so that a screen can ask for what is new to it.
    version: u64,
    /// Service messages per number in the month named.
    pub(crate) service_counts: HashMap<String, ((i16, i8), u32)>,
}

impl Phones {
    /// Adds a customer. Refused if the id or the phone is taken.
    pub(crate) fn add(&mut self, ids: &Stream, new: NewCustomer) -> Result<usize, String> {
        if self.customers.len() >= CUSTOMER_CAPACITY {
            return Err(format!("the town holds at most {CUSTOMER_CAPACITY} customers"));
        }
        let digits = match &new.phone {
            Some(phone) => valid_digits(phone)?,
            None => self.free_number(ids),
        };
        let id = new.id.clone().unwrap_or_else(|| format!("customer-{}", self.customers.len() + 1));
        if self.by_id.contains_key(&id) || self.by_address.contains_key(&digits) {
            return Err(format!("there is already a customer with the id {id} or that phone"));
        }
        let customer = Customer::new(id, digits, ids, new);
        let index = self.customers.len();
        self.by_id.insert(customer.id.clone(), index);
        self.by_address.insert(customer.digits.clone(), index);
        self.by_address.insert(customer.user_id.clone(), index);
        self.customers.push(customer);
        self.touch(index);
        Ok(index)
    }

    fn free_number(&self, ids: &Stream) -> String {
        loop {
            let digits = format!("4079{}", ids.text(b"123456789", 7));
            if !self.by_address.contains_key(&digits) && crate::magic::of(&digits).is_none() {
                return digits;
            }
        }
    }

    pub(crate) fn index_of(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// A customer by phone digits or user id.
    pub(crate) fn at_address(&self, address: &str) -> Option<usize> {
        self.by_address.get(address).copied()
    }

    pub(crate) fn customers(&self) -> &[Customer] {
        &self.customers
    }

    pub(crate) fn customer(&self, index: usize) -> &Customer {
        &self.customers[index]
    }

    pub(crate) fn customer_mut(&mut self, index: usize) -> &mut Customer {
        self.touch(index);
        &mut self.customers[index]
    }

    /// Grows with every change.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    fn touch(&mut self, index: usize) {
        self.version += 1;
        self.customers[index].changed = self.version;
    }

    /// Gives a customer another phone number, and with it another user id. The old ones no longer lead to them.
    pub(crate) fn move_number(&mut self, ids: &Stream, index: usize, phone: &str) -> Result<Moved, String> {
        let digits = valid_digits(phone)?;
        if self.by_address.contains_key(&digits) {
            return Err("that phone belongs to a customer already".to_owned());
        }
        let customer = self.customer_mut(index);
        let user_id = ids.user_id(customer.user_id.get(..2).unwrap_or("RO"));
        let moved = Moved {
            old_digits: std::mem::replace(&mut customer.digits, digits.clone()),
            old_user_id: std::mem::replace(&mut customer.user_id, user_id.clone()),
        };
        self.by_address.remove(&moved.old_digits);
        self.by_address.remove(&moved.old_user_id);
        self.by_address.insert(digits, index);
        self.by_address.insert(user_id, index);
        Ok(moved)
    }

    /// A customer made on the spot for a magic number.
    pub(crate) fn add_magic(&mut self, ids: &Stream, digits: &str, magic: Magic) -> Option<usize> {
        let new = NewCustomer {
            id: Some(format!("magic-{digits}")),
            name: Some("Magic".to_owned()),
            phone: Some(digits.to_owned()),
            username: (magic == Magic::UsernameOnly).then(|| format!("magic.{digits}")),
            phone_visible: Some(magic != Magic::UsernameOnly),
            online: Some(magic != Magic::Offline),
            ..NewCustomer::default()
        };
        self.add(ids, new).ok()
    }

    pub(crate) fn message(&self, wamid: &str) -> Option<&Message> {
        self.messages.get(wamid)
    }

    pub(crate) fn message_mut(&mut self, wamid: &str) -> Option<&mut Message> {
        if let Some(index) = self.messages.get(wamid).and_then(|message| message.customer) {
            self.touch(index);
        }
        self.messages.get_mut(wamid)
    }

    /// Remembers a message, and forgets the oldest if there are too many.
    pub(crate) fn remember(&mut self, message: Message) {
        self.order.push_back(message.wamid.clone());
        self.messages.insert(message.wamid.clone(), message);
        if self.order.len() > MESSAGE_CAPACITY
            && let Some(oldest) = self.order.pop_front()
        {
            self.messages.remove(&oldest);
        }
    }
}

/// What a customer was called before they changed their number.
pub(crate) struct Moved {
    pub(crate) old_digits: String,
    pub(crate) old_user_id: String,
}

fn valid_digits(phone: &str) -> Result<String, String> {
    let digits = plain(phone);
    let is_valid = (5..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if is_valid { Ok(digits) } else { Err("phone must be 5 to 15 digits with an optional plus".to_owned()) }
}
