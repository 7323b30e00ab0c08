//! Changes a label's name or colour.

use centrala_domain::LabelId;
use centrala_domain::event::Event;
use centrala_domain::label::{Label, parse_color, parse_name};
use centrala_store::{Command, Ctx, Done, Tx, labels};

use super::LabelError;

/// Changes a label's name or colour; what is absent stays.
#[derive(Debug)]
pub struct ChangeLabel {
    /// Which.
    pub label: LabelId,
    /// New name.
    pub name: Option<String>,
    /// New colour, `#rrggbb`.
    pub color: Option<String>,
}

impl Command for ChangeLabel {
    type Out = Label;
    type Error = LabelError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Label>, LabelError> {
        let before = labels::find(&ctx.scope, tx, self.label).await?.ok_or(LabelError::NotFound)?;
        let mut label = before.clone();
        if let Some(name) = &self.name {
            label.name = parse_name(name)?;
        }
        if let Some(color) = &self.color {
            label.color = parse_color(color)?;
        }
        if label == before {
            return Ok(Done::unchanged(label));
        }
        labels::update(&ctx.scope, tx, &label).await?;
        Ok(Done::new(label, [Event::LabelChanged { label: self.label }]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrala_testkit::TestStore;

    #[tokio::test]
    async fn label_takes_a_new_spelling_of_its_name_but_not_the_name_of_another() {
        let store = TestStore::sqlite().await;
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let label = shop.label("retur").await;
        shop.label("Garanție").await;
        let rename = |name: &str| ChangeLabel { label: label.id, name: Some(name.into()), color: None };
        let changed = store.execute(shop.origin(), rename("Retur")).await.unwrap();
        assert_eq!((changed.name.as_str(), &changed.color), ("Retur", &label.color));
        store.execute(shop.origin(), rename("Retur")).await.unwrap();
        assert_eq!(store.events(), [Event::LabelChanged { label: label.id }]);
        let refused = store.execute(shop.origin(), rename("garantie")).await;
        assert!(matches!(refused, Err(LabelError::NameTaken)));
        let refused = store.execute(other.origin(), rename("x")).await;
        assert!(matches!(refused, Err(LabelError::NotFound)));
    }
}
