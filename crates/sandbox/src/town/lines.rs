//! What the scripted customers say, as data. Each story goes on with its next part when somebody answered.

/// One thing a customer does.
pub(super) enum Part {
    /// Writes words.
    Say(&'static str),
    /// Sends a picture with words.
    Photo(&'static str),
    /// Records a voice note.
    Voice,
    /// Sends a sticker.
    Sticker,
    /// Sends a place: latitude, longitude, name.
    Place(f64, f64, &'static str),
    /// Reacts to the newest message of the business.
    React(&'static str),
}

/// A conversation from the customer's side.
pub(super) type Story = &'static [Part];

use Part::{Photo, Place, React, Say, Sticker, Voice};

pub(super) const ROMANIAN: &[Story] = &[
    &[
        Say("Bună ziua! Mai aveți cozonac cu nucă pentru sâmbătă?"),
        Say("Perfect, aș vrea două bucăți. Pot să trec pe la 10?"),
        React("👍"),
        Say("Mulțumesc frumos, pe sâmbătă!"),
    ],
    &[Say("Salut, la ce oră deschideți mâine?"), Say("Și duminica aveți program?"), React("❤️")],
    &[
        Photo("Pâinea de ieri era arsă dedesubt, uitați."),
        Say("Aș vrea să o schimb sau să primesc banii înapoi, dacă se poate."),
        Say("Am bonul, e de la ora 17:40."),
        Say("Ok, vin azi după serviciu. Mulțumesc."),
    ],
    &[
        Say("Bună! Vreau să comand un tort pentru ziua fetiței, 12 persoane."),
        Photo("Ceva de genul ăsta, dar cu roz"),
        Say("Fără alune, te rog, e alergică."),
        Say("Da, e bine 240 de lei. Avansul îl trimit azi."),
        Sticker,
    ],
    &[
        Voice,
        Say("Scuze, conduceam. Întrebam dacă livrați și în Florești."),
        Place(46.7475, 23.4908, "Florești, Cluj"),
        Say("Super, atunci 20 de covrigi cu susan pentru mâine la 8."),
    ],
    &[
        Say("Unde este comanda mea? Trebuia să ajungă la 9."),
        Say("E 1043, pe numele Stan."),
        Say("A ajuns, mulțumesc de ajutor!"),
    ],
    &[Say("Aveți pâine fără gluten?"), Say("Și cât costă una?"), Say("Ok, păstrați-mi vă rog două.")],
    &[
        Say("Bună, caut de lucru ca vânzătoare. Mai angajați?"),
        Say("Da, vă trimit CV-ul diseară."),
        React("🙏"),
    ],
];

pub(super) const ENGLISH: &[Story] = &[
    &[
        Say("Hi! Do you do sourdough on weekdays or only at the weekend?"),
        Say("Great, could you put one aside for Thursday?"),
        React("👍"),
    ],
    &[
        Say("Hello, what are your opening hours on Sunday?"),
        Say("Thanks! And is there parking nearby?"),
        Place(46.7712, 23.6236, "Strada Grâului 7"),
        Say("Is this the right place?"),
    ],
    &[
        Photo("My order came with the wrong pastries today"),
        Say("Order 1051. I asked for apple, these are cherry."),
        Say("A replacement tomorrow would be fine."),
        Say("Thank you, that was quick!"),
    ],
    &[
        Say("Hi, I would like to order 40 mini croissants for an office breakfast."),
        Say("Friday at 8:30, Republicii Street 12, third floor."),
        Say("Can you send an invoice to the company?"),
        Sticker,
    ],
    &[Voice, Say("Sorry about the voice note! I just wanted to say the bread is wonderful."), React("😂")],
    &[
        Say("Do you have anything without nuts?"),
        Say("What about traces? My son is allergic."),
        Say("Perfect, thanks for checking."),
    ],
];

/// What a customer says when the story is over and the business still writes.
pub(super) const ROMANIAN_CLOSING: &[&str] =
    &["Mulțumesc!", "Ok, am înțeles.", "Super, mersi frumos!", "Bine, o zi bună!"];
pub(super) const ENGLISH_CLOSING: &[&str] =
    &["Thank you!", "Got it.", "Lovely, thanks!", "All right, have a nice day!"];
