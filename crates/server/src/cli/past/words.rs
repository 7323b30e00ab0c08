//! Invented names and sentences of a bakery's customers, put together by chance.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

const FIRST_NAMES: [&str; 48] = [
    "Ana",
    "Andrei",
    "Bogdan",
    "Camelia",
    "Călin",
    "Cătălina",
    "Cristina",
    "Dan",
    "Daniela",
    "David",
    "Diana",
    "Dragoș",
    "Elena",
    "Emma",
    "Florin",
    "Gabriela",
    "George",
    "Horia",
    "Ileana",
    "Ilinca",
    "Ioan",
    "Irina",
    "James",
    "Kata",
    "Laura",
    "Lucian",
    "Mădălina",
    "Marius",
    "Mihaela",
    "Mircea",
    "Nicoleta",
    "Oana",
    "Ovidiu",
    "Paul",
    "Petra",
    "Răzvan",
    "Roxana",
    "Sânziana",
    "Sarah",
    "Sergiu",
    "Silvia",
    "Sorin",
    "Ștefania",
    "Teodora",
    "Tudor",
    "Valentin",
    "Victor",
    "Zoltán",
];

const LAST_NAMES: [&str; 44] = [
    "Albu",
    "Antonescu",
    "Bălan",
    "Barbu",
    "Bucur",
    "Ciobanu",
    "Cojocaru",
    "Constantin",
    "Cristea",
    "Dănilă",
    "Diaconu",
    "Dobre",
    "Dragomir",
    "Enache",
    "Filip",
    "Florea",
    "Ghiță",
    "Grigore",
    "Hughes",
    "Iacob",
    "Ilie",
    "Kovács",
    "Lazăr",
    "Lupu",
    "Manole",
    "Marin",
    "Mocanu",
    "Neagu",
    "Nistor",
    "Oprea",
    "Păun",
    "Petrescu",
    "Pop",
    "Rusu",
    "Sandu",
    "Savu",
    "Stoica",
    "Szabó",
    "Taylor",
    "Toma",
    "Țepeș",
    "Ungureanu",
    "Vasile",
    "Voicu",
];

const QUESTIONS: [&str; 30] = [
    "Bună ziua! Mai aveți {thing} pentru {day}?",
    "Bună, aș vrea să comand {thing} pentru {day}, se poate?",
    "Cât costă {thing}? Dar dacă iau zece bucăți?",
    "Bună dimineața, {thing} se face și fără zahăr?",
    "Aș dori să modific comanda {order}: în loc de {thing} aș vrea altceva.",
    "Comanda {order} nu a ajuns încă. Știți când vine curierul?",
    "Livrați și în afara orașului? Ar fi vorba de {thing} pentru {day}.",
    "Am uitat să spun: pentru comanda {order} am nevoie de factură pe firmă.",
    "Vă rog să anulați comanda {order}, am greșit adresa.",
    "Bună! {thing} conține nuci? Întreb pentru copil, are alergie.",
    "La ce oră pot ridica {thing} {day}?",
    "Am comandat {thing}, dar am primit altceva. Cum procedăm?",
    "Mulțumesc pentru ieri, a fost excelent! Mai facem o comandă: {thing} pentru {day}.",
    "Se poate plăti cu cardul la livrare? Comanda {order}.",
    "Aveți program {day}?",
    "Ne trebuie {thing} pentru o petrecere cu 20 de persoane, {day}. Ce ne recomandați?",
    "Puteți scrie „La mulți ani, Ilinca!” pe {thing}?",
    "Bună seara. Reducerea de săptămâna trecută mai e valabilă pentru {thing}?",
    "Curierul a sunat, dar nu eram acasă. Se poate relivra comanda {order} {day}?",
    "Cât timp rezistă {thing} la temperatura camerei?",
    "Hi! Do you still have {thing} for {day}?",
    "Hello, can I change the address of order {order}?",
    "Good morning! Is {thing} suitable for vegans?",
    "Hi, my order {order} says delivered but I have nothing here.",
    "Could you keep {thing} aside for me until {day}?",
    "Do you take cards, or only cash? Order {order}.",
    "👋 Bună! {thing} pentru {day}, vă rog 🙏",
    "Am atașat adresa în comanda {order}. Blocul are interfon, etajul 4, apartamentul 17. Vă rog să sunați înainte, \
     pentru că lucrez de acasă și uneori sunt într-o ședință.",
    "Vreau o ofertă pentru firmă: {thing}, livrare zilnică, începând de {day}. Avem 35 de colegi la birou și plătim \
     la sfârșitul lunii, pe factură. Cu cine pot vorbi?",
    "ok",
];

const FOLLOW_UPS: [&str; 8] = [
    "Dacă se poate, până în prânz.",
    "Aștept un răspuns, mulțumesc!",
    "Sunt în apropiere, pot să trec și eu.",
    "Numărul comenzii este {order}.",
    "Ah, și încă ceva: {thing}.",
    "Thank you!",
    "?",
    "E pentru {day}, am uitat să scriu.",
];

const ANSWERS: [&str; 14] = [
    "Bună ziua! Da, avem {thing}. Vă păstrăm pentru {day}?",
    "Am verificat: comanda {order} pleacă azi, până la ora 16.",
    "Sigur, am notat. O puteți ridica {day}, între 9 și 18.",
    "Ne pare rău pentru întârziere. Vă trimitem {thing} din partea casei.",
    "Am modificat comanda {order}. Totalul rămâne același.",
    "Din păcate {thing} nu mai este pentru {day}, dar avem proaspăt în fiecare dimineață.",
    "Da, se poate plăti cu cardul la livrare.",
    "Am vorbit cu colegii de la laborator: se poate fără nuci, dar în aceeași bucătărie lucrăm și cu nuci.",
    "Factura a plecat pe e-mail. Mai putem face ceva pentru dumneavoastră?",
    "Hello! Yes, we have {thing}. Shall we keep it for {day}?",
    "We have just changed order {order} for you.",
    "Sorry about that! The courier comes again {day}.",
    "Livrăm în tot orașul și în localitățile din jur, comanda minimă este de 60 de lei. Pentru {thing} avem nevoie \
     de o zi înainte, iar pentru torturi de două. Dacă doriți, vă trimitem oferta completă.",
    "Cu drag! O zi bună 🥐",
];

const THANKS: [&str; 6] =
    ["Mulțumesc!", "Super, mulțumesc frumos!", "Thank you 🙏", "Perfect.", "👍", "Mulțumim, o zi bună!"];

const NOTES: [&str; 5] = [
    "Clientă veche, plătește mereu la timp.",
    "A mai avut o problemă cu curierul luna trecută.",
    "De întrebat la laborator înainte de a promite.",
    "Preferă să fie sunat după ora 17.",
    "Factură pe firmă, datele sunt în comanda precedentă.",
];

const THINGS: [&str; 18] = [
    "cozonac cu nucă",
    "pâine cu maia",
    "două pâini de secară",
    "plăcinte cu brânză",
    "tort de ciocolată",
    "croissante cu unt",
    "covrigi cu mac",
    "pască",
    "baghete",
    "colivă pentru 30 de persoane",
    "fursecuri asortate",
    "cheesecake cu zmeură",
    "pateuri cu carne",
    "gluten-free bread",
    "a birthday cake",
    "sourdough",
    "un platou de mini-eclere",
    "ștrudel cu mere",
];

const DAYS: [&str; 9] = [
    "mâine",
    "sâmbătă",
    "duminică",
    "vineri la prânz",
    "luni",
    "joi dimineață",
    "weekend",
    "Saturday",
    "tomorrow",
];

pub(super) fn name(dice: &mut ChaCha8Rng) -> String {
    let (first, last) = (pick(dice, &FIRST_NAMES), pick(dice, &LAST_NAMES));
    // Some write their name as they please.
    match dice.random_range(0..20) {
        0 => first.to_owned(),
        1 => format!("{} {}", first.to_lowercase(), last.to_lowercase()),
        2 => format!("{last} {first} 🌻"),
        3 => format!("{first} {last}-{}", pick(dice, &LAST_NAMES)),
        _ => format!("{first} {last}"),
    }
}

pub(super) fn question(dice: &mut ChaCha8Rng) -> String {
    let template = pick(dice, &QUESTIONS);
    filled(dice, template)
}

pub(super) fn follow_up(dice: &mut ChaCha8Rng) -> String {
    let template = pick(dice, &FOLLOW_UPS);
    filled(dice, template)
}

pub(super) fn answer(dice: &mut ChaCha8Rng) -> String {
    let template = pick(dice, &ANSWERS);
    filled(dice, template)
}

pub(super) fn thanks(dice: &mut ChaCha8Rng) -> String {
    pick(dice, &THANKS).to_owned()
}

pub(super) fn note(dice: &mut ChaCha8Rng) -> String {
    pick(dice, &NOTES).to_owned()
}

fn filled(dice: &mut ChaCha8Rng, template: &str) -> String {
    let mut text = template.to_owned();
    for (gap, words) in [("{thing}", THINGS.as_slice()), ("{day}", DAYS.as_slice())] {
        if text.contains(gap) {
            text = text.replace(gap, pick(dice, words));
        }
    }
    if text.contains("{order}") {
        text = text.replace("{order}", &dice.random_range(10_000..100_000).to_string());
    }
    text
}

fn pick<'a>(dice: &mut ChaCha8Rng, words: &[&'a str]) -> &'a str {
    words[dice.random_range(0..words.len())]
}
