//! Contacts: who is listed, which address is current in any order of sightings, whose name stays.

use centrala_domain::contact::AddressKind;
use centrala_domain::permission::Role;
use centrala_domain::{IdentityId, Private, Timestamp};
use centrala_store::contacts::{self, ContactFilter};
use centrala_testkit::{TestStore, TestWorkspace, on_both_engines};

async fn see(store: &TestStore, shop: &TestWorkspace<'_>, of: IdentityId, value: &'static str, at: i64) {
    let see = store.write(shop.scope(), (), move |(), ctx, tx| {
        Box::pin(async move {
            let key = (AddressKind::Username, Private::from(value));
            contacts::put_address(&ctx.scope, tx, of, "whatsapp", &key, Timestamp(at), None).await
        })
    });
    see.await.unwrap();
}

#[tokio::test]
async fn address_that_was_seen_last_is_current_in_any_order() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let inbox = shop.inbox().await;
        let seen = [("@b", 1), ("@a", 3), ("@c", 3), ("@d", 2)];
        for turn in 0..seen.len() {
            let shop = store.workspace().await;
            let of = shop.conversation(&shop.inbox().await).await.identity;
            for n in 0..seen.len() {
                let (value, at) = seen[(n + turn) % seen.len()];
                see(&store, &shop, of, value, at).await;
            }
            let mut reader = store.read().await.unwrap();
            let identity = contacts::identity(&shop.scope(), &mut reader, of).await.unwrap().unwrap();
            let current: Vec<_> =
                identity.addresses.iter().filter(|it| it.is_current).map(|it| it.value.clone()).collect();
            assert_eq!(current, [Private::from("@c")], "from {turn}");
            assert_eq!(identity.addresses.len(), 4);
        }
        assert_eq!(shop.conversation(&inbox).await.inbox, inbox.id);
    })
    .await;
}

#[tokio::test]
async fn merged_identity_hands_over_addresses_and_name_and_its_contact_is_not_listed() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let inbox = shop.inbox().await;
        let (from, into) = (shop.conversation(&inbox).await, shop.conversation(&inbox).await);
        see(&store, &shop, from.identity, "@new", 9).await;
        see(&store, &shop, into.identity, "@old", 1).await;
        let name = async |contact, name: &'static str, is_set_by_agent| {
            let set = store.write(shop.scope(), (), move |(), ctx, tx| {
                Box::pin(async move {
                    let name = Private::from(name);
                    contacts::set_name(&ctx.scope, tx, contact, Some(&name), is_set_by_agent, ctx.now).await
                })
            });
            set.await.unwrap();
        };
        name(from.contact, "Ana", true).await;
        let (gone, stays) = ((from.identity, from.contact), (into.identity, into.contact));
        let merge = store.write(shop.scope(), (), move |(), ctx, tx| {
            Box::pin(async move {
                contacts::merge_identity(&ctx.scope, tx, gone.0, stays.0).await?;
                contacts::take_name(&ctx.scope, tx, stays.1, gone.1).await
            })
        });
        merge.await.unwrap();
        let mut reader = store.read().await.unwrap();
        let scope = shop.scope();
        let identity = contacts::identity(&scope, &mut reader, stays.0).await.unwrap().unwrap();
        let current = identity.current(AddressKind::Username).map(|it| it.value.clone());
        assert_eq!(current, Some(Private::from("@new")));
        assert_eq!(identity.addresses.iter().filter(|it| it.is_current).count(), 1);
        let listed = contacts::list(&scope, &mut reader, &ContactFilter::default(), 10).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!((listed[0].id, listed[0].name.clone()), (stays.1, Some(Private::from("Ana"))));
        assert!(listed[0].is_name_set_by_agent);
    })
    .await;
}

#[tokio::test]
async fn contact_is_found_by_name_or_address_by_those_who_work_with_him() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let (inbox, closed) = (shop.inbox().await, shop.inbox().await);
        let agent = shop.agent(Role::Agent).await;
        shop.join(&inbox, &[&agent]).await;
        let (it, hidden) = (shop.conversation(&inbox).await, shop.conversation(&closed).await);
        see(&store, &shop, it.identity, "@Stefan_1", 1).await;
        for (contact, name) in [(it.contact, "Ștefan"), (hidden.contact, "Stefania")] {
            let see = store.write(shop.scope(), (), move |(), ctx, tx| {
                Box::pin(async move {
                    let later = ctx.now.plus(std::time::Duration::from_secs(1));
                    contacts::see_name(&ctx.scope, tx, contact, &Private::from(name), later, ctx.now).await
                })
            });
            assert!(see.await.unwrap());
        }
        let mut reader = store.read().await.unwrap();
        let mut count = async |scope, text: &str| {
            let filter = ContactFilter { text: Some(text.into()), after: None };
            contacts::list(&scope, &mut reader, &filter, 10).await.unwrap().len()
        };
        assert_eq!(count(shop.scope(), "STEFAN").await, 2);
        assert_eq!(count(shop.scope_of(&agent), "STEFAN").await, 1);
        assert_eq!(count(shop.scope(), "@stefan_").await, 1, "by the beginning of his username");
        assert_eq!(count(shop.scope(), "%").await, count(shop.scope(), " ").await);
        let scope = shop.scope_of(&agent);
        assert_eq!(contacts::find(&scope, &mut reader, hidden.contact).await.unwrap(), None);
    })
    .await;
}
