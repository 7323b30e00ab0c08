//! Sockets over real connections.

use std::time::{Duration, Instant};

use centrala_domain::event::Recorded;
use centrala_domain::ports::Clock as _;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::About;
use super::socket::Pace;
use crate::testing::{Client, TestApp};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn connect(app: &TestApp, who: &Client, query: &str) -> Result<Socket, u16> {
    let address = app.serve().await;
    let mut request = format!("ws://{address}/api/v1/live{query}").into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("origin", HeaderValue::from_str(&format!("http://{address}")).unwrap());
    if let Some((name, value)) = &who.credential {
        headers.insert(name.clone(), HeaderValue::from_str(value).unwrap());
    }
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(other) => panic!("{other}"),
    }
}

async fn frame(socket: &mut Socket) -> Value {
    loop {
        let message =
            tokio::time::timeout(Duration::from_secs(5), socket.next()).await.expect("a frame in time");
        match message.expect("the socket is open").unwrap() {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Close(close) => return json!({"closed": close.map(|close| u16::from(close.code))}),
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
    }
}

/// The kinds of the next facts, `count` of them, over as many frames as it takes.
async fn kinds(socket: &mut Socket, count: usize) -> Vec<String> {
    let mut kinds = Vec::new();
    while kinds.len() < count {
        let frame = frame(socket).await;
        let items = frame["items"].as_array().unwrap_or_else(|| panic!("{frame}"));
        kinds.extend(items.iter().map(|item| item["event"]["kind"].as_str().unwrap().to_owned()));
    }
    kinds
}

async fn label(app: &TestApp, name: &str) {
    app.shop.admin.post("/api/v1/labels", json!({"name": name, "color": "#000000"})).await.created();
}

async fn note(app: &TestApp) {
    let path = format!("/api/v1/conversations/{}/notes", app.shop.conversation);
    app.shop.admin.post(&path, json!({"body": "secret text"})).await.created();
}

#[tokio::test]
async fn facts_arrive_as_they_are_committed_and_hold_no_texts() {
    let app = TestApp::start().await;
    let mut socket = connect(&app, &app.shop.agent, "").await.unwrap();
    assert_eq!(frame(&mut socket).await, json!({"type": "events", "items": [], "seq": 0}));
    note(&app).await;
    let news = frame(&mut socket).await;
    assert_eq!(news["items"][0]["event"]["kind"], "note_added");
    assert_eq!(news["seq"], 1);
    assert!(!news.to_string().contains("secret text"));
}

#[tokio::test]
async fn outsider_hears_of_the_workspace_but_not_of_conversations_he_cannot_fetch() {
    let app = TestApp::start().await;
    let mut socket = connect(&app, &app.shop.outsider, "").await.unwrap();
    frame(&mut socket).await;
    note(&app).await;
    label(&app, "una").await;
    assert_eq!(kinds(&mut socket, 1).await, ["label_created"]);
    let members = format!("/api/v1/inboxes/{}/members", app.shop.inbox);
    app.shop.admin.put(&members, json!({"agents": [app.shop.outsider.id]})).await.ok();
    note(&app).await;
    assert_eq!(kinds(&mut socket, 2).await, ["inbox_members_changed", "note_added"]);
    app.shop.admin.put(&members, json!({"agents": []})).await.ok();
    note(&app).await;
    label(&app, "alta").await;
    assert_eq!(kinds(&mut socket, 2).await, ["inbox_members_changed", "label_created"]);
}

#[tokio::test]
async fn nothing_of_another_workspace_arrives() {
    let app = TestApp::start().await;
    let mut socket = connect(&app, &app.other.owner, "").await.unwrap();
    frame(&mut socket).await;
    label(&app, "una").await;
    app.other.admin.post("/api/v1/labels", json!({"name": "a lor", "color": "#000000"})).await.created();
    assert_eq!(kinds(&mut socket, 1).await, ["label_created"]);
    let missed = app.other.owner.get("/api/v1/events?after=0").await.ok();
    assert_eq!(missed["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_missed_is_replayed_and_too_much_means_a_fresh_start() {
    let app = TestApp::start().await;
    for n in 0..5 {
        label(&app, &format!("eticheta {n}")).await;
    }
    let mut socket = connect(&app, &app.shop.agent, "?after=2").await.unwrap();
    let replay = frame(&mut socket).await;
    assert_eq!((replay["items"].as_array().unwrap().len(), replay["seq"].clone()), (3, json!(5)));
    let mut socket = connect(&app, &app.shop.agent, "?after=99").await.unwrap();
    assert_eq!(frame(&mut socket).await, json!({"type": "resync", "seq": 5}));
    label(&app, "după").await;
    assert_eq!(kinds(&mut socket, 1).await, ["label_created"]);
    let mut socket = connect(&app, &app.shop.agent, "?after=-2000").await.unwrap();
    assert_eq!(frame(&mut socket).await, json!({"type": "resync", "seq": 6}));
}

#[tokio::test]
async fn end_of_the_session_closes_the_socket_at_once() {
    let app = TestApp::start().await;
    let mut socket = connect(&app, &app.shop.agent, "").await.unwrap();
    frame(&mut socket).await;
    let began = Instant::now();
    app.shop.admin.post_empty(&format!("/api/v1/agents/{}/disable", app.shop.agent.id)).await.ok();
    assert_eq!(frame(&mut socket).await, json!({"closed": 4401}));
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn ticket_opens_one_socket() {
    let app = TestApp::start().await;
    let made = app.shop.agent.post_empty("/api/v1/live/tickets").await.ok();
    let query = format!("?ticket={}", made["ticket"].as_str().unwrap());
    let nobody = app.nobody();
    connect(&app, &nobody, &query).await.unwrap();
    assert_eq!(connect(&app, &nobody, &query).await.err(), Some(401));
    assert_eq!(connect(&app, &nobody, "").await.err(), Some(401));
    let late = app.shop.agent.post_empty("/api/v1/live/tickets").await.ok();
    app.clock.advance(Duration::from_secs(31));
    let query = format!("?ticket={}", late["ticket"].as_str().unwrap());
    assert_eq!(connect(&app, &nobody, &query).await.err(), Some(401));
}

#[tokio::test]
async fn page_of_another_site_gets_no_socket() {
    let app = TestApp::start().await;
    let address = app.serve().await;
    for origin in [Some("https://evil.test"), None] {
        let mut request = format!("ws://{address}/api/v1/live").into_client_request().unwrap();
        let (name, value) = app.shop.agent.credential.clone().unwrap();
        request.headers_mut().insert(name, HeaderValue::from_str(&value).unwrap());
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", HeaderValue::from_static(origin));
        }
        let refused = connect_async(request).await.err().unwrap();
        assert!(refused.to_string().contains("403"), "{refused}");
    }
}

#[tokio::test]
async fn stop_of_the_server_closes_the_socket() {
    let app = TestApp::start().await;
    let mut socket = connect(&app, &app.shop.agent, "").await.unwrap();
    frame(&mut socket).await;
    socket.send(Message::Text("anything".into())).await.unwrap();
    app.app.shutdown.cancel();
    assert_eq!(frame(&mut socket).await, json!({"closed": 1001}));
}

#[tokio::test]
async fn socket_that_falls_behind_is_told_to_load_anew() {
    let app = TestApp::start().await;
    let mut socket = connect(&app, &app.shop.agent, "").await.unwrap();
    frame(&mut socket).await;
    // More commits at one moment than the hub keeps for a subscriber that does not come to read.
    let facts: Vec<Recorded> = vec![fact()];
    for _ in 0..3000 {
        app.app.engine.live.publish(app.shop.id, &facts);
    }
    assert_eq!(frame(&mut socket).await["type"], "resync");
    assert_eq!(frame(&mut socket).await, json!({"closed": 4408}));
}

/// Waits until everybody in the room has said what he sees, and so many are there.
async fn settled(app: &TestApp, count: usize) {
    for _ in 0..500 {
        if app.app.rooms.settled(app.shop.id) == Some(count) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the room does not settle");
}

/// Waits until the n-th in the room was woken so often; gives how often each one was.
async fn woken(app: &TestApp, n: usize, times: usize) -> Vec<usize> {
    for _ in 0..500 {
        let hints = app.app.rooms.hints(app.shop.id);
        if hints[n] >= times {
            return hints;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no hint came");
}

#[tokio::test]
async fn socket_is_not_woken_by_facts_that_it_may_not_know() {
    let app = TestApp::start().await;
    let mut member = connect(&app, &app.shop.agent, "").await.unwrap();
    frame(&mut member).await;
    settled(&app, 1).await;
    let mut outsider = connect(&app, &app.shop.outsider, "").await.unwrap();
    frame(&mut outsider).await;
    // The first commit of a room wakes everybody: nobody knows what came before it.
    label(&app, "una").await;
    assert_eq!(kinds(&mut member, 1).await, ["label_created"]);
    assert_eq!(kinds(&mut outsider, 1).await, ["label_created"]);
    settled(&app, 2).await;
    let before = app.app.rooms.hints(app.shop.id);
    note(&app).await;
    assert_eq!(kinds(&mut member, 1).await, ["note_added"]);
    let after = woken(&app, 0, before[0] + 1).await;
    assert_eq!(after[1], before[1]);
}

#[tokio::test]
async fn new_member_of_an_inbox_is_woken_by_its_next_fact() {
    let app = TestApp::start().await;
    let mut outsider = connect(&app, &app.shop.outsider, "").await.unwrap();
    frame(&mut outsider).await;
    settled(&app, 1).await;
    let members = format!("/api/v1/inboxes/{}/members", app.shop.inbox);
    for _ in 0..3 {
        let before = app.app.rooms.hints(app.shop.id)[0];
        app.shop.admin.put(&members, json!({"agents": [app.shop.outsider.id]})).await.ok();
        note(&app).await;
        assert_eq!(kinds(&mut outsider, 2).await, ["inbox_members_changed", "note_added"]);
        woken(&app, 0, before + 2).await;
        app.shop.admin.put(&members, json!({"agents": []})).await.ok();
        assert_eq!(kinds(&mut outsider, 1).await, ["inbox_members_changed"]);
        woken(&app, 0, before + 3).await;
        settled(&app, 1).await;
    }
}

#[tokio::test]
async fn lost_hint_is_made_good_when_the_socket_looks_by_itself() {
    let app = TestApp::start().await;
    let mut socket = connect(&app, &app.shop.agent, "").await.unwrap();
    frame(&mut socket).await;
    settled(&app, 1).await;
    app.app.rooms.lose_hints(app.shop.id);
    note(&app).await;
    let began = Instant::now();
    assert_eq!(kinds(&mut socket, 1).await, ["note_added"]);
    assert!(began.elapsed() < Duration::from_secs(3));
    assert_eq!(app.app.rooms.hints(app.shop.id), [0]);
}

#[tokio::test]
async fn room_is_closed_when_the_last_one_leaves() {
    let app = TestApp::start().await;
    let mut sockets = Vec::new();
    for who in [&app.shop.agent, &app.shop.outsider, &app.shop.owner] {
        let mut socket = connect(&app, who, "").await.unwrap();
        frame(&mut socket).await;
        sockets.push(socket);
    }
    settled(&app, 3).await;
    // The sockets, and the task that gave them hints.
    let others = app.app.tasks.len() - 4;
    drop(sockets);
    for _ in 0..500 {
        if app.app.rooms.is_left(app.shop.id) && app.app.tasks.len() <= others {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("something of the room is left");
}

async fn say(socket: &mut Socket, said: &Value) {
    socket.send(Message::Text(said.to_string().into())).await.unwrap();
}

fn at(conversation: impl serde::Serialize, doing: &str) -> Value {
    json!({"type": "presence", "conversation": conversation, "doing": doing})
}

/// Who is told to be at the shop's conversation.
fn here(app: &TestApp, agents: &[(&Client, &str)]) -> Value {
    let mut agents: Vec<_> = agents.to_vec();
    agents.sort_by_key(|(who, _)| who.id);
    let agents: Vec<_> = agents.iter().map(|(who, doing)| json!({"agent": who.id, "doing": doing})).collect();
    json!({"type": "presence", "conversation": app.shop.conversation, "agents": agents})
}

/// A socket that was told where it stands.
async fn opened(app: &TestApp, who: &Client) -> Socket {
    let mut socket = connect(app, who, "").await.unwrap();
    assert_eq!(frame(&mut socket).await["type"], "events");
    socket
}

/// Waits for a frame; others may come before it.
async fn until(socket: &mut Socket, wanted: &Value) {
    for _ in 0..20 {
        if frame(socket).await == *wanted {
            return;
        }
    }
    panic!("never told: {wanted}");
}

#[tokio::test]
async fn who_is_at_a_conversation_is_told_to_everybody_who_sees_it() {
    let app = TestApp::start().await;
    let conversation = app.shop.conversation;
    let mut agent = opened(&app, &app.shop.agent).await;
    let mut owner = opened(&app, &app.shop.owner).await;
    settled(&app, 2).await;
    say(&mut agent, &at(conversation, "looking")).await;
    let alone = here(&app, &[(&app.shop.agent, "looking")]);
    assert_eq!(frame(&mut owner).await, alone);
    assert_eq!(frame(&mut agent).await, alone);
    say(&mut owner, &at(conversation, "replying")).await;
    let both = here(&app, &[(&app.shop.agent, "looking"), (&app.shop.owner, "replying")]);
    assert_eq!(frame(&mut agent).await, both);
    // Whoever comes later is told where everybody is.
    let mut late = opened(&app, &app.shop.admin).await;
    assert_eq!(frame(&mut late).await, both);
    drop(owner);
    assert_eq!(frame(&mut agent).await, alone);
    say(&mut agent, &at(Value::Null, "looking")).await;
    until(&mut late, &here(&app, &[])).await;
}

#[tokio::test]
async fn typing_that_goes_on_is_told_once() {
    let app = TestApp::start().await;
    let mut agent = opened(&app, &app.shop.agent).await;
    let mut owner = opened(&app, &app.shop.owner).await;
    for _ in 0..20 {
        say(&mut agent, &at(app.shop.conversation, "replying")).await;
    }
    assert_eq!(frame(&mut owner).await, here(&app, &[(&app.shop.agent, "replying")]));
    say(&mut agent, &at(app.shop.conversation, "replying")).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    label(&app, "una").await;
    assert_eq!(kinds(&mut owner, 1).await, ["label_created"]);
}

#[tokio::test]
async fn nobody_is_told_of_or_counted_at_a_conversation_that_he_may_not_see() {
    let app = TestApp::start().await;
    let conversation = app.shop.conversation;
    let mut owner = opened(&app, &app.shop.owner).await;
    let mut outsider = opened(&app, &app.shop.outsider).await;
    let mut stranger = opened(&app, &app.other.owner).await;
    settled(&app, 2).await;
    let before = app.app.rooms.hints(app.shop.id)[1];
    for socket in [&mut outsider, &mut stranger] {
        say(socket, &at(conversation, "replying")).await;
        // Answered: what was said before it was heard.
        socket.send(Message::Ping(Vec::new().into())).await.unwrap();
        assert!(matches!(socket.next().await, Some(Ok(Message::Pong(_)))));
    }
    say(&mut owner, &at(conversation, "looking")).await;
    let alone = here(&app, &[(&app.shop.owner, "looking")]);
    assert_eq!(frame(&mut owner).await, alone);
    assert_eq!(app.app.rooms.hints(app.shop.id)[1], before, "the outsider was woken");
    // Let in, he is told; put out while he is there, he is there no more.
    let members = format!("/api/v1/inboxes/{}/members", app.shop.inbox);
    app.shop.admin.put(&members, json!({"agents": [app.shop.outsider.id]})).await.ok();
    until(&mut outsider, &alone).await;
    say(&mut outsider, &at(conversation, "noting")).await;
    until(&mut owner, &here(&app, &[(&app.shop.owner, "looking"), (&app.shop.outsider, "noting")])).await;
    app.shop.admin.put(&members, json!({"agents": []})).await.ok();
    until(&mut owner, &alone).await;
    label(&app, "una").await;
    loop {
        let told = frame(&mut outsider).await;
        assert_ne!(told, alone, "told of what he sees no more");
        if told.to_string().contains("label_created") {
            break;
        }
    }
    let theirs = tokio::time::timeout(Duration::from_millis(200), stranger.next()).await;
    assert!(theirs.is_err(), "{theirs:?}");
}

#[tokio::test]
async fn several_screens_of_an_agent_are_one() {
    let app = TestApp::start().await;
    let conversation = app.shop.conversation;
    let mut owner = opened(&app, &app.shop.owner).await;
    let mut first = opened(&app, &app.shop.agent).await;
    let mut second = opened(&app, &app.shop.agent).await;
    say(&mut first, &at(conversation, "replying")).await;
    until(&mut owner, &here(&app, &[(&app.shop.agent, "replying")])).await;
    say(&mut second, &at(conversation, "looking")).await;
    until(&mut second, &here(&app, &[(&app.shop.agent, "replying")])).await;
    drop(first);
    until(&mut owner, &here(&app, &[(&app.shop.agent, "looking")])).await;
    drop(second);
    until(&mut owner, &here(&app, &[])).await;
}

#[tokio::test]
async fn agent_is_at_a_screen_until_it_goes_out_of_his_sight() {
    let app = TestApp::start().await;
    let until_there = async |expected: bool| {
        for _ in 0..1000 {
            if app.app.engine.attention.is_at_screen(app.shop.agent.id, app.clock.now()) == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it is not so: {expected}");
    };
    let mut socket = opened(&app, &app.shop.agent).await;
    until_there(false).await;
    let seen = at(Value::Null, "looking");
    let mut away = seen.clone();
    away["is_away"] = json!(true);
    for (said, expected) in [(&seen, true), (&away, false), (&seen, true)] {
        say(&mut socket, said).await;
        until_there(expected).await;
    }
    drop(socket);
    until_there(false).await;
}

#[tokio::test]
async fn writing_that_is_not_said_again_is_looking() {
    let app = TestApp::start().await;
    let writing_lasts = Duration::from_millis(1200);
    app.app.rooms.set_pace(Pace { writing_lasts, ..Pace::USUAL });
    let mut owner = opened(&app, &app.shop.owner).await;
    let mut agent = opened(&app, &app.shop.agent).await;
    say(&mut agent, &at(app.shop.conversation, "noting")).await;
    assert_eq!(frame(&mut owner).await, here(&app, &[(&app.shop.agent, "noting")]));
    tokio::time::sleep(writing_lasts / 2).await;
    let began = Instant::now();
    say(&mut agent, &at(app.shop.conversation, "noting")).await;
    assert_eq!(frame(&mut owner).await, here(&app, &[(&app.shop.agent, "looking")]));
    assert!(began.elapsed() >= writing_lasts);
}

#[tokio::test]
async fn silence_is_broken_by_a_beat_with_the_number_of_the_last_fact() {
    let app = TestApp::start().await;
    app.app.rooms.set_pace(Pace { beat_after: Duration::from_millis(1500), ..Pace::USUAL });
    let mut outsider = opened(&app, &app.shop.outsider).await;
    note(&app).await;
    // Not told of the note, but how far he is with it.
    assert_eq!(frame(&mut outsider).await, json!({"type": "beat", "seq": 1}));
    assert_eq!(frame(&mut outsider).await, json!({"type": "beat", "seq": 1}));
}

#[tokio::test]
async fn what_is_not_understood_is_a_sign_of_life_and_a_flood_ends_the_socket() {
    let app = TestApp::start().await;
    let mut socket = opened(&app, &app.shop.agent).await;
    say(&mut socket, &json!({"type": "shout", "text": "hello"})).await;
    socket.send(Message::Binary(vec![0; 64].into())).await.unwrap();
    say(&mut socket, &at(app.shop.conversation, "looking")).await;
    assert_eq!(frame(&mut socket).await, here(&app, &[(&app.shop.agent, "looking")]));
    for _ in 0..700 {
        if socket.feed(Message::Text("x".into())).await.is_err() {
            break;
        }
    }
    // It may be closed before all of that was taken.
    let _ = socket.flush().await;
    assert_eq!(frame(&mut socket).await, json!({"closed": 4429}));
    let mut socket = opened(&app, &app.shop.agent).await;
    say(&mut socket, &json!({"type": "presence", "long": "x".repeat(5000)})).await;
    let end = tokio::time::timeout(Duration::from_secs(5), socket.next()).await.expect("an end in time");
    assert!(!matches!(end, Some(Ok(Message::Text(_)))), "{end:?}");
}

fn fact() -> Recorded {
    Recorded {
        seq: 1,
        id: centrala_domain::EventId(uuid::Uuid::nil()),
        at: centrala_domain::Timestamp(0),
        actor: centrala_domain::agent::Actor::System,
        cause: None,
        depth: 0,
        trace: centrala_domain::TraceId(uuid::Uuid::nil()),
        event: centrala_domain::event::Event::WorkspaceChanged,
    }
}

#[tokio::test]
async fn what_is_no_fact_reaches_every_socket_of_its_agent_and_nobody_else() {
    let app = TestApp::start().await;
    let mut mine = Vec::new();
    for _ in 0..2 {
        let mut socket = connect(&app, &app.shop.agent, "").await.unwrap();
        frame(&mut socket).await;
        mine.push(socket);
    }
    let mut others = Vec::new();
    for who in [&app.shop.owner, &app.other.agent] {
        let mut socket = connect(&app, who, "").await.unwrap();
        frame(&mut socket).await;
        others.push(socket);
    }
    let tell = |text: &str| {
        app.app.rooms.tell_agent(app.shop.id, app.shop.agent.id, About::Preferences, &text.into());
    };
    tell(r#"{"n":1}"#);
    for socket in &mut mine {
        assert_eq!(frame(socket).await, json!({"n": 1}));
    }
    label(&app, "una").await;
    app.other.admin.post("/api/v1/labels", json!({"name": "a lor", "color": "#000000"})).await.created();
    for socket in &mut others {
        assert_eq!(kinds(socket, 1).await, ["label_created"]);
    }
    // One that has left gets nothing, and is in nobody's way.
    mine.remove(0).close(None).await.unwrap();
    assert_eq!(kinds(&mut mine[0], 1).await, ["label_created"]);
    tell(r#"{"n":2}"#);
    assert_eq!(frame(&mut mine[0]).await, json!({"n": 2}));
}

#[tokio::test]
async fn socket_that_does_not_take_what_is_no_fact_is_told_to_load_anew() {
    let app = TestApp::start().await;
    let mut socket = connect(&app, &app.shop.agent, "").await.unwrap();
    frame(&mut socket).await;
    let large = format!(r#"{{"text":"{}"}}"#, "x".repeat(600_000));
    for about in [About::Preferences, About::Draft(app.shop.conversation)] {
        app.app.rooms.tell_agent(app.shop.id, app.shop.agent.id, about, &large.as_str().into());
    }
    assert_eq!(frame(&mut socket).await["type"], "resync");
    assert_eq!(frame(&mut socket).await, json!({"closed": 4408}));
}

#[tokio::test]
async fn ones_own_drafts_and_preferences_come_to_ones_other_devices() {
    let app = TestApp::start().await;
    let mut mine = connect(&app, &app.shop.agent, "").await.unwrap();
    let mut owners = connect(&app, &app.shop.owner, "").await.unwrap();
    frame(&mut mine).await;
    frame(&mut owners).await;
    let path = format!("/api/v1/conversations/{}/draft", app.shop.conversation);
    let body = json!({"mode": "reply", "text": "secret text", "reply_to": null});
    let kept = app.shop.agent.put(&path, body).await.ok();
    let told = frame(&mut mine).await;
    assert_eq!(told, json!({"type": "draft", "conversation": app.shop.conversation, "draft": kept}));
    app.shop.agent.delete(&path).await.no_content();
    let told = frame(&mut mine).await;
    assert_eq!(told, json!({"type": "draft", "conversation": app.shop.conversation, "draft": null}));

    let steps = json!({"first_minutes": {"done": ["answer"], "dismissed": false}});
    let changed = app.shop.agent.patch("/api/v1/me/preferences", steps).await.ok();
    assert_eq!(frame(&mut mine).await, json!({"type": "preferences", "preferences": changed}));

    // None of it is a fact, and none of it was for anybody else.
    label(&app, "una").await;
    let next = frame(&mut owners).await;
    assert_eq!((&next["items"][0]["event"]["kind"], &next["seq"]), (&json!("label_created"), &json!(1)));
}
