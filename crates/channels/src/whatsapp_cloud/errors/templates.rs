//! Codes about templates, their review, and numbers on the move (`cloud-api.md` section 14).

use centrala_domain::error_code::ErrorClass::{Account, Permanent, Throttle};
use centrala_domain::error_code::{ErrorEntry, Text};

use super::remedies::{MOVING, OTHER_TEMPLATE, SHORTEN, SLOWER, VALUES, WHATSAPP_MANAGER};
use super::{entry, text};

/// Cause and remedy shared by the codes of one range.
const MOVE: (Text, Text) = (
    text("The number could not be moved to another account.", "Numărul nu a putut fi mutat în alt cont."),
    MOVING,
);

/// The entries, by code.
pub(super) const TEMPLATES: &[ErrorEntry] = &[
    entry(
        132_000,
        Permanent,
        text(
            "The template got too many or too few values.",
            "Șablonul a primit prea multe sau prea puține valori.",
        ),
        text(
            "Fill in every field of the template and send it again.",
            "Completați toate câmpurile șablonului și trimiteți-l din nou.",
        ),
    ),
    entry(
        132_001,
        Permanent,
        text(
            "The template does not exist in this language or is not approved.",
            "Șablonul nu există în această limbă sau nu este aprobat.",
        ),
        OTHER_TEMPLATE,
    ),
    entry(
        132_005,
        Permanent,
        text(
            "The template is too long once its values are filled in.",
            "Șablonul este prea lung după completarea valorilor.",
        ),
        text("Use shorter values.", "Folosiți valori mai scurte."),
    ),
    entry(
        132_007,
        Permanent,
        text("The text of the template breaks a rule of Meta.", "Textul șablonului încalcă o regulă Meta."),
        OTHER_TEMPLATE,
    ),
    entry(
        132_008,
        Permanent,
        text("A value of the template has the wrong form.", "O valoare a șablonului are o formă greșită."),
        VALUES,
    ),
    entry(
        132_012,
        Permanent,
        text(
            "A value of the template is of the wrong kind.",
            "O valoare a șablonului este de alt fel decât cel așteptat.",
        ),
        VALUES,
    ),
    entry(
        132_015,
        Permanent,
        text(
            "Meta paused the template because customers reacted badly to it.",
            "Meta a suspendat șablonul pentru că a avut reacții negative de la clienți.",
        ),
        text(
            "Use another template until Meta lifts the pause.",
            "Folosiți alt șablon până când Meta ridică suspendarea.",
        ),
    ),
    entry(
        132_016,
        Permanent,
        text("Meta disabled the template for good.", "Meta a dezactivat definitiv șablonul."),
        OTHER_TEMPLATE,
    ),
    entry(
        132_068,
        Permanent,
        text("The form in the message is blocked.", "Formularul din mesaj este blocat."),
        text(
            "An admin must correct the form in WhatsApp Manager.",
            "Un administrator trebuie să corecteze formularul în WhatsApp Manager.",
        ),
    ),
    entry(
        132_069,
        Throttle,
        text(
            "The form in the message is limited to ten sends an hour.",
            "Formularul din mesaj este limitat la zece trimiteri pe oră.",
        ),
        SLOWER,
    ),
    entry(
        134_011,
        Account,
        text(
            "The payment terms of WhatsApp were not accepted.",
            "Condițiile de plată WhatsApp nu au fost acceptate.",
        ),
        WHATSAPP_MANAGER,
    ),
    entry(
        134_100,
        Permanent,
        text(
            "Only marketing templates can be sent this way.",
            "Numai șabloanele de marketing pot fi trimise astfel.",
        ),
        text("Choose a marketing template.", "Alegeți un șablon de marketing."),
    ),
    entry(
        134_101,
        Throttle,
        text(
            "The template is still being prepared, usually for ten minutes.",
            "Șablonul este încă în pregătire, de obicei zece minute.",
        ),
        SLOWER,
    ),
    entry(
        134_102,
        Account,
        text(
            "The template cannot be used for marketing messages.",
            "Șablonul nu poate fi folosit pentru mesaje de marketing.",
        ),
        WHATSAPP_MANAGER,
    ),
    entry(2_388_012, Permanent, MOVE.0, MOVE.1),
    entry(
        2_388_019,
        Permanent,
        text(
            "The account has as many templates as Meta allows.",
            "Contul are numărul maxim de șabloane permis de Meta.",
        ),
        text("Delete templates that are no longer used.", "Ștergeți șabloanele care nu mai sunt folosite."),
    ),
    entry(
        2_388_040,
        Permanent,
        text("A part of the template is too long.", "O parte a șablonului este prea lungă."),
        SHORTEN,
    ),
    entry(
        2_388_047,
        Permanent,
        text("The header of the template is not valid.", "Antetul șablonului nu este valid."),
        text(
            "Correct the header and submit the template again.",
            "Corectați antetul și trimiteți din nou șablonul spre aprobare.",
        ),
    ),
    entry(
        2_388_072,
        Permanent,
        text("The body of the template is not valid.", "Corpul șablonului nu este valid."),
        text(
            "Correct the body and submit the template again.",
            "Corectați corpul și trimiteți din nou șablonul spre aprobare.",
        ),
    ),
    entry(
        2_388_073,
        Permanent,
        text("The footer of the template is not valid.", "Subsolul șablonului nu este valid."),
        text(
            "Correct the footer and submit the template again.",
            "Corectați subsolul și trimiteți din nou șablonul spre aprobare.",
        ),
    ),
    entry(2_388_091, Permanent, MOVE.0, MOVE.1),
    entry(2_388_093, Permanent, MOVE.0, MOVE.1),
    entry(2_388_103, Permanent, MOVE.0, MOVE.1),
    entry(
        2_388_293,
        Permanent,
        text(
            "The template has too many variables for so little text.",
            "Șablonul are prea multe variabile pentru un text atât de scurt.",
        ),
        text(
            "Write more text around the variables or use fewer of them.",
            "Scrieți mai mult text în jurul variabilelor sau folosiți mai puține.",
        ),
    ),
    entry(
        2_388_299,
        Permanent,
        text(
            "A variable stands at the very start or end of the template.",
            "O variabilă stă chiar la începutul sau la sfârșitul șablonului.",
        ),
        text("Put words before and after the variable.", "Puneți cuvinte înainte și după variabilă."),
    ),
    entry(2_494_100, Permanent, MOVE.0, MOVE.1),
];
