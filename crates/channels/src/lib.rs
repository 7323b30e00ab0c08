//! How we speak with customers: one folder per channel kind, each behind [`Channel`].
//!
//! Here live reading webhooks, writing requests and naming the outcome of a call. Here is no state: no
//! database, no clock, no retries. The engine decides when to call and what an outcome means.

mod http;
mod whatsapp_cloud;

use std::sync::Arc;

use centrala_domain::ports::Channel;

pub use http::{ClientError, Timeouts};
pub use whatsapp_cloud::WhatsappCloud;

/// Every channel that this build speaks: one line for each.
///
/// # Errors
/// When the HTTP client cannot be built.
pub fn all(timeouts: Timeouts) -> Result<Vec<Arc<dyn Channel>>, ClientError> {
    Ok(vec![Arc::new(WhatsappCloud::new(timeouts)?)])
}
