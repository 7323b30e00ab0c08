//! Connected endpoints.

use std::time::Duration;

use centrala_domain::inbox::{ChannelConfig, Health, HealthProblem, Inbox};
use centrala_domain::permission::{Role, Scope};
use centrala_domain::ports::BoxFuture;
use centrala_domain::{ChannelKind, InboxId, Private, Timestamp};
use centrala_store::{Error, Result, Tx, Vault, inboxes};
use centrala_testkit::builders::{secrets, vault};
use centrala_testkit::clock::START;
use centrala_testkit::{TestStore, TestWorkspace, on_both_engines};

async fn find(store: &TestStore, shop: &TestWorkspace<'_>, id: InboxId) -> Option<Inbox> {
    inboxes::find(&shop.scope(), &mut store.read().await.unwrap(), id).await.unwrap()
}

#[tokio::test]
async fn inbox_comes_back_as_it_was_kept_and_changed() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let (mut one, two) = (shop.inbox().await, shop.inbox().await);
        assert_eq!(find(&store, &shop, one.id).await.as_ref(), Some(&one));
        assert_eq!(find(&store, &other, one.id).await, None);

        one.name = "Depozit".into();
        one.endpoint = "77".into();
        let ChannelConfig::WhatsappCloud(config) = &mut one.config;
        config.phone_number_id = "77".into();
        config.display_phone_number = None;
        let update = async |workspace: &TestWorkspace<'_>, it: &Inbox| {
            store
                .write(workspace.scope(), it.clone(), |it, ctx, tx| {
                    Box::pin(inboxes::update(&ctx.scope, tx, it))
                })
                .await
        };
        update(&other, &two).await.unwrap();
        update(&shop, &one).await.unwrap();
        let mut reader = store.read().await.unwrap();
        let scope = shop.scope();
        assert_eq!(inboxes::list(&scope, &mut reader).await.unwrap(), [one.clone(), two.clone()]);
        let by_endpoint =
            inboxes::find_by_endpoint(&scope, &mut reader, ChannelKind::WhatsappCloud, "77").await;
        assert_eq!(by_endpoint.unwrap().as_ref(), Some(&one));
        let foreign =
            inboxes::find_by_endpoint(&other.scope(), &mut reader, ChannelKind::WhatsappCloud, "77").await;
        assert_eq!(foreign.unwrap(), None);
        drop(reader);

        one.endpoint = two.endpoint;
        assert!(update(&shop, &one).await.unwrap_err().is_conflict_on("endpoint"));
    })
    .await;
}

#[tokio::test]
async fn secrets_open_with_their_key_and_for_their_inbox_only() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let (one, two) = (shop.inbox().await, shop.inbox().await);
        let scope = shop.scope();
        let mut reader = store.read().await.unwrap();
        let connection = inboxes::connection(&scope, &mut reader, one.id, &vault()).await.unwrap().unwrap();
        assert_eq!((&connection.inbox, &connection.secrets), (&one, &secrets()));
        let foreign = inboxes::connection(&other.scope(), &mut reader, one.id, &vault()).await;
        assert_eq!(foreign.unwrap(), None);
        let stranger = Vault::new(&[8; 32]);
        let wrong_key = inboxes::connection(&scope, &mut reader, one.id, &stranger).await;
        assert!(matches!(wrong_key, Err(Error::Corrupt(_))));
        drop(reader);

        // The secrets of one, moved to the other.
        let moved = inboxes::seal(&vault(), one.id, &secrets()).unwrap();
        store
            .write(scope, (two.id, moved), |(id, sealed), ctx, tx| {
                Box::pin(inboxes::set_secrets(&ctx.scope, tx, *id, sealed))
            })
            .await
            .unwrap();
        let mut reader = store.read().await.unwrap();
        let all = inboxes::all_connections(&mut reader, &vault()).await.unwrap();
        assert!(matches!(&all[0], (workspace, id, Ok(_)) if (*workspace, *id) == (shop.id(), one.id)));
        assert!(matches!(&all[1], (_, id, Err(Error::Corrupt(_))) if *id == two.id));
        drop(reader);

        let mut newer = secrets();
        newer.app_secrets.insert(0, Private::from("rotated"));
        let sealed = inboxes::seal(&vault(), one.id, &newer).unwrap();
        store
            .write(scope, (one.id, sealed), |(id, sealed), ctx, tx| {
                Box::pin(inboxes::set_secrets(&ctx.scope, tx, *id, sealed))
            })
            .await
            .unwrap();
        let mut reader = store.read().await.unwrap();
        let connection = inboxes::connection(&scope, &mut reader, one.id, &vault()).await.unwrap().unwrap();
        assert_eq!(connection.secrets, newer);
    })
    .await;
}

#[tokio::test]
async fn agent_sees_the_conversations_of_his_inboxes_and_an_admin_of_all() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let (one, two) = (shop.inbox().await, shop.inbox().await);
        let foreign = other.inbox().await;
        let (ana, ion) = (shop.agent(Role::Agent).await, shop.agent(Role::Agent).await);
        let (admin, stranger) = (shop.agent(Role::Admin).await, other.agent(Role::Agent).await);
        shop.join(&one, &[&ana]).await;
        shop.join(&two, &[&ana, &ion]).await;
        other.join(&foreign, &[&stranger]).await;

        let visible = async |scope: Scope| {
            inboxes::visible_ids(&scope, &mut store.read().await.unwrap()).await.unwrap()
        };
        assert_eq!(visible(shop.scope_of(&ana)).await, [one.id, two.id]);
        assert_eq!(visible(shop.scope_of(&ion)).await, [two.id]);
        assert_eq!(visible(shop.scope_of(&admin)).await, [one.id, two.id]);
        assert_eq!(visible(shop.scope_of(&stranger)).await, []);

        let mut reader = store.read().await.unwrap();
        let all = inboxes::all_members(&shop.scope(), &mut reader).await.unwrap();
        assert_eq!(
            all.into_iter().collect::<Vec<_>>(),
            [(one.id, vec![ana.id]), (two.id, vec![ana.id, ion.id])]
        );
        assert_eq!(inboxes::members(&other.scope(), &mut reader, two.id).await.unwrap(), []);
        drop(reader);

        let named = store
            .write(shop.scope(), (one.id, vec![stranger.id]), |(id, agents), ctx, tx| {
                Box::pin(inboxes::set_members(&ctx.scope, tx, *id, agents))
            })
            .await;
        assert_eq!(named.unwrap(), Err(stranger.id));
        shop.join(&two, &[]).await;
        assert_eq!(visible(shop.scope_of(&ion)).await, []);
    })
    .await;
}

/// Calls a function on the health of an inbox and gives the health after it.
async fn health<T, F>(store: &TestStore, shop: &TestWorkspace<'_>, id: InboxId, change: F) -> (T, Health)
where
    T: Send + 'static,
    F: for<'a> Fn(&'a Scope, &'a mut Tx, InboxId) -> BoxFuture<'a, Result<T>> + Send + Sync + 'static,
{
    let out =
        store.write(shop.scope(), change, move |change, ctx, tx| change(&ctx.scope, tx, id)).await.unwrap();
    (out, find(store, shop, id).await.unwrap().health)
}

#[tokio::test]
async fn evidence_of_health_only_moves_on() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let (id, foreign) = (shop.inbox().await.id, other.inbox().await.id);
        let later = START.plus(Duration::from_secs(1));
        let mut expected = Health::default();
        for at in [later, START] {
            let ((), seen) = health(&store, &shop, id, move |scope, tx, id| {
                Box::pin(async move {
                    inboxes::note_inbound(scope, tx, id, at).await?;
                    inboxes::note_accepted(scope, tx, id, Timestamp(at.0 + 1)).await?;
                    inboxes::note_authenticated(scope, tx, id, Timestamp(at.0 + 2)).await?;
                    inboxes::add_forged(scope, tx, id, 2).await
                })
            })
            .await;
            expected.last_inbound_at = Some(later);
            expected.last_accepted_at = Some(Timestamp(later.0 + 1));
            expected.last_authenticated_at = Some(Timestamp(later.0 + 2));
            expected.forged_webhooks += 2;
            assert_eq!(seen, expected);
        }
        assert_eq!(find(&store, &other, foreign).await.unwrap().health, Health::default());
    })
    .await;
}

#[tokio::test]
async fn credential_problem_stays_until_it_is_cleared_and_is_news_once() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let id = shop.inbox().await.id;
        let problem = |n: i64| HealthProblem { at: Timestamp(n), code: Some(n), detail: "refused".into() };
        let set = async |n: i64| {
            let problem = problem(n);
            health(&store, &shop, id, move |scope, tx, id| {
                let problem = problem.clone();
                Box::pin(async move { inboxes::set_credential_problem(scope, tx, id, &problem).await })
            })
            .await
        };
        let clear = async || {
            health(&store, &shop, id, |scope, tx, id| {
                Box::pin(inboxes::clear_credential_problem(scope, tx, id))
            })
            .await
        };
        let broken = Health { credential_problem: Some(problem(1)), ..Health::default() };
        assert_eq!(set(1).await, (true, broken.clone()));
        assert_eq!(set(2).await, (false, broken));
        assert_eq!(clear().await, (true, Health::default()));
        assert_eq!(clear().await, (false, Health::default()));
        let noted = problem(3);
        let ((), seen) = health(&store, &shop, id, move |scope, tx, id| {
            let noted = noted.clone();
            Box::pin(async move { inboxes::note_problem(scope, tx, id, &noted).await })
        })
        .await;
        assert_eq!(seen, Health { last_problem: Some(problem(3)), ..Health::default() });
    })
    .await;
}
