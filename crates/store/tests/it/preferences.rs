//! How agents like their screens.

use centrala_domain::preferences::{Keyboard, Preferences, SendKey};
use centrala_store::preferences;
use centrala_testkit::on_both_engines;

#[tokio::test]
async fn preferences_come_back_as_they_were_kept_and_only_to_their_agent() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let (ana, ion) = (shop.owner().await.id, shop.owner().await.id);
        let mut kept = Preferences::default();
        for send in [SendKey::ModEnter, SendKey::Enter] {
            kept.keyboard = Keyboard { send, single_letters: false, ..Keyboard::default() };
            for scope in [other.scope(), shop.scope()] {
                let put = store.write(scope, kept.clone(), move |it, ctx, tx| {
                    Box::pin(preferences::put(&ctx.scope, tx, ana, it))
                });
                put.await.unwrap();
            }
            let mut reader = store.read().await.unwrap();
            assert_eq!(preferences::find(&shop.scope(), &mut reader, ana).await.unwrap(), kept);
            let nobodys = [(shop.scope(), ion), (other.scope(), ana)];
            for (scope, agent) in nobodys {
                let found = preferences::find(&scope, &mut reader, agent).await.unwrap();
                assert_eq!(found, Preferences::default());
            }
        }
    })
    .await;
}
