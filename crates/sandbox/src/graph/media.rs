//! Media of the business and of customers: upload, address, download, delete.

use std::sync::Arc;

use serde_json::json;

use super::Reply;
use super::access::authenticate;
use super::error::GraphError;
use crate::crypto::sha256_hex;
use crate::faults::{Moment, Subject};
use crate::http::{Answer, Call};
use crate::media::{Media, UPLOAD_DAYS, expiry_ms, limit_bytes};
use crate::world::{World, lock};

/// `POST /{phone_number_id}/media`, multipart.
pub(crate) fn upload(world: &Arc<World>, call: &Call, phone_number_id: &str) -> Result<Reply, GraphError> {
    strike(world, call)?;
    if call.text("messaging_product") != Some("whatsapp") {
        return Err(GraphError::parameter(
            "The parameter messaging_product is required and must be whatsapp.",
        ));
    }
    let file =
        call.upload.as_ref().ok_or_else(|| GraphError::parameter("The parameter file is required."))?;
    let named = call.text("type").filter(|kind| kind.contains('/'));
    let is_unsaid = file.mime_type.is_empty() || file.mime_type.starts_with("application/octet-stream");
    let mime_type = if is_unsaid { named.unwrap_or("application/octet-stream") } else { &file.mime_type };
    let limit = limit_bytes(mime_type).ok_or_else(|| {
        GraphError::new(131_053, format!("Param file must be a file with one of the supported types. Received file of type '{mime_type}'."))
    })?;
    if file.bytes.is_empty() || file.bytes.len() > limit {
        let details = format!(
            "The file has {} bytes; for {mime_type} between 1 and {limit} are allowed.",
            file.bytes.len()
        );
        return Err(GraphError::new(131_053, details));
    }
    let origin =
        world.origin(phone_number_id).ok_or_else(|| GraphError::no_such_node("post", phone_number_id))?;
    let id = world.ids.decimal_id();
    let media = Media {
        id: id.clone(),
        waba_id: origin.waba_id.clone(),
        mime_type: mime_type.to_owned(),
        sha256_hex: sha256_hex(&file.bytes),
        bytes: file.bytes.clone(),
        expires_ms: expiry_ms(world.clock.now_ms(), UPLOAD_DAYS),
    };
    lock(&world.media).put(media, world.clock.now_ms());
    Ok(json!({"id": id}).into())
}

/// `GET /{media_id}`: an address for five minutes.
pub(crate) fn address(world: &Arc<World>, call: &Call, id: &str) -> Result<Reply, GraphError> {
    if strike(world, call).is_err() {
        return Err(GraphError::new(131_052, "Unable to download the media."));
    }
    let now_ms = world.clock.now_ms();
    let shelf = lock(&world.media);
    let media = shelf.get(id, now_ms).ok_or_else(|| GraphError::no_such_node("get", id))?;
    let body = json!({
        "messaging_product": "whatsapp",
        "url": shelf.url(&world.public_url, id, now_ms),
        "mime_type": media.mime_type,
        "sha256": media.sha256_hex,
        "file_size": media.bytes.len(),
        "id": id,
    });
    Ok(body.into())
}

/// The file behind an address, for the token's owner.
pub(crate) fn download(world: &Arc<World>, call: &Call) -> Result<Reply, GraphError> {
    let access = authenticate(world, call)?;
    let gone = || {
        GraphError::graph(100, Some(33), "The media's address is not valid any more.".to_owned())
            .with_http(404)
    };
    if strike(world, call).is_err() {
        return Err(gone());
    }
    let part = |name: &str| call.text(name).unwrap_or_default();
    let now_ms = world.clock.now_ms();
    let shelf = lock(&world.media);
    let media = shelf.open(part("mid"), part("ext"), part("hash"), now_ms).ok_or_else(gone)?;
    if access.waba_id.as_ref() != Some(&media.waba_id) {
        return Err(gone());
    }
    Ok(Answer::raw(200, &media.mime_type, media.bytes.clone()).into())
}

/// `DELETE /{media_id}`.
pub(crate) fn delete(world: &Arc<World>, id: &str) -> Result<Reply, GraphError> {
    if lock(&world.media).remove(id) {
        Ok(json!({"success": true}).into())
    } else {
        Err(GraphError::no_such_node("delete", id))
    }
}

fn strike(world: &World, call: &Call) -> Result<(), GraphError> {
    let subject = Subject { path: &call.path, ..Subject::default() };
    if world.strike(Moment::Media, &subject).is_empty() {
        Ok(())
    } else {
        Err(GraphError::new(131_053, "Unable to upload the media."))
    }
}
