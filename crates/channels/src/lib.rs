//! How we speak with customers: one folder per channel kind.
