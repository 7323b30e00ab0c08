//! Customers who write by themselves: the people, what they say, and when.

mod lines;
pub(crate) mod people;
pub(crate) mod script;
