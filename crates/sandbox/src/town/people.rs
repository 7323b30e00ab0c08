//! The invented people of the town. Any likeness of numbers is chance.

/// One customer at the start.
pub(crate) struct Person {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) phone: &'static str,
    pub(crate) username: Option<&'static str>,
    /// Romanian unless English.
    pub(crate) is_english: bool,
}

const fn person(id: &'static str, name: &'static str, phone: &'static str, is_english: bool) -> Person {
    Person { id, name, phone, username: None, is_english }
}

/// Everyone who lives here when the sandbox starts.
pub(crate) const PEOPLE: &[Person] = &[
    person("ana", "Ana Ionescu", "+40722555101", false),
    person("mihai", "Mihai Stan", "+40733555102", false),
    person("ioana", "Ioana Țurcanu", "+40744555103", false),
    person("radu", "Radu Șerban", "+40755555104", false),
    Person { username: Some("elena.dulce"), ..person("elena", "Elena Dumitrescu", "+40766555105", false) },
    person("vlad", "Vlad Munteanu", "+40727555106", false),
    person("carmen", "Carmen Popa", "+40738555107", false),
    person("stefan", "Ștefan Lungu", "+40749555108", false),
    person("emma", "Emma Clarke", "+447700900109", true),
    person("oliver", "Oliver Hughes", "+447700900110", true),
    Person { username: Some("sophie.bakes"), ..person("sophie", "Sophie Martin", "+447700900111", true) },
    person("daniel", "Daniel Weber", "+4915555555112", true),
];
