//! Codes of the Graph API as a whole, and of Pages and Instagram (`cloud-api.md` sections 14 and 17).

use centrala_domain::error_code::ErrorClass::{Account, Credential, Permanent, Retry, Throttle, Window};
use centrala_domain::error_code::{ErrorEntry, Text};

use super::remedies::{AGAIN, CHANGE_MESSAGE, NEW_TOKEN, PERMISSION, SLOWER, TELL_ADMIN, WHATSAPP_MANAGER};
use super::{entry, text};

/// Cause and remedy shared by the codes of one range.
const INSIGHTS: (Text, Text) = (
    text(
        "Template statistics are not available for this account.",
        "Statisticile șabloanelor nu sunt disponibile pentru acest cont.",
    ),
    text(
        "An admin can switch them on in WhatsApp Manager, where Meta offers them.",
        "Un administrator le poate activa în WhatsApp Manager, acolo unde Meta le oferă.",
    ),
);

/// The entries, by code.
pub(super) const GRAPH: &[ErrorEntry] = &[
    entry(
        0,
        Credential,
        text("Meta could not verify the access token.", "Meta nu a putut verifica tokenul de acces."),
        NEW_TOKEN,
    ),
    entry(
        1,
        Retry,
        text(
            "Meta had an unknown error, usually a passing fault on its side.",
            "Meta a avut o eroare necunoscută, de obicei o defecțiune trecătoare la ei.",
        ),
        AGAIN,
    ),
    entry(
        2,
        Retry,
        text("Meta's service is down or overloaded.", "Serviciul Meta este oprit sau suprasolicitat."),
        AGAIN,
    ),
    entry(
        3,
        Credential,
        text("The Meta app may not do this.", "Aplicația Meta nu are dreptul să facă acest lucru."),
        PERMISSION,
    ),
    entry(
        4,
        Throttle,
        text(
            "The Meta app made too many calls in a short time.",
            "Aplicația Meta a făcut prea multe apeluri într-un timp scurt.",
        ),
        SLOWER,
    ),
    entry(
        10,
        Credential,
        text(
            "The Meta app lacks a permission, or it was taken away.",
            "Aplicației Meta îi lipsește o permisiune sau i-a fost retrasă.",
        ),
        PERMISSION,
    ),
    entry(
        17,
        Throttle,
        text(
            "Too many calls in the name of one user.",
            "Prea multe apeluri în numele unui singur utilizator.",
        ),
        SLOWER,
    ),
    entry(
        32,
        Throttle,
        text("Too many calls for one Page.", "Prea multe apeluri pentru o singură Pagină."),
        SLOWER,
    ),
    entry(
        33,
        Account,
        text(
            "The number or the account no longer exists, or the app may no longer see it.",
            "Numărul sau contul nu mai există ori aplicația nu mai are acces la el.",
        ),
        text(
            "An admin must check in WhatsApp Manager that the number still exists and connect it again.",
            "Un administrator trebuie să verifice în WhatsApp Manager că numărul există și să îl reconecteze.",
        ),
    ),
    entry(
        100,
        Permanent,
        text("A part of the request is not valid.", "O parte a cererii nu este validă."),
        CHANGE_MESSAGE,
    ),
    entry(
        190,
        Credential,
        text("The access token expired or was revoked.", "Tokenul de acces a expirat sau a fost revocat."),
        NEW_TOKEN,
    ),
    entry(
        200,
        Credential,
        text(
            "The Meta app lacks a permission for this number or account.",
            "Aplicației Meta îi lipsește o permisiune pentru acest număr sau cont.",
        ),
        PERMISSION,
    ),
    entry(341, Throttle, text("The Meta app reached a limit.", "Aplicația Meta a atins o limită."), SLOWER),
    entry(
        368,
        Account,
        text(
            "Meta restricted the account for breaking its rules.",
            "Meta a restricționat contul pentru încălcarea regulilor sale.",
        ),
        WHATSAPP_MANAGER,
    ),
    entry(
        506,
        Permanent,
        text("The same comment was already posted.", "Același comentariu a fost deja publicat."),
        text("Change the text before posting it again.", "Modificați textul înainte de a-l publica din nou."),
    ),
    entry(
        551,
        Permanent,
        text("This person cannot be reached now.", "Această persoană nu poate fi contactată acum."),
        text("Wait until the customer writes again.", "Așteptați până când clientul scrie din nou."),
    ),
    entry(613, Throttle, text("Too many calls of this kind.", "Prea multe apeluri de acest fel."), SLOWER),
    entry(
        803,
        Permanent,
        text("Meta does not know the object that was asked for.", "Meta nu cunoaște obiectul cerut."),
        TELL_ADMIN,
    ),
    entry(
        80_007,
        Throttle,
        text(
            "The WhatsApp account reached its hourly limit of management calls.",
            "Contul WhatsApp a atins limita orară de apeluri de administrare.",
        ),
        SLOWER,
    ),
    entry(200_005, Permanent, INSIGHTS.0, INSIGHTS.1),
    entry(200_006, Permanent, INSIGHTS.0, INSIGHTS.1),
    entry(200_007, Permanent, INSIGHTS.0, INSIGHTS.1),
    entry(
        1_545_041,
        Permanent,
        text(
            "This person cannot be reached now, or the time to answer has passed.",
            "Această persoană nu poate fi contactată acum sau timpul de răspuns a trecut.",
        ),
        text("Wait until the customer writes again.", "Așteptați până când clientul scrie din nou."),
    ),
    entry(
        2_018_278,
        Window,
        text(
            "The time in which an answer is allowed has passed.",
            "Timpul în care este permis un răspuns a trecut.",
        ),
        text("Wait until the customer writes again.", "Așteptați până când clientul scrie din nou."),
    ),
];
