//! Colour tags.

pub mod change;
pub mod create;
pub mod delete;
pub mod list;

use centrala_domain::label::{self, Label};
use centrala_domain::permission::Permission::{ManageLabels, ReadWorkspace};
use centrala_domain::{LabelId, Timestamp};
use centrala_engine::commands::labels::LabelError;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::table::Route;
use crate::problem::{Problem, Slug};

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::needs(ReadWorkspace, routes!(list::list_labels)),
        Route::needs(ManageLabels, routes!(create::create_label)),
        Route::needs(ManageLabels, routes!(change::change_label)),
        Route::needs(ManageLabels, routes!(delete::delete_label)),
    ]
}

/// A label.
#[derive(Debug, Serialize, ToSchema)]
pub struct LabelOut {
    /// Id.
    #[schema(value_type = String, example = "lbl_0000000000000000000000000e")]
    pub id: LabelId,
    /// Unique in the workspace without regard to case and diacritics.
    #[schema(example = "urgent")]
    pub name: String,
    /// `#rrggbb`.
    #[schema(example = "#d92d20")]
    pub color: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    pub created_at: Timestamp,
}

impl From<Label> for LabelOut {
    fn from(label: Label) -> Self {
        let Label { id, name, color, created_at } = label;
        Self { id, name, color, created_at }
    }
}

impl From<LabelError> for Problem {
    fn from(error: LabelError) -> Self {
        match error {
            LabelError::NotFound | LabelError::NoConversation => Self::not_found(),
            LabelError::NameTaken => Slug::LabelNameTaken.into(),
            LabelError::Refused(label::LabelError::Name) => Self::length("/name", 1, 40, error),
            LabelError::Refused(label::LabelError::Color) => Self::wrong("/color", "color", error),
            LabelError::Store(error) => error.into(),
        }
    }
}
