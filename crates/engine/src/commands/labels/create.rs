//! Makes a label.

use centrala_domain::event::Event;
use centrala_domain::label::{Label, parse_color, parse_name};
use centrala_store::{Command, Ctx, Done, Tx, labels};

use super::LabelError;

/// Makes a label.
#[derive(Debug)]
pub struct CreateLabel {
    /// Its name.
    pub name: String,
    /// Its colour, `#rrggbb`.
    pub color: String,
}

impl Command for CreateLabel {
    type Out = Label;
    type Error = LabelError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Label>, LabelError> {
        let label = Label {
            id: ctx.new_id(),
            name: parse_name(&self.name)?,
            color: parse_color(&self.color)?,
            created_at: ctx.now,
        };
        labels::insert(&ctx.scope, tx, &label).await?;
        let event = Event::LabelCreated { label: label.id };
        Ok(Done::new(label, [event]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrala_testkit::on_both_engines;

    #[tokio::test]
    async fn names_differ_by_more_than_case_and_diacritics() {
        on_both_engines(async |store| {
            let (shop, other) = (store.workspace().await, store.workspace().await);
            let create = |name: &str| CreateLabel { name: name.into(), color: "#00AA55".into() };
            let label = store.execute(shop.origin(), create(" Reclamație ")).await.unwrap();
            assert_eq!((label.name.as_str(), label.color.as_str()), ("Reclamație", "#00aa55"));
            assert_eq!(store.events(), [Event::LabelCreated { label: label.id }]);
            let refused = store.execute(shop.origin(), create("RECLAMATIE")).await;
            assert!(matches!(refused, Err(LabelError::NameTaken)));
            store.execute(other.origin(), create("RECLAMATIE")).await.unwrap();
            let refused = store.execute(shop.origin(), create(" ")).await;
            assert!(matches!(refused, Err(LabelError::Refused(_))));
        })
        .await;
    }
}
