//! Customers: recognising them, naming them.

pub mod identify;
pub mod rename;
